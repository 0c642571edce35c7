/** Workers killed while they do something with an instance of a real LXD. */
import { mkdtempSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { describeLab } from '../lab/describe-lab.ts';
import { ip } from '../lab/namespaces.ts';
import { buildWorker } from '../stage/built-worker.ts';
import { type Deed, instanceKill } from './instance-kill.ts';

/** Restoring with a door: stop, restore, the door's pin, start. Deleting with one: forward, pin, stop, delete. */
const DEEDS: Deed[] = [
  { action: 'launch', calls: 2 },
  { action: 'restart', calls: 2 },
  { action: 'snapshot', calls: 1 },
  { action: 'restore', calls: 4 },
  { action: 'delete', calls: 4 },
];
const ADDRESSES = [46, 47, 48].map((last) => `198.51.100.${last}`);

describeLab('a worker killed while it works on an instance', (lab) => {
  const { web1 } = lab.hosts;
  const prepare = async () => {
    const folder = mkdtempSync(join(tmpdir(), 'db-kill-lab-'));
    const program = await buildWorker(join(folder, 'worker'));
    for (const address of ADDRESSES)
      await ip(web1.namespace, 'address', 'replace', `${address}/24`, 'dev', 'eth0');
    const side = { host: 'web1', socket: web1.socket, image: 'lab', firstPort: 9_650 };
    return {
      sides: ADDRESSES.map((address) => ({ ...side, address })),
      program,
      async end() {
        for (const address of ADDRESSES)
          await ip(web1.namespace, 'address', 'delete', `${address}/24`, 'dev', 'eth0');
        rmSync(folder, { recursive: true, force: true });
      },
    };
  };
  // Before one call is after the one before it, and before the first nothing has happened yet.
  instanceKill(DEEDS, prepare, ['after']);
});
