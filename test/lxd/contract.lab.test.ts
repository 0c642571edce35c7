/** The contract, held against real LXD over each transport. */
import { readFileSync } from 'node:fs';
import { createLxdClient } from '../../src/lxd/client.ts';
import type { LxdTransportConfig } from '../../src/lxd/transport.ts';
import { describeLab } from '../lab/describe-lab.ts';
import type { LabHost } from '../lab/lab.ts';
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
  const web1Corner = { prefix: '10.13.0', kernelAddress: '203.0.113.101' };
  const web2Corner = { prefix: '10.14.0', kernelAddress: '203.0.113.102' };

  contract('by its socket', web1, () => ({ kind: 'unix', socket: web1.socket }), web1Corner);
  contract('through SSH', web1, () => sshTo(web1), web1Corner);
  contract('over HTTPS', web2, () => httpsTo(web2), web2Corner);
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
