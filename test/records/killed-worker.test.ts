/** A worker that is killed loses its job to another one. */
import { type ChildProcess, spawn } from 'node:child_process';
import { afterAll, beforeAll, expect, test } from 'vitest';
import { createLog } from '../../src/log.ts';
import { createQueues, startQueueWorker } from '../../src/queues.ts';
import type { Redis } from '../../src/records/redis.ts';
import { type PrivateRedis, startPrivateRedis } from '../support/private-redis.ts';

const PREFIX = '{test-killed-worker}';
/** The lock of a dead worker’s job falls after ten seconds, and every five seconds somebody looks for such jobs. */
const WITHIN_MS = 20_000;

let server: PrivateRedis;
let redis: Redis;
let child: ChildProcess | undefined;

beforeAll(async () => {
  server = await startPrivateRedis();
  redis = await server.connect();
});
afterAll(async () => {
  child?.kill('SIGKILL');
  await server?.stop();
});

test('after kill -9 its job is carried out elsewhere, once', async () => {
  const queues = createQueues(redis, PREFIX);
  const log = createLog({ level: 'silent', readable: false });
  let said = '';
  child = spawn(process.execPath, ['--import', 'tsx', 'test/records/holding-worker.ts', server.url, PREFIX], {
    stdio: ['ignore', 'pipe', 'inherit'],
  });
  child.stdout?.on('data', (chunk) => {
    said += chunk;
  });
  await queues.plan({ request: 'req-a' });
  await expect.poll(() => said, { timeout: 15_000 }).toBe('took req-a\n');

  const ran: { request: string; attempt: number }[] = [];
  const worker = startQueueWorker(
    'plan',
    async ({ request }, attempt) => void ran.push({ request, attempt: attempt.number }),
    { redis, prefix: PREFIX, concurrency: 1, takeoverMs: 10_000, log, isFinal: () => true },
  );
  child.kill('SIGKILL');
  const killed = performance.now();
  await expect
    .poll(() => ran, { timeout: WITHIN_MS, interval: 100 })
    .toEqual([{ request: 'req-a', attempt: 1 }]);
  // Earlier would mean that the job was taken from a worker that still had it.
  expect(performance.now() - killed).toBeGreaterThan(1_000);
  await expect.poll(() => queues.depths()).toMatchObject({ plan: 0 });
  await worker.close(1_000);
  await queues.close();
}, 60_000);
