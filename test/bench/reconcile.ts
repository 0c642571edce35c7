/** 10,000 doors on 50 pretended hosts compared with the road: how long a pass takes, and whether time and memory grow with what there is. */
import { fork } from 'node:child_process';
import { once } from 'node:events';
import { mkdtempSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { setFlagsFromString } from 'node:v8';
import { runInNewContext } from 'node:vm';
import { connectHosts } from '../../jobs/connect-hosts.ts';
import { lookAtClouds } from '../../jobs/observe/observe-cloud.ts';
import { observeHost } from '../../jobs/observe/observe-host.ts';
import { reconcileDoors } from '../../jobs/reconcile/reconcile-doors.ts';
import type { Hosts } from '../../jobs/tools.ts';
import { parseConfigFile } from '../../src/config-file.ts';
import { RECONCILE } from '../../src/core/differences/own-accord.ts';
import { standingDoors } from '../../src/core/tags/standing-doors.ts';
import { createLog } from '../../src/log.ts';
import { createQueues } from '../../src/queues.ts';
import { createRecords, type Records } from '../../src/records/records.ts';
import { connectRedis } from '../../src/records/redis.ts';
import { startRedis, type TestRedis } from '../stage/start-redis.ts';
import type { Figure } from './figures.ts';

const DOORS_A_HOST = 200;
/** 1,000, 5,000 and 10,000 doors. */
const HOSTS = [5, 25, 50] as const;
const WANTED_S = 60;

interface Run {
  doors: number;
  ms: number;
  /** What this process computed for it; others on the machine do not count. */
  cpuMs: number;
  /** The most that the heap grew while it ran, and what of it stayed, in MB. */
  grewMb: number;
  keptMb: number;
  /** The most that all of the process grew. */
  rssMb: number;
}

export async function benchReconcile(): Promise<Figure[]> {
  const redis = await startRedis();
  try {
    const runs: Run[] = [];
    // The first warms up what is compiled while it runs.
    for (const hosts of [HOSTS[0], ...HOSTS]) runs.push(await measure(hosts, redis));
    return figuresOf(runs.slice(1));
  } finally {
    await redis.stop();
  }
}

function figuresOf(runs: readonly Run[]): Figure[] {
  const [least, most] = [runs[0], runs.at(-1)];
  if (least === undefined || most === undefined) throw new Error('nothing was measured');
  const linear = most.cpuMs / most.doors / (least.cpuMs / least.doors);
  const memory = most.grewMb / Math.max(least.grewMb, 8);
  return [
    ...runs.map(({ doors, ms, grewMb, keptMb, rssMb }) => ({
      what: `reconciling ${doors} doors on ${doors / DOORS_A_HOST} hosts`,
      measured: `${(ms / 1_000).toFixed(2)} s, heap +${grewMb.toFixed(0)} MB, kept ${keptMb.toFixed(1)} MB, RSS +${rssMb.toFixed(0)} MB`,
      wanted: `< ${WANTED_S} s`,
      holds: ms < WANTED_S * 1_000,
    })),
    {
      what: '… computing for each door, 10,000 against 1,000',
      measured: `${linear.toFixed(2)}x`,
      wanted: '<= 1.5x',
      holds: linear <= 1.5,
    },
    {
      what: '… growth of the heap, 10,000 against 1,000',
      measured: `${memory.toFixed(2)}x`,
      wanted: '<= 2x',
      holds: memory <= 2,
    },
  ];
}

async function measure(count: number, redis: TestRedis): Promise<Run> {
  const folder = mkdtempSync(join(tmpdir(), 'db-many-'));
  const script = new URL('many-hosts.ts', import.meta.url).pathname;
  const child = fork(script, [folder, String(count), String(DOORS_A_HOST)], {
    execArgv: ['--import', 'tsx'],
  });
  const log = createLog({ level: 'silent', readable: false });
  const own = await connectRedis(redis.config, { patient: false }, log);
  const prefix = `bench${count}-${process.pid}-${Math.random()}`;
  const records = createRecords(own, prefix);
  const queues = createQueues(own, prefix);
  const hosts = hostsIn(folder, count, records);
  try {
    await once(child, 'message');
    await register(hosts, records);
    const tools = { hosts, clouds: [], records, queues, reconcile: RECONCILE, log };
    return await watched(count * DOORS_A_HOST, async () => {
      const { doors, differences, unseen } = await reconcileDoors({}, AbortSignal.timeout(300_000), tools);
      if (doors !== count * DOORS_A_HOST || differences > 0 || unseen.length > 0)
        throw new Error(`saw ${doors} doors, ${differences} differences, not seen: ${unseen.join()}`);
    });
  } finally {
    child.kill();
    await hosts.close();
    await queues.close();
    own.disconnect();
    rmSync(folder, { recursive: true, force: true });
  }
}

function hostsIn(folder: string, count: number, { knownHosts }: Records): Hosts {
  const lines = Array.from(
    { length: count },
    (_, index) =>
      `  h${index}: { unix: ${join(folder, `h${index}.sock`)}, public_address: 198.51.100.${1 + index} }`,
  );
  const parsed = parseConfigFile(`hosts:\n${lines.join('\n')}\n`);
  if ('problems' in parsed) throw new Error(parsed.problems.join('\n'));
  return connectHosts(parsed.config, [], knownHosts);
}

/** As the doors stand, so they are registered: then nothing differs. */
async function register(hosts: Hosts, { doors }: Records): Promise<void> {
  const look = lookAtClouds({ clouds: [] });
  for (const host of await hosts.list())
    for (const { door, things } of standingDoors(await observeHost(host, undefined, look)))
      await doors.put({
        ...door,
        ...{
          publicAddress: door.publicAddress ?? '',
          owner: 'U0ALICE',
          request: door.id.replace('door', 'req'),
        },
        ...{ openedAt: 1, channel: 'C0DOORS', things, proof: { state: 'proven', seen: 'it answered' } },
      });
}

/** Timed undisturbed, then once more with a look at the memory every now and then. */
async function watched(doors: number, work: () => Promise<void>): Promise<Run> {
  const begun = performance.now();
  const cpu = process.cpuUsage();
  await work();
  const ms = performance.now() - begun;
  const { user, system } = process.cpuUsage(cpu);
  return { doors, ms, cpuMs: (user + system) / 1_000, ...(await memoryOf(work)) };
}

async function memoryOf(work: () => Promise<void>): Promise<Pick<Run, 'grewMb' | 'keptMb' | 'rssMb'>> {
  const collect = collector();
  collect();
  const heap = (): number => process.memoryUsage().heapUsed / 2 ** 20;
  const rss = (): number => process.memoryUsage.rss() / 2 ** 20;
  const [before, rssBefore] = [heap(), rss()];
  let [most, rssMost] = [before, rssBefore];
  // What is not garbage is what counts, so it is swept before each look.
  const timer = setInterval(() => {
    rssMost = Math.max(rssMost, rss());
    collect();
    most = Math.max(most, heap());
  }, 100);
  try {
    await work();
  } finally {
    clearInterval(timer);
  }
  collect();
  const after = heap();
  return { grewMb: Math.max(most, after) - before, keptMb: after - before, rssMb: rssMost - rssBefore };
}

function collector(): () => void {
  setFlagsFromString('--expose-gc');
  return runInNewContext('gc') as () => void;
}
