/** The contract, held against the sandbox. */
import { mkdtemp, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { createLxdClient } from '../../src/lxd/client.ts';
import { createSandboxHost } from '../../src/sandbox/lxd/lxd-host.ts';
import { describeContract } from './contract.ts';

const silent = { info() {}, warn() {}, error() {} };

describeContract('the contract with LXD: the sandbox', async () => {
  const folder = await mkdtemp(join(tmpdir(), 'drawbridge-contract-'));
  const socket = join(folder, 'lxd.sock');
  const host = createSandboxHost({ socket, publicAddress: '127.0.0.1', log: silent });
  await host.start();
  return {
    side: {
      connect: () => createLxdClient({ host: 'sandbox', transport: { kind: 'unix', socket } }),
      network: 'lxdbr0',
      web: 'blog',
      other: 'shop',
      inner: { name: 'db', port: 5432 },
      stopped: 'attic',
      image: 'debian/12',
      profile: 'default',
      kernelAddress: '127.0.0.1',
      hostAddress: '127.0.0.1',
      firstPort: 19_000,
      stranger: '127.0.0.2',
    },
    async end() {
      await host.stop();
      await rm(folder, { recursive: true });
    },
  };
});
