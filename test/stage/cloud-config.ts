/** The configuration for the lab's cloud, read as a worker would read it: from a file and from clouds.yaml. */
import { execFileSync } from 'node:child_process';
import { existsSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { type Config, loadConfig } from '../../src/config.ts';
import type { FileConfig } from '../../src/config-file.ts';
import type { CloudLab } from '../lab/openstack/cloud-lab.ts';

export interface CloudConfigured {
  file: FileConfig;
  clouds: Config['clouds'];
  /** Of the key with which Drawbridge logs in to the hosts that it makes. */
  keyFile: string;
  /** Settings for a worker in a process of its own. */
  env: Record<string, string>;
}

/**
 * One cloud by the name `lab`; Alice asks, Bob decides.
 * @param folder for the key and the file; it goes with the test
 * @param hosts the section `hosts`, in YAML's flow style
 * @param more what else is said of the cloud, a line of YAML
 */
export function cloudConfig(cloud: CloudLab, folder: string, hosts = '{}', more = ''): CloudConfigured {
  const keyFile = join(folder, 'id_ed25519');
  if (!existsSync(keyFile)) execFileSync('ssh-keygen', ['-q', '-t', 'ed25519', '-N', '', '-f', keyFile]);
  const path = join(folder, 'drawbridge.yaml');
  writeFileSync(
    path,
    `
clouds:
  lab:
    os_cloud: ${cloud.cloud}
    external_network: ${cloud.externalNetwork}
    network: ${cloud.network}
    image: ${cloud.image}
    flavor: ${cloud.flavor}
    key_file: ${keyFile}
    ssh_from: [outside]
    ${more}
hosts: ${hosts}
networks:
  outside: [${cloud.gateway}/32]
roles:
  operators: { users: [U0ALICE, U0BOB] }
  approvers: { users: [U0BOB, U0DAVE] }
policy:
  look: [operators]
  ask: [operators]
  approve: [approvers]
`,
  );
  const env = { DRAWBRIDGE_CONFIG: path, OS_CLIENT_CONFIG_FILE: cloud.cloudsFile };
  const { file, clouds } = loadConfig(env);
  if (file === undefined) throw new Error(`${path} was not read`);
  return { file, clouds, keyFile, env };
}
