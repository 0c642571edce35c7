/** What a whole request costs beside an empty job of the same queue library: many at once, against a host that answers at once. */

import { mkdtempSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { Queue, Worker } from 'bullmq';
import { Redis } from 'ioredis';
import { createLog } from '../../src/log.ts';
import { createSandboxHost } from '../../src/sandbox/lxd/lxd-host.ts';
import { openBackstage } from '../jobs/backstage.ts';
import { startRedis } from '../stage/start-redis.ts';
import { until } from '../stage/until.ts';
import type { Figure } from './figures.ts';

const JOBS = 300;

export async function benchRequests(): Promise<Figure[]> {
  const redis = await startRedis();
  const folder = mkdtempSync(join(tmpdir(), 'db-bench-'));
  const socket = join(folder, 'lxd.sock');
  const sandbox = createSandboxHost({
    socket,
    publicAddress: '127.0.0.1',
    log: createLog({ level: 'silent', readable: false }),
  });
  await sandbox.start();
  const back = await openBackstage({ box: { unix: socket, public_address: '127.0.0.1' } }, redis);
  await back.work();
  try {
    const empty = await emptyJobs(redis.url);
    const looks = await lookJobs(back);
    const refused = await refusedRequests(back);
    return [
      { what: `empty BullMQ jobs, ${JOBS} at once`, measured: `${perSecond(empty)}/s` },
      {
        what: '… jobs of Drawbridge’s own queues (look)',
        measured: `${(looks / empty).toFixed(2)}x the time (${perSecond(looks)}/s)`,
        wanted: '<= 3x',
        holds: looks / empty <= 3,
      },
      {
        what: '… whole requests, kept, planned on a host, ended',
        measured: `${(refused / empty).toFixed(1)}x the time (${perSecond(refused)}/s)`,
        wanted: '<= 3x',
        holds: refused / empty <= 3,
      },
    ];
  } finally {
    await back.close();
    await sandbox.stop();
    await redis.stop();
    rmSync(folder, { recursive: true, force: true });
  }
}

function perSecond(tookMs: number): string {
  return String(Math.round((JOBS / tookMs) * 1_000));
}

async function emptyJobs(url: string): Promise<number> {
  const connections = [
    new Redis(url, { maxRetriesPerRequest: null }),
    new Redis(url, { maxRetriesPerRequest: null }),
  ] as const;
  const queue = new Queue('empty', { connection: connections[0] });
  const worker = new Worker('empty', async () => undefined, { connection: connections[1], concurrency: 16 });
  await worker.waitUntilReady();
  let finished = 0;
  worker.on('completed', () => (finished += 1));
  const begun = performance.now();
  await Promise.all(
    Array.from({ length: JOBS }, (_, index) => queue.add('empty', { index }, { removeOnComplete: true })),
  );
  await until(async () => (finished === JOBS ? true : undefined), 'the empty jobs', 60_000);
  const took = performance.now() - begun;
  await Promise.all([worker.close(), queue.close()]);
  for (const connection of connections) connection.disconnect();
  return took;
}

/** A look at a host that nobody has: the job, its payload’s check and its answer in the outbox, without any LXD. */
async function lookJobs({ queues, records }: Awaited<ReturnType<typeof openBackstage>>): Promise<number> {
  const before = await records.outbox.waiting();
  const begun = performance.now();
  await Promise.all(
    Array.from({ length: JOBS }, () =>
      queues.look({ command: { action: 'list', host: 'nobody' }, user: 'U0ALICE', channel: 'C0DOORS' }),
    ),
  );
  await until(
    async () => ((await records.outbox.waiting()) - before >= JOBS ? true : undefined),
    'the answers',
    60_000,
  );
  return performance.now() - begun;
}

/** Requests for an instance that is stopped: everything up to the plan, and the end with its audit and messages. */
async function refusedRequests(back: Awaited<ReturnType<typeof openBackstage>>): Promise<number> {
  const begun = performance.now();
  const ids = await Promise.all(Array.from({ length: JOBS }, () => back.ask('expose attic 80')));
  await until(
    async () => ((await back.records.requests.open()).length === 0 ? true : undefined),
    'the requests',
    120_000,
  );
  const took = performance.now() - begun;
  const [first = ''] = ids;
  if ((await back.records.requests.get(first))?.outcome?.kind !== 'refused')
    throw new Error('the requests were not refused');
  return took;
}
