/** What Slack is still to be told: in order within a lane, by one deliverer at a time, no faster than its pace. */
import { afterAll, beforeAll, beforeEach, expect, test } from 'vitest';
import { createOutbox, type Entry, type Outbox } from '../../src/records/outbox.ts';
import type { Redis } from '../../src/records/redis.ts';
import { type PrivateRedis, startPrivateRedis } from '../support/private-redis.ts';

const PREFIX = '{test-outbox}';
const LEASE_MS = 30_000;

let server: PrivateRedis;
let redis: Redis;
let now = 1_000_000;
let outbox: Outbox;

beforeAll(async () => {
  server = await startPrivateRedis();
  redis = await server.connect();
});
beforeEach(async () => {
  await redis.flushall();
  now = 1_000_000;
  outbox = createOutbox(redis, PREFIX, () => now);
});
afterAll(() => server?.stop());

const show = (request: string) => ({ kind: 'request', request }) as const;
const requestOf = (entry: Entry | undefined) =>
  entry !== undefined && 'request' in entry ? entry.request : undefined;

test('a lane is delivered in the order in which it was filled', async () => {
  for (const id of ['a', 'b', 'c']) await outbox.add('C1', show(id));
  const delivered: unknown[] = [];
  for (let claim = await outbox.claim(); claim !== undefined; claim = await outbox.claim()) {
    delivered.push(requestOf(claim.entry));
    await outbox.settle(claim, 'sent', 0);
  }
  expect(delivered).toEqual(['a', 'b', 'c']);
  expect(await outbox.waiting()).toBe(0);
});

test('an entry has an id of its own and the time it was added', async () => {
  await outbox.add('C1', show('a'));
  now += 5;
  await outbox.add('C2', show('a'));
  const [first, second] = [await outbox.claim(), await outbox.claim()];
  expect([first?.entry.at, second?.entry.at]).toEqual([1_000_000, 1_000_005]);
  expect(first?.entry.id).not.toBe(second?.entry.id);
});

test('while a lane is being delivered nobody else gets it, also not for new entries', async () => {
  await outbox.add('C1', show('a'));
  const claim = await outbox.claim();
  await outbox.add('C1', show('b'));
  expect(await outbox.claim()).toBeUndefined();
  if (claim !== undefined) await outbox.settle(claim, 'sent', 0);
  expect(requestOf((await outbox.claim())?.entry)).toBe('b');
});

test('other lanes are not held up', async () => {
  await outbox.add('C1', show('a'));
  await outbox.add('C2', show('b'));
  const lanes = [await outbox.claim(), await outbox.claim(), await outbox.claim()].map(
    (claim) => claim?.lane,
  );
  expect(lanes.sort()).toEqual(['C1', 'C2', undefined]);
});

test('four deliverers at once: each entry once, in order, one deliverer in a lane at a time', async () => {
  const lanes = ['C1', 'C2', 'C3'];
  const each = 20;
  for (let index = 0; index < each; index += 1)
    for (const lane of lanes) await outbox.add(lane, show(`${lane}-${index}`));
  const busy = new Set<string>();
  const delivered: string[] = [];
  const overlaps: string[] = [];
  const deliverer = async () => {
    const own = createOutbox(await server.connect(), PREFIX, () => now);
    for (let idle = 0; idle < 20; ) {
      const claim = await own.claim();
      if (claim === undefined) {
        idle += 1;
        await new Promise((resolve) => setTimeout(resolve, 2));
        continue;
      }
      if (busy.has(claim.lane)) overlaps.push(claim.lane);
      busy.add(claim.lane);
      await new Promise((resolve) => setTimeout(resolve, 1));
      delivered.push(requestOf(claim.entry) ?? '');
      busy.delete(claim.lane);
      await own.settle(claim, 'sent', 0);
    }
  };
  await Promise.all([deliverer(), deliverer(), deliverer(), deliverer()]);
  expect(overlaps).toEqual([]);
  for (const lane of lanes) {
    const wanted = Array.from({ length: each }, (_, index) => `${lane}-${index}`);
    expect(delivered.filter((entry) => entry.startsWith(lane))).toEqual(wanted);
  }
});

test('the lane of a deliverer that died is free again when its lease is over, the entry still at the head', async () => {
  await outbox.add('C1', show('a'));
  expect(requestOf((await outbox.claim())?.entry)).toBe('a');
  now += LEASE_MS - 1;
  expect(await outbox.claim()).toBeUndefined();
  now += 1;
  expect(requestOf((await outbox.claim())?.entry)).toBe('a');
});

