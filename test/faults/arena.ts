/** A host, a Redis prefix and workers in processes of their own, which a test may kill at any call that changes the host; and how things ought to be. */
import { join } from 'node:path';
import { createLog } from '../../src/log.ts';
import { createLxdClient, type LxdClient } from '../../src/lxd/client.ts';
import { createSandboxHost } from '../../src/sandbox/lxd/lxd-host.ts';
import { type Backstage, openBackstage, QUICK_TAKEOVER } from '../jobs/backstage.ts';
import { type Changes, countChanges } from '../jobs/count-changes.ts';
import { openGate } from '../stage/lxd-gate.ts';
import type { TestRedis } from '../stage/start-redis.ts';
import { spawnWorker, type WorkerProcess } from '../stage/worker-process.ts';
import { type Expected, makeSlots, type Slot } from './slot.ts';

export interface Arena {
  back: Backstage;
  client: LxdClient;
  address: string;
  changes: Changes;
  slots: Slot[];
  /** The doors that ought to stand, by their public port. */
  model: Map<number, Expected>;
  workers: WorkerProcess[];
  /** Kills a worker by its place, and puts another there. */
  replace(place: number): void;
  close(): Promise<void>;
}

/** Public ports from here on need an approval. */
export const NEEDS_APPROVAL = 19_500;

/**
 * @param folder for sockets
 * @param address a loopback address that nobody else uses
 * @param program a worker that was compiled before
 */
export async function openArena(options: {
  folder: string;
  address: string;
  redis: TestRedis;
  program: string;
  workers: number;
  slots: number;
}): Promise<Arena> {
  const { folder, address, redis, program } = options;
  const [socket, gated] = [join(folder, `${address}.lxd`), join(folder, `${address}.gate`)];
  const log = createLog({ level: 'silent', readable: false });
  const host = createSandboxHost({ socket, publicAddress: address, log });
  await host.start();
  const changes = countChanges();
  const gate = await openGate({ socket: gated, target: socket, ...changes.atGate });
  const policy = {
    private_networks: ['0.0.0.0/0'],
    sensitive_ports: [],
    rules: [
      {
        name: 'high ports',
        when: { actions: ['expose'], ports: [`${NEEDS_APPROVAL}-19999`] },
        end: 'approve',
      },
    ],
  };
  const hosts = { web1: { unix: gated, public_address: address } };
  const back = await openBackstage(hosts, redis, policy, undefined, QUICK_TAKEOVER);
  const client = createLxdClient({ host: 'web1', transport: { kind: 'unix', socket } });
  const hire = () => spawnWorker(back.env, program);
  const workers = Array.from({ length: options.workers }, hire);
  return {
    ...{
      back,
      client,
      address,
      changes,
      workers,
      model: new Map(),
      slots: makeSlots(options.slots, NEEDS_APPROVAL),
    },
    replace(place) {
      workers[place]?.kill();
      workers[place] = hire();
    },
    async close() {
      for (const worker of workers) worker.kill();
      await client.close();
      await back.close();
      await gate.close();
      await host.stop();
    },
  };
}
