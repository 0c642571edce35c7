/** What a configuration says of fake clouds, and how a worker gets in: by clouds.yaml, as into a real one. */
import { execFileSync } from 'node:child_process';
import { existsSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { stringify } from 'yaml';
import type { FakeCloud } from '../openstack/fake-cloud/fake-cloud.ts';

export interface CloudSettings {
  /** The section `clouds`. */
  section: Record<string, unknown>;
  env: Record<string, string>;
}

/**
 * @param clouds by the names that they get, each with the network that its floating IPs come from
 * @param folder for clouds.yaml and the key; it goes with the test
 */
export function fakeCloudConfig(
  clouds: Readonly<Record<string, { cloud: FakeCloud; external: string }>>,
  folder: string,
): CloudSettings {
  const key = join(folder, 'id_ed25519');
  if (!existsSync(key)) execFileSync('ssh-keygen', ['-q', '-t', 'ed25519', '-N', '', '-f', key]);
  const entries = Object.entries(clouds);
  const path = join(folder, `clouds-${entries.map(([name]) => name).join('-')}.yaml`);
  const logins = entries.map(([name, { cloud }]) => [name, loginOf(cloud)]);
  writeFileSync(path, stringify({ clouds: Object.fromEntries(logins) }));
  const sections = entries.map(([name, { external }]) => [
    name,
    { os_cloud: name, external_network: external, key_file: key },
  ]);
  return { section: Object.fromEntries(sections), env: { OS_CLIENT_CONFIG_FILE: path } };
}

function loginOf({ access, credentials }: FakeCloud): object {
  const { user, password, project, domain } = credentials;
  return {
    auth: {
      auth_url: access.authUrl,
      username: user,
      password,
      project_name: project,
      user_domain_name: domain.name,
      project_domain_name: domain.name,
    },
  };
}