test('a deliverer that comes back after its lease does not drop what another has not delivered', async () => {
  await outbox.add('C1', show('a'));
  await outbox.add('C1', show('b'));
  const late = await outbox.claim();
  now += LEASE_MS;
  const other = await outbox.claim();
  if (other !== undefined) await outbox.settle(other, 'sent', 0);
  if (late !== undefined) await outbox.settle(late, 'sent', 0);
  expect(requestOf((await outbox.claim())?.entry)).toBe('b');
});

test('a lane rests for its pace, also for what is added meanwhile', async () => {
  await outbox.add('C1', show('a'));
  const claim = await outbox.claim();
  if (claim !== undefined) await outbox.settle(claim, 'sent', 1_000);
  await outbox.add('C1', show('b'));
  expect(await outbox.claim()).toBeUndefined();
  expect(await outbox.nextDue()).toBe(1_000);
  now += 400;
  expect(await outbox.nextDue()).toBe(600);
  now += 600;
  expect(requestOf((await outbox.claim())?.entry)).toBe('b');
});

test('an entry that is kept stays at the head, before what came later', async () => {
  await outbox.add('C1', show('a'));
  await outbox.add('C1', show('b'));
  const first = await outbox.claim();
  if (first !== undefined) await outbox.settle(first, 'kept', 500);
  expect(await outbox.waiting()).toBe(2);
  expect(await outbox.claim()).toBeUndefined();
  now += 500;
  const again = await outbox.claim();
  expect(again?.entry).toEqual(first?.entry);
});

test('the lane that has been due for longest comes first', async () => {
  await outbox.add('C1', show('a'));
  const claim = await outbox.claim();
  if (claim !== undefined) await outbox.settle(claim, 'kept', 1_000);
  now += 500;
  await outbox.add('C2', show('b'));
  now += 1_000;
  expect((await outbox.claim())?.lane).toBe('C2');
  expect((await outbox.claim())?.lane).toBe('C1');
});

test('an empty outbox has nothing due, and forgets its lanes', async () => {
  expect([await outbox.claim(), await outbox.nextDue(), await outbox.waiting()]).toEqual([
    undefined,
    undefined,
    0,
  ]);
  await outbox.add('C1', show('a'));
  const claim = await outbox.claim();
  if (claim !== undefined) await outbox.settle(claim, 'sent', 0);
  expect(await outbox.claim()).toBeUndefined();
  expect(await redis.keys('*')).toEqual([]);
});

test('the bell rings for every addition, with the lane’s name', async () => {
  const listener = await server.connect();
  const rung: string[] = [];
  listener.on('message', (_, lane: string) => rung.push(lane));
  await listener.subscribe(outbox.bell);
  await outbox.add('C1', show('a'));
  await outbox.add('C2', show('b'));
  await expect.poll(() => rung).toEqual(['C1', 'C2']);
});

test('every kind of entry arrives as it was put', async () => {
  const answer = {
    kind: 'answer',
    user: 'U1',
    channel: 'C1',
    answer: { kind: 'trouble', message: '“é” 😀' },
  } as const;
  const entries = [
    show('a'),
    { kind: 'withdraw', request: 'b' },
    { kind: 'ended', request: 'c' },
    answer,
  ] as const;
  for (const entry of entries) await outbox.add('C1', entry);
  for (const entry of entries) {
    const claim = await outbox.claim();
    expect(claim?.entry).toEqual({ ...entry, id: claim?.entry.id, at: now });
    if (claim !== undefined) await outbox.settle(claim, 'sent', 0);
  }
});

test('a request that is to be shown a hundred times waits once, and is shown after the last of them', async () => {
  for (let count = 0; count < 100; count += 1) await outbox.add('C1', show('a'));
  await outbox.add('C1', { kind: 'ended', request: 'a' });
  await outbox.add('C1', show('a'));
  expect(await outbox.waiting()).toBe(2);
  const first = await outbox.claim();
  expect(first?.entry.kind).toBe('request');
  // Its message may have been rendered by now, so what comes now waits behind it: once, however often that is tried again.
  for (let count = 0; count < 3; count += 1) {
    for (let more = 0; more < 10; more += 1) await outbox.add('C1', show('a'));
    if (first !== undefined) await outbox.settle(first, 'kept', 0);
    expect((await outbox.claim())?.entry.id).toBe(first?.entry.id);
  }
  expect(await outbox.waiting()).toBe(3);
});

test('the same request in two lanes waits in both', async () => {
  await outbox.add('C1', show('a'));
  await outbox.add('C2', show('a'));
  expect(await outbox.waiting()).toBe(2);
});
