/** The small registers: doors, hosts, replies and what was seen before. */
import { afterAll, beforeAll, beforeEach, expect, test } from 'vitest';
import { planExpose } from '../../src/core/plans/plan-expose.ts';
import type { Door } from '../../src/core/record.ts';
import { createRecords } from '../../src/records/records.ts';
import type { Redis } from '../../src/records/redis.ts';
import { createSeen } from '../../src/records/seen.ts';
import { exposeCommand, exposeWorld, PUBLIC, planned, REQUEST } from '../core/worlds.ts';
import { type PrivateRedis, startPrivateRedis } from '../support/private-redis.ts';

const PREFIX = '{test-registers}';

let server: PrivateRedis;
let redis: Redis;

beforeAll(async () => {
  server = await startPrivateRedis();
  redis = await server.connect();
});
beforeEach(async () => {
  await redis.flushall();
});
afterAll(() => server?.stop());

function door(changes: Partial<Door> = {}): Door {
  const spec = planned(planExpose(REQUEST, exposeCommand(), exposeWorld())).door;
  const proof = { state: 'proven', seen: 'answered 200 in 5 ms' } as const;
  return {
    ...spec,
    publicAddress: PUBLIC,
    owner: 'UALICE',
    request: REQUEST,
    openedAt: 1,
    proof,
    ...changes,
  };
}

test('doors are kept as they were opened, the oldest first, and removed once', async () => {
  const { doors } = createRecords(redis, PREFIX);
  const [late, early, same] = [
    door({ id: 'door-b', openedAt: 2, approvers: ['UBOB'], reason: 'a demo' }),
    door({ id: 'door-c', openedAt: 1 }),
    door({ id: 'door-a', openedAt: 1 }),
  ];
  for (const each of [late, early, same]) await doors.put(each);
  expect(await doors.list()).toEqual([same, early, late]);
  expect(await doors.get('door-b')).toEqual(late);
  await doors.remove('door-b');
  await doors.remove('door-b');
  expect(await doors.get('door-b')).toBeUndefined();
  expect(await doors.list()).toEqual([same, early]);
});

test('putting a door again replaces it', async () => {
  const { doors } = createRecords(redis, PREFIX);
  await doors.put(door());
  await doors.put(door({ publicPort: 8080 }));
  expect(await doors.list()).toEqual([door({ publicPort: 8080 })]);
});

test('a host is remembered as it was last seen', async () => {
  const { hosts } = createRecords(redis, PREFIX);
  expect(await hosts.get('web1')).toBeUndefined();
  await hosts.put({ host: 'web1', answers: true, says: 'LXD 5.0.2', seenAt: 1 });
  await hosts.put({ host: 'web1', answers: false, says: 'no answer', seenAt: 2 });
  expect(await hosts.get('web1')).toEqual({ host: 'web1', answers: false, says: 'no answer', seenAt: 2 });
});

test('a mark is new once, also when many see it at the same time', async () => {
  const seen = createSeen(redis, PREFIX, 60);
  const first = await Promise.all(Array.from({ length: 8 }, () => seen.first('v0=abc')));
  expect(first.filter((each) => each)).toHaveLength(1);
  expect(await seen.first('v0=abc')).toBe(false);
  expect(await seen.first('v0=def')).toBe(true);
  expect(await redis.ttl(`${PREFIX}:seen:v0=abc`)).toBeGreaterThan(50);
});

test('a mark is forgotten when its time is over', async () => {
  const seen = createSeen(redis, PREFIX, 1);
  expect(await seen.first('v0=abc')).toBe(true);
  await expect.poll(() => seen.first('v0=abc'), { timeout: 3_000, interval: 200 }).toBe(true);
});

test('the newest place for a private answer is kept for a minute, for each person and channel', async () => {
  const { replies } = createRecords(redis, PREFIX);
  await replies.put('UALICE', 'C1', 'https://hooks.example/1');
  await replies.put('UALICE', 'C1', 'https://hooks.example/2');
  await replies.put('UBOB', 'C1', 'https://hooks.example/3');
  expect(await replies.get('UALICE', 'C1')).toBe('https://hooks.example/2');
  expect(await replies.get('UALICE', 'C2')).toBeUndefined();
  const seconds = await redis.ttl(`${PREFIX}:reply:UALICE:C1`);
  expect(seconds).toBeGreaterThan(50);
  expect(seconds).toBeLessThanOrEqual(60);
});

test('every key begins with the prefix', async () => {
  const records = createRecords(redis, PREFIX);
  await records.doors.put(door());
  await records.audit.add({ kind: 'asked', request: 'req-1', user: 'U1', about: 'web1/blog', what: 'x' });
  await records.audit.setMirrored(1);
  await records.audit.setNotedPolicy([]);
  await records.outbox.add('C1', { kind: 'request', request: 'req-1' });
  await records.replies.put('U1', 'C1', 'https://hooks.example/1');
  await records.hosts.put({ host: 'web1', answers: true, says: '', seenAt: 1 });
  await records.decisions.decide('req-1', 'f1', { verdict: 'expired', at: 1 });
  await records.requests.create({
    id: 'req-1',
    command: exposeCommand(),
    requester: 'U1',
    channel: 'C1',
    text: '',
    at: Date.now(),
  });
  const keys = await records.locks.hold('x', () => redis.keys('*'));
  expect(keys.length).toBeGreaterThan(8);
  expect(keys.filter((key) => !key.startsWith(`${PREFIX}:`))).toEqual([]);
});
