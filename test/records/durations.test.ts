/** How long steps took: the last twenty of each kind count. */
import { afterAll, beforeAll, expect, it } from 'vitest';
import { createDurations } from '../../src/records/durations.ts';
import type { Redis } from '../../src/records/redis.ts';
import { type PrivateRedis, startPrivateRedis } from '../support/private-redis.ts';

let server: PrivateRedis;
let redis: Redis;
beforeAll(async () => {
  server = await startPrivateRedis();
  redis = await server.connect();
});
afterAll(() => server.stop());

it('knows nothing at first, then the one in the middle of the last twenty, each kind by itself', async () => {
  const durations = createDurations(redis, '{d}');
  expect(await durations.usual(['boot', 'forward'])).toEqual([undefined, undefined]);
  for (let count = 0; count < 50; count += 1) await durations.note('boot', 1);
  for (let count = 0; count < 20; count += 1) await durations.note('boot', 60_000.4);
  await durations.note('forward', 30);
  expect(await durations.usual(['forward', 'boot', 'other'])).toEqual([30, 60_000, undefined]);
  expect(await redis.llen('{d}:durations:boot')).toBe(20);
  expect(await redis.ttl('{d}:durations:boot')).toBeGreaterThan(86_400);
});
