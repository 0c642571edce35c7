/** Queues on a real Redis: one job for one thing, held until released, tried again only when that can help. */
import { setTimeout as sleep } from 'node:timers/promises';
import { afterAll, afterEach, beforeAll, expect, test } from 'vitest';
import { Fault, isFault } from '../../src/errors.ts';
import { createLog } from '../../src/log.ts';
import {
  createQueues,
  type Processor,
  type QueueName,
  type Queues,
  type RunningWorker,
  startQueueWorker,
} from '../../src/queues.ts';
import type { Redis } from '../../src/records/redis.ts';
import { hold } from '../support/hold.ts';
import { type PrivateRedis, startPrivateRedis } from '../support/private-redis.ts';

const FINGERPRINT = '0123456789abcdef0123456789abcdef';
const HELD_MS = 3_600_000;
const LOG = createLog({ level: 'silent', readable: false });

let server: PrivateRedis;
let redis: Redis;
let round = 0;
let prefix: string;
let queues: Queues;
let workers: RunningWorker[] = [];

beforeAll(async () => {
  server = await startPrivateRedis();
  redis = await server.connect();
});
afterEach(async () => {
  await Promise.all(workers.map((worker) => worker.close(0)));
  workers = [];
  await queues.close();
});
afterAll(() => server?.stop());

/** Queues of a test's own. */
function freshQueues(): Queues {
  round += 1;
  prefix = `{test-queues-${round}}`;
  queues = createQueues(redis, prefix);
  return queues;
}

function work<Name extends QueueName>(
  name: Name,
  processor: Processor<Name>,
  concurrency = 4,
): RunningWorker {
  const isFinal = (error: unknown) => (isFault(error) ? !error.retryable : true);
  const worker = startQueueWorker(name, processor, {
    redis,
    prefix,
    concurrency,
    takeoverMs: 10_000,
    log: LOG,
    isFinal,
  });
  workers.push(worker);
  return worker;
}

const apply = (request: string) => ({ request, fingerprint: FINGERPRINT });

test('adding a job twice is one job', async () => {
  const { plan, apply: addApply, depths } = freshQueues();
  await Promise.all([plan({ request: 'req-a' }), plan({ request: 'req-a' }), plan({ request: 'req-a' })]);
  await addApply(apply('req-a'), HELD_MS);
  await addApply(apply('req-a'), HELD_MS);
  await addApply({ ...apply('req-a'), fingerprint: FINGERPRINT.replace('0', 'f') }, HELD_MS);
  expect(await depths()).toEqual({ plan: 1, apply: 2, look: 0, sweep: 0, reconcile: 0 });
  const ran: string[] = [];
  work('plan', async ({ request }) => void ran.push(request));
  await expect.poll(depths).toMatchObject({ plan: 0 });
  await sleep(50);
  expect(ran).toEqual(['req-a']);
});

test('a job that has run may be added again', async () => {
  const { plan, depths } = freshQueues();
  const ran: string[] = [];
  work('plan', async ({ request }) => void ran.push(request));
  await plan({ request: 'req-a' });
  await expect.poll(() => ran).toEqual(['req-a']);
  await expect.poll(depths).toMatchObject({ plan: 0 });
  await plan({ request: 'req-a' });
  await expect.poll(() => ran).toEqual(['req-a', 'req-a']);
});

test('a held job waits until it is released, then goes at once', async () => {
  const { apply: addApply, release } = freshQueues();
  const ran: string[] = [];
  work('apply', async ({ request }) => void ran.push(request));
  await addApply(apply('req-a'), HELD_MS);
  await addApply(apply('req-b'), HELD_MS);
  await sleep(150);
  expect(ran).toEqual([]);
  const released = performance.now();
  await release(apply('req-a'));
  await expect.poll(() => ran).toEqual(['req-a']);
  expect(performance.now() - released).toBeLessThan(10_000);
});

test('a job that is held for no time goes at once', async () => {
  const { apply: addApply } = freshQueues();
  const ran: string[] = [];
  work('apply', async ({ request }) => void ran.push(request));
  await addApply(apply('req-a'), 0);
  await addApply(apply('req-b'), -5);
  await expect.poll(() => ran.sort()).toEqual(['req-a', 'req-b']);
});

test('a held job goes by itself when its time is over', async () => {
  const { apply: addApply } = freshQueues();
  const ran: string[] = [];
  work('apply', async ({ request }) => void ran.push(request));
  await addApply(apply('req-a'), 200);
  await sleep(100);
  expect(ran).toEqual([]);
  await expect.poll(() => ran).toEqual(['req-a']);
});

test('releasing many times, or what is not there, runs or done, is harmless', async () => {
  const { apply: addApply, release, depths } = freshQueues();
  await release(apply('req-none'));
  let runs = 0;
  let finish = () => {};
  const finished = new Promise<void>((resolve) => {
    finish = resolve;
  });
  work('apply', async () => {
    runs += 1;
    await finished;
  });
  await addApply(apply('req-a'), HELD_MS);
  await Promise.all(Array.from({ length: 5 }, () => release(apply('req-a'))));
  await expect.poll(() => runs).toBe(1);
  await release(apply('req-a'));
  finish();
  await expect.poll(depths).toMatchObject({ apply: 0 });
  await release(apply('req-a'));
  await sleep(100);
  expect(runs).toBe(1);
});

