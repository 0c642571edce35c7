/** The life of instances, on the sandbox. */
import { mkdtempSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { describe } from 'vitest';
import { createSandboxHost } from '../../src/sandbox/lxd/lxd-host.ts';
import { instanceLife } from './instance-life.ts';

describe('instances of the sandbox', () => {
  instanceLife(async () => {
    const folder = mkdtempSync(join(tmpdir(), 'db-life-'));
    const socket = join(folder, 'lxd.sock');
    const log = { info() {}, warn() {}, error() {} };
    const host = createSandboxHost({ socket, publicAddress: '127.0.0.1', log });
    await host.start();
    return {
      side: { host: 'box', socket, address: '127.0.0.1', image: 'debian/12', firstPort: 18_500 },
      async end() {
        await host.stop();
        rmSync(folder, { recursive: true, force: true });
      },
    };
  });
});
