/** Approve, deny and cancel race for one decision. */
import { afterAll, beforeAll, expect, test } from 'vitest';
import type { Approval, Decision } from '../../src/core/record.ts';
import { createDecisions } from '../../src/records/decisions.ts';
import type { Redis } from '../../src/records/redis.ts';
import { type PrivateRedis, startPrivateRedis } from '../support/private-redis.ts';

const PREFIX = '{test-decisions}';
const ROUNDS = 300;

let server: PrivateRedis;
let connections: Redis[];

beforeAll(async () => {
  server = await startPrivateRedis();
  connections = await Promise.all([server.connect(), server.connect(), server.connect()]);
});
afterAll(() => server?.stop());

/** The register as three processes see it. */
function registers() {
  return connections.map((redis) => createDecisions(redis, PREFIX));
}

const contenders: Decision[] = [
  { verdict: 'approved', by: 'UALICE', at: 1 },
  { verdict: 'denied', by: 'UBOB', at: 2 },
  { verdict: 'cancelled', by: 'UCAROL', at: 3 },
];

test(`${ROUNDS} races of three: one wins, and everybody is told the same decision`, async () => {
  const won = { approved: 0, denied: 0, cancelled: 0, expired: 0 };
  for (let round = 0; round < ROUNDS; round += 1) {
    const id = `req-${round}`;
    // Who comes first changes from round to round.
    const order = contenders.map((_, index) => (index + round) % contenders.length);
    const results = await Promise.all(
      order.map(async (index) => {
        const [register, decision] = [registers()[index], contenders[index]];
        if (register === undefined || decision === undefined) throw new Error('no contender');
        return { decision, ...(await register.decide(id, 'f1', decision)) };
      }),
    );
    const winners = results.filter((result) => result.won);
    expect(winners).toHaveLength(1);
    const [winner] = winners;
    expect(results.map(({ holds }) => holds)).toEqual(results.map(() => winner?.decision));
    const kept = await Promise.all(registers().map((register) => register.get(id, 'f1')));
    expect(kept).toEqual(kept.map(() => winner?.decision));
    won[winner?.decision.verdict ?? 'expired'] += 1;
  }
  // A race that the same one always wins would be none.
  expect(won).toMatchObject({ expired: 0 });
  expect(Math.min(won.approved, won.denied, won.cancelled)).toBeGreaterThan(0);
});

test('a late decision changes nothing, however often it is tried', async () => {
  const [register] = registers();
  const first: Decision = { verdict: 'denied', by: 'UBOB', at: 1 };
  expect(await register?.decide('req-late', 'f1', first)).toEqual({ won: true, holds: first });
  for (let round = 0; round < 3; round += 1) {
    const again = await register?.decide('req-late', 'f1', { verdict: 'approved', by: 'UALICE', at: 9 });
    expect(again).toEqual({ won: false, holds: first });
  }
  expect(await register?.get('req-late', 'f1')).toEqual(first);
});

test('a changed plan is decided anew', async () => {
  const [register] = registers();
  await register?.decide('req-two', 'f1', { verdict: 'approved', by: 'UALICE', at: 1 });
  expect(await register?.get('req-two', 'f2')).toBeUndefined();
  const denied: Decision = { verdict: 'denied', by: 'UBOB', at: 2 };
  expect(await register?.decide('req-two', 'f2', denied)).toEqual({ won: true, holds: denied });
  expect(await register?.get('req-two', 'f1')).toMatchObject({ verdict: 'approved' });
});

test('an expiry has nobody’s name and holds like any other decision', async () => {
  const [register] = registers();
  await register?.decide('req-old', 'f1', { verdict: 'expired', at: 5 });
  const late = await register?.decide('req-old', 'f1', { verdict: 'approved', by: 'UALICE', at: 6 });
  expect(late).toEqual({ won: false, holds: { verdict: 'expired', at: 5 } });
});

test('a decision outlives every wait for it, and is forgotten some day', async () => {
  const [redis] = connections;
  await registers()[0]?.decide('req-ttl', 'f1', { verdict: 'expired', at: 5 });
  const seconds = (await redis?.ttl(`${PREFIX}:decision:req-ttl:f1`)) ?? -1;
  expect(seconds).toBeGreaterThan(89 * 86_400);
  expect(seconds).toBeLessThanOrEqual(90 * 86_400);
});

const yes = (by: string, at = 1): Approval => ({ by, groups: ['S0OPS'], at });

test('an approval that is not the last waits for the others, who may be told of it', async () => {
  const [register] = registers();
  expect(await register?.approve('req-pair', 'f1', yes('UBOB', 1), 2)).toEqual({
    kind: 'counted',
    approvals: [yes('UBOB', 1)],
  });
  expect(await register?.get('req-pair', 'f1')).toBeUndefined();
  expect(await register?.approve('req-pair', 'f1', yes('UBOB', 2), 2)).toEqual({
    kind: 'repeated',
    approvals: [yes('UBOB', 1)],
  });
  const decision = { verdict: 'approved', by: 'UDAVE', at: 3, approvals: [yes('UBOB', 1), yes('UDAVE', 3)] };
  expect(await register?.approve('req-pair', 'f1', yes('UDAVE', 3), 2)).toEqual({ kind: 'won', decision });
  expect(await register?.get('req-pair', 'f1')).toEqual(decision);
  expect(await register?.approve('req-pair', 'f1', yes('UERIN', 4), 2)).toEqual({
    kind: 'decided',
    holds: decision,
  });
});

test('approvals of one plan do not count for another', async () => {
  const [register] = registers();
  await register?.approve('req-plans', 'f1', yes('UBOB'), 2);
  expect(await register?.approve('req-plans', 'f2', yes('UDAVE'), 2)).toMatchObject({ kind: 'counted' });
});

test('a denial among approvals decides, and later approvals are told', async () => {
  const [register] = registers();
  await register?.approve('req-mixed', 'f1', yes('UBOB'), 2);
  const denied: Decision = { verdict: 'denied', by: 'UDAVE', at: 2 };
  expect(await register?.decide('req-mixed', 'f1', denied)).toMatchObject({ won: true });
  expect(await register?.approve('req-mixed', 'f1', yes('UERIN'), 2)).toEqual({
    kind: 'decided',
    holds: denied,
  });
});

test('of five who approve at once where three are needed exactly one completes it, and three are kept', async () => {
  for (let round = 0; round < 50; round += 1) {
    const people = ['UA', 'UB', 'UC', 'UD', 'UE'];
    const results = await Promise.all(
      people.map((by, index) => registers()[index % 3]?.approve(`req-five${round}`, 'f1', yes(by), 3)),
    );
    const kinds = results.map((result) => result?.kind).sort();
    expect(kinds).toEqual(['counted', 'counted', 'decided', 'decided', 'won']);
    const kept = await registers()[0]?.get(`req-five${round}`, 'f1');
    expect(kept?.approvals).toHaveLength(3);
    expect(new Set(kept?.approvals?.map(({ by }) => by)).size).toBe(3);
  }
});
