/** Whose Home is kept up to date, when, and that a change makes each of them wait once. */
import { afterAll, beforeAll, beforeEach, expect, test } from 'vitest';
import { createHomes } from '../../src/records/homes.ts';
import { createOutbox } from '../../src/records/outbox.ts';
import { createRecords } from '../../src/records/records.ts';
import type { Redis } from '../../src/records/redis.ts';
import { type PrivateRedis, startPrivateRedis } from '../support/private-redis.ts';

const PREFIX = '{test-homes}';
const DAY_MS = 86_400_000;
let server: PrivateRedis;
let redis: Redis;
let clock = 1_700_000_000_000;
const now = () => clock;

beforeAll(async () => {
  server = await startPrivateRedis();
  redis = await server.connect();
});
beforeEach(async () => {
  await redis.flushall();
});
afterAll(() => server?.stop());

test('a change makes every watched Home wait, each in its own lane, spread over time', async () => {
  const homes = createHomes(redis, PREFIX, now);
  const outbox = createOutbox(redis, PREFIX, now);
  for (const user of ['U1', 'U2', 'U3']) await homes.open(user, 0);
  await homes.changed();
  expect(await outbox.claim()).toBeUndefined();
  expect(await outbox.nextDue()).toBe(1_500);
  const begun = clock;
  const claimed: [string, number][] = [];
  for (; clock < begun + 5_000; clock += 50) {
    const claim = await outbox.claim();
    if (claim === undefined) continue;
    expect(claim.entry).toMatchObject({ kind: 'home', at: begun });
    claimed.push([claim.lane, clock - begun]);
    await outbox.settle(claim, 'sent', 3_000);
  }
  expect(claimed).toEqual([
    ['home-U1', 1_500],
    ['home-U2', 2_150],
    ['home-U3', 2_800],
  ]);
});

test('a Home waits once, however many changes there are, until it is rendered', async () => {
  const homes = createHomes(redis, PREFIX, now);
  const outbox = createOutbox(redis, PREFIX, now);
  await homes.open('U1', 0);
  await Promise.all(Array.from({ length: 50 }, () => homes.changed()));
  expect(await outbox.waiting()).toBe(1);
  await homes.begin('U1');
  await homes.changed();
  expect(await outbox.waiting()).toBe(2);
});

test('a Home that nobody opened for a day is left alone', async () => {
  const homes = createHomes(redis, PREFIX, now);
  const outbox = createOutbox(redis, PREFIX, now);
  await homes.open('U1', 0);
  clock += DAY_MS + 1;
  await homes.changed();
  expect(await outbox.waiting()).toBe(0);
});

test('requests that change say so to Homes; private answers do not', async () => {
  const { homes, outbox } = createRecords(redis, PREFIX);
  await homes.open('U1', 0);
  const answer = { kind: 'trouble', message: 'x' } as const;
  await outbox.add('private-U1', { kind: 'answer', user: 'U1', channel: 'C1', answer });
  expect(await outbox.waiting()).toBe(1);
  await outbox.add('C1', { kind: 'request', request: 'req-a' });
  expect(await outbox.waiting()).toBe(3);
});

test('the page, what was shown, and a rest are kept', async () => {
  const homes = createHomes(redis, PREFIX);
  expect(await homes.page('U1')).toBe(0);
  await homes.open('U1', 7);
  expect(await homes.page('U1')).toBe(7);
  expect(await homes.shown('U1')).toBeNull();
  await homes.setShown('U1', 'digest');
  expect(await homes.shown('U1')).toBe('digest');
  expect(await homes.restsFor()).toBe(0);
  await homes.rest(5_000);
  expect(await homes.restsFor()).toBeGreaterThan(4_000);
});
