/** Requests move from state to state, and nobody moves one that is elsewhere already. */
import { afterAll, beforeAll, beforeEach, expect, test } from 'vitest';
import { planExpose } from '../../src/core/plans/plan-expose.ts';
import type { Asked, RequestState } from '../../src/core/request.ts';
import { createDecisions } from '../../src/records/decisions.ts';
import { createRecords } from '../../src/records/records.ts';
import type { Redis } from '../../src/records/redis.ts';
import { createRequests, type Requests } from '../../src/records/requests.ts';
import { tellEnd } from '../../src/records/tell-end.ts';
import { approvalFor } from '../core/rulings.ts';
import { exposeCommand, exposeWorld, planned, REQUEST } from '../core/worlds.ts';
import { type PrivateRedis, startPrivateRedis } from '../support/private-redis.ts';

const PREFIX = '{test-requests}';
const PLAN = planned(planExpose(REQUEST, exposeCommand(), exposeWorld()));

let server: PrivateRedis;
let redis: Redis;
let requests: Requests;

beforeAll(async () => {
  server = await startPrivateRedis();
  redis = await server.connect();
  requests = createRequests(redis, PREFIX);
});
beforeEach(async () => {
  await redis.flushall();
});
afterAll(() => server?.stop());

function asked(changes: Partial<Asked> = {}): Asked {
  return {
    id: REQUEST,
    command: exposeCommand(),
    requester: 'UALICE',
    channel: 'C1',
    text: 'expose blog 80',
    at: Date.now(),
    ...changes,
  };
}

test('a new request is being planned and is open', async () => {
  expect(await requests.create(asked())).toBe(true);
  expect(await requests.get(REQUEST)).toEqual({
    asked: asked({ at: expect.any(Number) }),
    state: 'planning',
  });
  expect(await requests.open()).toEqual([REQUEST]);
});

test('an id is given once, also when two ask at the same time', async () => {
  const made = await Promise.all([
    requests.create(asked()),
    requests.create(asked({ requester: 'UBOB' })),
    requests.create(asked({ requester: 'UCAROL' })),
  ]);
  expect(made.filter((each) => each)).toHaveLength(1);
  expect(await requests.create(asked())).toBe(false);
  expect(await requests.open()).toEqual([REQUEST]);
});

test('an unknown request is undefined and cannot be moved', async () => {
  expect(await requests.get('req-none')).toBeUndefined();
  expect(await requests.move('req-none', ['planning'], 'waiting', { plan: PLAN })).toBe(false);
  expect(await requests.get('req-none')).toBeUndefined();
  expect(await redis.keys('*')).toEqual([]);
});

test('a move takes the state and its fields along', async () => {
  await requests.create(asked());
  const fields = {
    plan: PLAN,
    approval: approvalFor('it lets in anyone'),
    waitsUntil: 5,
    changed: ['new: a pin'],
  };
  expect(await requests.move(REQUEST, ['planning'], 'waiting', fields)).toBe(true);
  expect(await requests.get(REQUEST)).toMatchObject({ state: 'waiting', ...fields });
});

test('null takes a field away, and what is not named stays', async () => {
  await requests.create(asked());
  await requests.move(REQUEST, ['planning'], 'waiting', {
    plan: PLAN,
    approval: approvalFor('because'),
    waitsUntil: 5,
  });
  await requests.move(REQUEST, ['waiting'], 'approved', { waitsUntil: null });
  const record = await requests.get(REQUEST);
  expect(record).not.toHaveProperty('waitsUntil');
  expect(record).toMatchObject({ plan: PLAN, approval: approvalFor('because') });
});

test('a refused move sets nothing', async () => {
  await requests.create(asked());
  await requests.move(REQUEST, ['planning'], 'waiting', { plan: PLAN });
  const before = await requests.get(REQUEST);
  expect(
    await requests.move(REQUEST, ['planning', 'approved'], 'ended', { approval: null, endedAt: 9 }),
  ).toBe(false);
  expect(await requests.get(REQUEST)).toEqual(before);
  expect(await requests.open()).toEqual([REQUEST]);
});

test('a state is not mistaken for a part of another', async () => {
  await requests.create(asked());
  expect(await requests.move(REQUEST, ['plan' as RequestState, 'planning2' as RequestState], 'ended')).toBe(
    false,
  );
  expect(await requests.move(REQUEST, [], 'ended')).toBe(false);
  expect(await requests.get(REQUEST)).toMatchObject({ state: 'planning' });
});

test('of eight that move it at once, one does', async () => {
  await requests.create(asked());
  const moves = Array.from({ length: 8 }, (_, index) =>
    requests.move(REQUEST, ['planning'], 'ended', { endedAt: index + 1 }),
  );
  const moved = await Promise.all(moves);
  expect(moved.filter((each) => each)).toHaveLength(1);
  expect(await requests.get(REQUEST)).toMatchObject({ state: 'ended', endedAt: moved.indexOf(true) + 1 });
});

