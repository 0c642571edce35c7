/** One Drawbridge of its own for one case: a fake cloud, a real LXD, both watched, and workers that can be killed. */
import { join } from 'node:path';
import { type FakeCloud, startFakeCloud } from '../../openstack/fake-cloud/fake-cloud.ts';
import { EXTERNAL } from '../../openstack/fake-cloud/furnish.ts';
import type { Heard } from '../../openstack/fake-cloud/wire.ts';
import { fakeCloudConfig } from '../../stage/fake-cloud-config.ts';
import { openGate } from '../../stage/lxd-gate.ts';
import type { TestRedis } from '../../stage/start-redis.ts';
import { spawnWorker, type WorkerProcess } from '../../stage/worker-process.ts';
import { type Backstage, openBackstage, QUICK_TAKEOVER } from '../backstage.ts';
import { type Changes, countChanges } from '../count-changes.ts';
import { followPlug, unplug } from './cards.ts';
import { type CloudLedger, openLedger } from './cloud-ledger.ts';
import { addForeigners, addFreeFloatingIp, addHost } from './fake-host.ts';
import { openFront } from './front.ts';
import type { Slot } from './slots.ts';

export interface Ground {
  redis: TestRedis;
  /** For sockets and files. */
  folder: string;
  /** The worker's program. */
  program: string;
}

export interface Side {
  back: Backstage;
  cloud: FakeCloud;
  changes: Changes;
  ledger: CloudLedger;
  /** Starts a worker in a process of its own. */
  spawn(): void;
  /** kill -9 of every such process. */
  kill(): void;
  close(): Promise<void>;
}

let sides = 0;

/** @param lent whether the project has a floating IP that nobody uses */
export async function openSide(slot: Slot, { redis, folder, program }: Ground, lent = false): Promise<Side> {
  sides += 1;
  const name = `fake${sides}`;
  const changes = countChanges([slot.instance, slot.address, slot.host.bridge]);
  let follow: () => Promise<void> = async () => {};
  const cloud = await startFakeCloud({
    before: (heard) =>
      isChange(heard) && changes.meet('before', heard.method, heard.path) ? 'drop' : undefined,
    after: async (heard, reply) => {
      if (!isChange(heard)) return undefined;
      await followPlug(heard, reply, cloud.state, slot.host.namespace);
      await follow();
      return changes.meet('after', heard.method, heard.path) ? 'drop' : undefined;
    },
  });
  const host = addHost(cloud.state, slot);
  await addForeigners(cloud, host);
  if (lent) await addFreeFloatingIp(cloud, host);
  if (slot.mac !== undefined) cloud.state.macs.push(slot.mac);
  const ledger = openLedger(cloud.state, host.port);
  const front = openFront(cloud.state, host.port);
  follow = front.follow;
  const socket = join(folder, `${name}.sock`);
  const gate = await openGate({
    socket,
    target: slot.host.socket,
    ...changes.atGate,
  });
  const settings = fakeCloudConfig({ [name]: { cloud, external: EXTERNAL.network } }, folder);
  const hosts = { web1: { unix: socket, server: { cloud: name, name: 'web1' } } };
  const back = await openBackstage(hosts, redis, undefined, settings, QUICK_TAKEOVER);
  const workers: WorkerProcess[] = [];
  const kill = (): void => {
    for (const worker of workers) worker.kill();
  };
  changes.forget();
  return {
    back,
    cloud,
    changes,
    ledger,
    spawn: () => void workers.push(spawnWorker(back.env, program)),
    kill,
    async close() {
      kill();
      await back.close();
      await gate.close();
      await front.close();
      await cloud.stop();
      if (slot.mac !== undefined) await unplug(slot.mac);
    },
  };
}

function isChange({ service, method }: Heard): boolean {
  return service !== 'identity' && method !== 'GET';
}
