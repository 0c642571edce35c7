/** The contract, held against real LXD over each transport. */
import { readFileSync } from 'node:fs';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { createLxdClient } from '../../src/lxd/client.ts';
import type { LxdTransportConfig } from '../../src/lxd/transport.ts';
import { describeLab } from '../lab/describe-lab.ts';
import { type LabHost, lxc, lxcQuery } from '../lab/lab.ts';
import { describeContract } from './contract.ts';
import { type CornerOptions, makeCorner, removeCorner } from './contract-host.ts';

describeLab('the contract with LXD', (lab) => {
  const { web1, web2 } = lab.hosts;
  const contract = (
    name: string,
    host: LabHost,
    transport: () => LxdTransportConfig,
    corner: Omit<CornerOptions, 'stranger' | 'firstPort'>,
  ): void => {
    const options = { ...corner, firstPort: 9000, stranger: lab.strangerAddress };
    describeContract(name, async () => {
      const config = transport();
      const side = await makeCorner(host, options);
      return {
        side: { ...side, connect: () => createLxdClient({ host: host.name, transport: config }) },
        end: () => removeCorner(host, options),
      };
    });
  };
  const web1Corner = { prefix: '10.13.0', kernelAddress: '192.0.2.101' };
  const web2Corner = { prefix: '10.14.0', kernelAddress: '192.0.2.102' };

  contract('by its socket', web1, () => ({ kind: 'unix', socket: web1.socket }), web1Corner);
  contract('through SSH', web1, () => sshTo(web1), web1Corner);
  contract('over HTTPS', web2, () => httpsTo(web2), web2Corner);

  describe('in a project', () => {
    const project = 'c-project';
    const remove = async (): Promise<void> => {
      await lxc(web1, 'delete', '--force', 'c-inside', '--project', project).catch(() => {});
      await lxc(web1, 'project', 'delete', project).catch(() => {});
    };
    beforeAll(async () => {
      await remove();
      const shared = ['-c', 'features.images=false', '-c', 'features.profiles=false'];
      await lxc(web1, 'project', 'create', project, ...shared);
      await lxc(web1, 'launch', 'lab', 'c-inside', '--project', project);
    });
    afterAll(remove);

    it('sees its instances and no others, and runs programs in them', async () => {
      const client = createLxdClient({
        host: 'web1',
        project,
        transport: { kind: 'unix', socket: web1.socket },
      });
      expect((await client.listInstances()).map(({ name }) => name)).toEqual(['c-inside']);
      await client.updateInstance('c-inside', ({ config }) => ({
        config: { ...config, 'user.contract': '1' },
      }));
      expect(await client.exec('c-inside', ['echo', 'hello'])).toEqual({ exitCode: 0, stdout: 'hello\n' });
      const logs = await lxcQuery<string[]>(web1, `/1.0/instances/c-inside/logs?project=${project}`);
      expect(logs.filter((path) => path.includes('exec_'))).toEqual([]);
      expect((await client.listNetworks()).some(({ name }) => name === web1.bridge)).toBe(true);
      await client.close();
    });
  });
});

function sshTo({ address, ssh, socket }: LabHost): LxdTransportConfig {
  const { user, port, keyFile, hostKeyFingerprint } = ssh;
  const privateKey = readFileSync(keyFile, 'utf8');
  return { kind: 'ssh', address, port, user, privateKey, hostKey: hostKeyFingerprint, socket };
}

function httpsTo({
  https,
}: {
  https: { url: string; certFile: string; keyFile: string; serverCertFingerprint: string };
}): LxdTransportConfig {
  const { url, certFile, keyFile, serverCertFingerprint } = https;
  return {
    kind: 'https',
    url,
    certificate: readFileSync(certFile, 'utf8'),
    key: readFileSync(keyFile, 'utf8'),
    serverFingerprint: serverCertFingerprint,
  };
}
