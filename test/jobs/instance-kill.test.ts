/** A worker killed when the sandbox has made an instance and nobody has noted it: there is exactly one afterwards. */
import { mkdtempSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { describe } from 'vitest';
import { createSandboxHost } from '../../src/sandbox/lxd/lxd-host.ts';
import { instanceKill } from './instance-kill.ts';

describe('a worker killed in the middle of a launch', () => {
  const prepare = async () => {
    const folder = mkdtempSync(join(tmpdir(), 'db-kill-box-'));
    const socket = join(folder, 'lxd.sock');
    const host = createSandboxHost({
      socket,
      publicAddress: '127.0.0.1',
      log: { info() {}, warn() {}, error() {} },
    });
    await host.start();
    return {
      sides: [{ host: 'box', socket, address: '127.0.0.1', image: 'debian/12', firstPort: 18_600 }],
      async end() {
        await host.stop();
        rmSync(folder, { recursive: true, force: true });
      },
    };
  };
  instanceKill([{ action: 'launch', calls: 1 }], prepare, ['after']);
});
