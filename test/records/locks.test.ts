/** Locks over all workers. */
import { setTimeout as sleep } from 'node:timers/promises';
import { afterAll, beforeAll, expect, test } from 'vitest';
import { isFault } from '../../src/errors.ts';
import { createLocks } from '../../src/records/locks.ts';
import type { Redis } from '../../src/records/redis.ts';
import { type PrivateRedis, startPrivateRedis } from '../support/private-redis.ts';

const PREFIX = '{test-locks}';

let server: PrivateRedis;
let redis: Redis;

beforeAll(async () => {
  server = await startPrivateRedis();
  redis = await server.connect();
});
afterAll(() => server?.stop());

const keyOf = (name: string) => `${PREFIX}:lock:${name}`;

test('of eight contenders on eight connections, one at a time gets in, and each does', async () => {
  let inside = 0;
  let most = 0;
  const served: number[] = [];
  const contend = async (who: number) => {
    const locks = createLocks(await server.connect(), PREFIX, 2_000, 20_000);
    for (let round = 0; round < 3; round += 1) {
      await locks.hold('forward', async () => {
        inside += 1;
        most = Math.max(most, inside);
        await sleep(3);
        inside -= 1;
      });
    }
    served.push(who);
  };
  await Promise.all(Array.from({ length: 8 }, (_, who) => contend(who)));
  expect(most).toBe(1);
  expect(served.sort()).toEqual([0, 1, 2, 3, 4, 5, 6, 7]);
});

test('locks of different names do not wait for each other', async () => {
  const locks = createLocks(redis, PREFIX, 2_000, 100);
  const both = await locks.hold('one', () => locks.hold('two', async () => 'both'));
  expect(both).toBe('both');
});

test('it is free as soon as the work ends, also when the work fails', async () => {
  const locks = createLocks(redis, PREFIX, 60_000, 0);
  expect(await locks.hold('work', async () => 7)).toBe(7);
  const failure = new Error('the work failed');
  await expect(locks.hold('work', () => Promise.reject(failure))).rejects.toBe(failure);
  expect(await redis.exists(keyOf('work'))).toBe(0);
});

test('whoever waits too long is told so, and may try again', async () => {
  const locks = createLocks(redis, PREFIX, 5_000, 60);
  await locks.hold('busy', async () => {
    const error = await locks.hold('busy', async () => 'never').catch((thrown: unknown) => thrown);
    expect(isFault(error, 'lock_lost') && error.retryable).toBe(true);
  });
});

test('the lock of a holder that died falls by itself', async () => {
  await redis.set(keyOf('dead'), 'a token that nobody has any more', 'PX', 150);
  const locks = createLocks(redis, PREFIX, 150, 3_000);
  const begun = performance.now();
  await locks.hold('dead', async () => {});
  expect(performance.now() - begun).toBeGreaterThan(100);
});

test('a lock is kept alive for as long as the work lasts', async () => {
  const locks = createLocks(redis, PREFIX, 900, 20);
  await locks.hold('long', async (signal) => {
    for (let round = 0; round < 8; round += 1) {
      await sleep(300);
      expect(await redis.exists(keyOf('long'))).toBe(1);
    }
    expect(signal.aborted).toBe(false);
  });
});

test('a lost lock aborts the work’s signal, and the work’s end does not take the lock from its new holder', async () => {
  const locks = createLocks(redis, PREFIX, 300, 20);
  await locks.hold('stolen', async (signal) => {
    await redis.set(keyOf('stolen'), 'another holder', 'PX', 5_000);
    await expect.poll(() => signal.aborted).toBe(true);
    expect(isFault(signal.reason, 'lock_lost')).toBe(true);
  });
  expect(await redis.get(keyOf('stolen'))).toBe('another holder');
});