test('what has ended is no longer open, and is still among the latest', async () => {
  const at = Date.now();
  for (const [index, id] of ['req-1', 'req-2', 'req-3'].entries())
    await requests.create(asked({ id, at: at + index }));
  await requests.move('req-2', ['planning'], 'ended', { outcome: { kind: 'expired' }, endedAt: 1 });
  expect(await requests.open()).toEqual(['req-1', 'req-3']);
  const latest = await requests.latest(2);
  expect(latest.map(({ asked: { id }, state }) => `${id} ${state}`)).toEqual([
    'req-3 planning',
    'req-2 ended',
  ]);
  expect(latest[1]?.outcome).toEqual({ kind: 'expired' });
});

test('the latest of one requester are theirs alone, without what was taken back', async () => {
  const at = Date.now();
  for (const [index, requester] of ['UALICE', 'UBOB', 'UALICE', 'UALICE'].entries())
    await requests.create(asked({ id: `req-${index}`, requester, at: at + index }));
  await requests.forget('req-3');
  const ids = async (user: string) => (await requests.latest(2, user)).map(({ asked: { id } }) => id);
  expect(await ids('UALICE')).toEqual(['req-2', 'req-0']);
  expect(await ids('UBOB')).toEqual(['req-1']);
  expect(await ids('UCAROL')).toEqual([]);
});

test('an ended request is never moved again by the states of a running one', async () => {
  await requests.create(asked());
  await requests.move(REQUEST, ['planning'], 'ended', { outcome: { kind: 'expired' } });
  for (const from of ['planning', 'waiting', 'approved', 'applying'] as const)
    expect(await requests.move(REQUEST, [from], 'applying')).toBe(false);
  expect(await requests.get(REQUEST)).toMatchObject({ state: 'ended' });
});

test('the decision on the plan that holds is part of the request, one on an older plan is not', async () => {
  const decisions = createDecisions(redis, PREFIX);
  await requests.create(asked());
  await decisions.decide(REQUEST, 'another-fingerprint', { verdict: 'denied', by: 'UBOB', at: 1 });
  await requests.move(REQUEST, ['planning'], 'waiting', { plan: PLAN });
  expect(await requests.get(REQUEST)).not.toHaveProperty('decision');
  await decisions.decide(REQUEST, PLAN.fingerprint, { verdict: 'approved', by: 'UBOB', at: 2 });
  expect(await requests.get(REQUEST)).toMatchObject({ decision: { verdict: 'approved', by: 'UBOB', at: 2 } });
});

test('steps are told one by one, and reset for another plan', async () => {
  await requests.create(asked());
  await requests.resetSteps(REQUEST, 3);
  await requests.setStep(REQUEST, 0, 'done');
  await requests.setStep(REQUEST, 1, 'running');
  expect((await requests.get(REQUEST))?.steps).toEqual(['done', 'running', 'waiting']);
  await requests.resetSteps(REQUEST, 2);
  expect((await requests.get(REQUEST))?.steps).toEqual(['waiting', 'waiting']);
  await requests.resetSteps(REQUEST, 0);
  expect(await requests.get(REQUEST)).not.toHaveProperty('steps');
});

test('a forgotten request leaves nothing behind', async () => {
  await requests.create(asked());
  await requests.forget(REQUEST);
  expect(await redis.keys('*')).toEqual([]);
});

test('runs are counted, the message and what it showed are remembered', async () => {
  await requests.create(asked());
  expect([await requests.countRun(REQUEST), await requests.countRun(REQUEST)]).toEqual([1, 2]);
  expect(await requests.message(REQUEST)).toBeUndefined();
  await requests.setMessage(REQUEST, { channel: 'C1', ts: '1.2' });
  expect(await requests.message(REQUEST)).toEqual({ channel: 'C1', ts: '1.2' });
  expect(await requests.shown(REQUEST)).toBeNull();
  await requests.setShown(REQUEST, 'abc');
  expect(await requests.shown(REQUEST)).toBe('abc');
  expect(await requests.get(REQUEST)).toEqual({ asked: expect.anything(), state: 'planning' });
});

test('text with every kind of sign is kept as it is', async () => {
  const text = 'expose “blög” 80 because \u0000 \n 😀 \' " \\ {x} $1';
  await requests.create(asked({ text }));
  expect((await requests.get(REQUEST))?.asked.text).toBe(text);
});

test('it is kept for 90 days after the last change', async () => {
  await requests.create(asked());
  const key = `${PREFIX}:request:${REQUEST}`;
  await redis.expire(key, 10);
  await requests.move(REQUEST, ['planning'], 'waiting', { plan: PLAN });
  expect(await redis.ttl(key)).toBeGreaterThan(89 * 86_400);
});

test('an end that nobody told is told once, by however many look for it', async () => {
  const records = createRecords(await server.connect(), PREFIX);
  const { audit, outbox } = records;
  await requests.create(asked({ id: 'req-untold' }));
  await requests.move('req-untold', ['planning'], 'ended', { outcome: { kind: 'expired' }, endedAt: 1 });
  expect(await requests.untold(60)).toEqual([]);
  expect(await requests.untold(0)).toEqual(['req-untold']);
  await Promise.all([1, 2, 3, 4].map(() => tellEnd('req-untold', records)));
  expect((await audit.of('req-untold')).map(({ kind }) => kind)).toEqual(['ended']);
  expect(await requests.untold(0)).toEqual([]);
  const claims = await outbox.claim();
  expect(claims?.entry).toMatchObject({ kind: 'request', request: 'req-untold' });
});
