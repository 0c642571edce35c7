/** What the doctor says of a Redis: each bad case on a real one that is set up so. */
import { afterAll, beforeAll, expect, it } from 'vitest';
import { redisFindings } from '../../src/core/findings/redis-findings.ts';
import type { Redis } from '../../src/records/redis.ts';
import { createRiskReader, readRedisFacts } from '../../src/records/redis-facts.ts';
import { type PrivateRedis, startPrivateRedis } from '../support/private-redis.ts';

let server: PrivateRedis;
let redis: Redis;
beforeAll(async () => {
  server = await startPrivateRedis();
  redis = await server.connect();
});
afterAll(() => server.stop());

async function states(now?: () => number): Promise<Record<string, string>> {
  const findings = redisFindings(await readRedisFacts(redis, now), 'the bot');
  return Object.fromEntries(findings.map(({ about, state, seen }) => [about, `${state}: ${seen}`]));
}

it('is content with one that keeps everything', async () => {
  const seen = await states();
  expect(seen).toEqual({
    'Redis: append-only file': expect.stringMatching(/^ok: on/),
    'Redis: eviction': expect.stringMatching(/^ok: `noeviction`/),
    'Redis: speed and clock': expect.stringMatching(/^ok: it answers in .* ms/),
  });
});

it('warns of one that loses what it was given, and of one that throws it away', async () => {
  await redis.config('SET', 'appendonly', 'no');
  await redis.config('SET', 'maxmemory-policy', 'allkeys-lru');
  const seen = await states();
  expect(seen['Redis: append-only file']).toBe('warn: off');
  expect(seen['Redis: eviction']).toBe('fail: `allkeys-lru`');
  await redis.config('SET', 'maxmemory-policy', 'noeviction');
  await redis.config('SET', 'appendonly', 'yes');
});

it('keeps for a minute what may become of what it is given, and tells no danger where it is not told any', async () => {
  let now = 1_000_000;
  const risks = createRiskReader(redis, () => now);
  expect(await risks()).toEqual([]);
  await redis.config('SET', 'maxmemory-policy', 'volatile-ttl');
  expect(await risks()).toEqual([]);
  now += 61_000;
  expect(await risks()).toMatchObject([{ state: 'fail', about: 'Redis: eviction', seen: '`volatile-ttl`' }]);
  await redis.config('SET', 'maxmemory-policy', 'noeviction');
  await redis.call('ACL', 'SETUSER', 'default', '-info');
  expect(await createRiskReader(redis)()).toEqual([]);
  await redis.call('ACL', 'SETUSER', 'default', '+info');
});

it('says so when the last save did not work', () => {
  const info = { aof_enabled: '1', maxmemory_policy: 'noeviction', aof_last_write_status: 'err' };
  const findings = redisFindings({ tookMs: 1, offMs: 0, info }, 'the bot');
  expect(findings.find(({ state }) => state === 'fail')?.seen).toContain('writing the append-only file');
});

it('sees a clock that is off, and a Redis that is slow', async () => {
  expect((await states(() => Date.now() + 300_000))['Redis: speed and clock']).toMatch(
    /^warn: its clock is 5 min behind of the bot’s/,
  );
  const [, , slow] = redisFindings({ tookMs: 400, offMs: 0, info: {} }, 'the bot');
  expect(slow).toMatchObject({ state: 'warn', seen: 'it answers in 400 ms' });
});

it('concludes nothing from what a managed Redis does not tell', async () => {
  await redis.call('ACL', 'SETUSER', 'default', '-info');
  const seen = await states();
  expect(seen['Redis: append-only file']).toMatch(/^unknown/);
  expect(seen['Redis: eviction']).toMatch(/^unknown/);
  await redis.call('ACL', 'SETUSER', 'default', '+info');
});