test('a fault that cannot pass is not tried again', async () => {
  const { plan, depths } = freshQueues();
  let runs = 0;
  work('plan', async () => {
    runs += 1;
    throw new Fault('host_unknown', 'there is no such host');
  });
  await plan({ request: 'req-a' });
  await expect.poll(() => runs).toBe(1);
  await sleep(900);
  expect(runs).toBe(1);
  expect(await depths()).toMatchObject({ plan: 0 });
});

test('a fault that may pass is tried again, each time after a longer pause, and the last try knows that it is', async () => {
  const { plan, look } = freshQueues();
  const tries: { at: number; number: number; last: boolean }[] = [];
  work('plan', async (_, attempt) => {
    tries.push({ at: performance.now(), ...attempt });
    if (attempt.number < 3) throw new Fault('lxd_unreachable', 'no answer', { retryable: true });
  });
  const looks: object[] = [];
  work('look', async (_, attempt) => {
    looks.push(attempt);
    throw new Fault('lxd_timeout', 'no answer', { retryable: true });
  });
  await plan({ request: 'req-a' });
  await look({ command: { action: 'hosts' }, user: 'U1', channel: 'C1' });
  await expect.poll(() => tries.length, { timeout: 10_000 }).toBe(3);
  expect(tries.map(({ number, last }) => ({ number, last }))).toEqual([
    { number: 1, last: false },
    { number: 2, last: false },
    { number: 3, last: false },
  ]);
  const [first, second, third] = tries.map(({ at }) => at);
  expect((second ?? 0) - (first ?? 0)).toBeGreaterThan(400);
  expect((third ?? 0) - (second ?? 0)).toBeGreaterThan(900);
  expect(looks).toEqual([
    { number: 1, last: false },
    { number: 2, last: true },
  ]);
});

test('a job whose data does not fit is not carried out', async () => {
  const { plan, depths } = freshQueues();
  const ran: string[] = [];
  work('plan', async ({ request }) => void ran.push(request));
  await plan({ request: 'req-a; rm -rf /' });
  await plan({ request: 'req-a' });
  await expect.poll(() => ran).toEqual(['req-a']);
  await sleep(50);
  expect(ran).toEqual(['req-a']);
  expect((await depths()).apply).toBe(0);
});

test('what a look asks for arrives whole', async () => {
  const { look } = freshQueues();
  const payload = {
    command: { action: 'info', target: { instance: 'blog' } },
    user: 'U1',
    channel: 'C1',
  } as const;
  const ran: object[] = [];
  work('look', async (given) => void ran.push(given));
  await look(payload);
  await look(payload);
  await expect.poll(() => ran).toEqual([payload, payload]);
});

test.each([
  ['sweep', 'sweep', 'resume-requests'],
  ['reconcileAll', 'reconcile', 'reconcile-doors'],
] as const)(
  '%s runs once for all that ask while it waits or runs, and again for who asks later',
  async (verb, name, jobId) => {
    const queues = freshQueues();
    let ran = 0;
    const { held, letGo } = hold();
    work(name, async () => {
      ran += 1;
      await held;
    });
    await Promise.all([queues[verb](), queues[verb](), queues[verb]()]);
    await expect.poll(() => ran).toBe(1);
    await queues[verb]();
    letGo();
    await expect.poll(() => redis.exists(`${prefix}:${name}:${jobId}`)).toBe(0);
    expect(await queues.depths()).toMatchObject({ [name]: 0 });
    expect(ran).toBe(1);
    await queues[verb]();
    await expect.poll(() => ran).toBe(2);
  },
);

test('closing waits for what runs, and takes nothing more', async () => {
  const { plan, depths } = freshQueues();
  const told: string[] = [];
  const processor: Processor<'plan'> = async ({ request }) => {
    told.push(`${request} begins`);
    await sleep(300);
    told.push(`${request} ends`);
  };
  const worker = work('plan', processor, 1);
  await plan({ request: 'req-a' });
  await expect.poll(() => told).toEqual(['req-a begins']);
  const closing = worker.close(5_000);
  await plan({ request: 'req-b' });
  await closing;
  expect(told).toEqual(['req-a begins', 'req-a ends']);
  expect(await depths()).toMatchObject({ plan: 1 });
});

test('a job that does not end in time is told to, and another worker takes it up', async () => {
  const { plan } = freshQueues();
  const told: string[] = [];
  const worker = work('plan', async (_, attempt, signal) => {
    told.push(`try ${attempt.number}`);
    await sleep(20_000, undefined, { signal }).catch(() => {
      throw new Fault('lxd_unreachable', 'the worker stops', { retryable: true });
    });
  });
  await plan({ request: 'req-a' });
  await expect.poll(() => told).toEqual(['try 1']);
  const begun = performance.now();
  await worker.close(200);
  const took = performance.now() - begun;
  expect(took).toBeGreaterThan(150);
  expect(took).toBeLessThan(10_000);
  work('plan', async (_, attempt) => void told.push(`try ${attempt.number} elsewhere`));
  await expect.poll(() => told, { timeout: 5_000 }).toEqual(['try 1', 'try 2 elsewhere']);
});

test('a job that listens to nobody does not keep its worker from closing', async () => {
  const { plan } = freshQueues();
  let begun = false;
  let release = () => {};
  const worker = work('plan', async () => {
    begun = true;
    await new Promise<void>((resolve) => {
      release = resolve;
    });
  });
  await plan({ request: 'req-a' });
  await expect.poll(() => begun).toBe(true);
  const closed = await Promise.race([worker.close(100).then(() => 'closed'), sleep(6_000, 'still open')]);
  release();
  expect(closed).toBe('closed');
});
