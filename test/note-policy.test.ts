/** The audit is told of a policy that changed: what is new and what no longer holds, once, whichever process sees it first. */
import { afterAll, beforeAll, beforeEach, expect, test } from 'vitest';
import { parseConfigFile } from '../src/config-file.ts';
import type { Policy } from '../src/core/policy.ts';
import { notePolicy, notePolicyNews } from '../src/note-policy.ts';
import { createRecords, type Records } from '../src/records/records.ts';
import type { Redis } from '../src/records/redis.ts';
import { type PrivateRedis, startPrivateRedis } from './support/private-redis.ts';

let server: PrivateRedis;
let redis: Redis;
let records: Records;

beforeAll(async () => {
  server = await startPrivateRedis();
  redis = await server.connect();
  records = createRecords(redis, '{test-policy}');
});
beforeEach(async () => {
  await redis.flushall();
});
afterAll(() => server?.stop());

const ROLES = 'roles: { ops: { users: [U0BOB, U0ALICE] }, all: { groups: [S0ALL] } }\n';

function policyOf(text: string): Policy {
  const parsed = parseConfigFile(ROLES + text);
  if ('problems' in parsed) throw new Error(parsed.problems.join());
  return parsed.config.policy;
}

const told = async () => (await records.audit.after(0, 99)).map(({ kind, what }) => `${kind}: ${what}`);

test('the first policy is told whole', async () => {
  await notePolicy(
    policyOf('policy: { ask: [ops], approve: [ops], private_networks: [10.0.0.0/8] }'),
    records,
  );
  const [first, ...more] = await told();
  expect(first).toContain(
    [
      'policy_changed: new: role all: S0ALL',
      'new: role ops: U0ALICE, U0BOB',
      'new: look: nobody',
      'new: ask: ops',
      'new: approve: ops',
      'new: own requests: no',
      'new: without approval: 10.0.0.0/8',
    ].join('; '),
  );
  expect(more).toEqual([]);
});

test('of a change what is new and what no longer holds is told, and nothing of the rest', async () => {
  await notePolicy(policyOf('policy: { approve: [ops] }'), records);
  await notePolicy(policyOf('policy: { approve: [all], wait_for_approval: 2h }'), records);
  expect((await told()).slice(1)).toEqual([
    'policy_changed: no longer: approve: ops; no longer: wait for approval: 3600 s; new: approve: all; new: wait for approval: 7200 s',
  ]);
});

test('a rule is told with all that it says', async () => {
  await notePolicy(policyOf('policy: { approve: [ops] }'), records);
  const rule = '{ name: night, when: { roads: [lan] }, end: refuse, text: no LAN }';
  await notePolicy(policyOf(`policy: { approve: [ops], rules: [${rule}] }`), records);
  expect((await told())[1]).toBe(
    'policy_changed: new: rule 1, night: {"end":"refuse","text":"no LAN","when":{"roads":["lan"]}}',
  );
});

test('the same policy is told once, by many processes and in another order', async () => {
  const policy = policyOf('policy: { look: [ops, all] }');
  await Promise.all(Array.from({ length: 8 }, () => notePolicy(policy, records)));
  await notePolicy(policyOf('policy: { look: [all, ops] }'), records);
  expect(await told()).toHaveLength(1);
});

test('a file that does not fit is told with its problems, and changes nothing of what is noted', async () => {
  const policy = policyOf('policy: { look: [ops] }');
  await notePolicy(policy, records);
  await notePolicyNews(
    { kind: 'broken', problems: ['policy.ask: there is no role `ghosts`'] },
    policy,
    records,
  );
  await notePolicyNews({ kind: 'changed' }, policyOf('policy: { look: [all] }'), records);
  expect((await told()).slice(1)).toEqual([
    'policy_broken: the configuration file does not fit, the policy before it holds: policy.ask: there is no role `ghosts`',
    'policy_changed: no longer: look: ops; new: look: all',
  ]);
});
