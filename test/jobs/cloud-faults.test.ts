/** A cloud that misbehaves while a door opens or closes through it: the door comes or goes all the same, or all is taken back. */
import { afterAll, afterEach, beforeAll, beforeEach, describe, expect, it } from 'vitest';
import { type Wrong, wrong } from '../openstack/fake-cloud/faults.ts';
import type { Heard } from '../openstack/fake-cloud/wire.ts';
import { startRedis, type TestRedis } from '../stage/start-redis.ts';
import { type FaultCloud, openFaultCloud } from './fault-cloud.ts';
import { NOTHING } from './kill-cloud/road-cases.ts';

const DOOR = { ...NOTHING, floatingIps: 1, groups: 1, hung: 1, rules: 1, claims: 1 };
const OPEN = 'expose blog 80 as 18480';
const SHUT = 'unexpose blog 80';

const to =
  (method: string, path: RegExp) =>
  (heard: Heard): boolean =>
    heard.method === method && path.test(heard.path);
const GROUP = to('POST', /^\/security-groups$/);
const HANG = to('PUT', /^\/ports\/[^/]+$/);
const ADDRESS = to('POST', /^\/floatingips$/);
const TAG = to('PUT', /^\/floatingips\/[^/]+\/tags\//);
const CLAIM = to('PUT', /^\/security-groups\/[^/]+\/tags\//);
const RULE = to('POST', /^\/security-group-rules$/);
const NO_RULE = to('DELETE', /^\/security-group-rules\//);
const NO_ADDRESS = to('DELETE', /^\/floatingips\//);
const NO_GROUP = to('DELETE', /^\/security-groups\/[^/]+$/);

describe('a cloud that misbehaves', () => {
  let redis: TestRedis;
  let side: FaultCloud;
  let others = '';

  beforeAll(async () => {
    redis = await startRedis();
  });
  afterAll(() => redis.stop());
  beforeEach(async () => {
    side = await openFaultCloud(redis);
    others = side.ledger.others();
  });
  afterEach(() => side.close());

  const did = async (text: string) => side.back.ended(await side.back.ask(text));
  const expectNothing = async () => {
    expect(side.ledger.standing()).toEqual(NOTHING);
    expect(side.ledger.owners()).toEqual([]);
    expect(side.ledger.others()).toBe(others);
    expect(await side.forwarded()).toEqual([]);
  };

  const ONCE: [string, (heard: Heard) => boolean, Wrong, boolean][] = [
    ['is too busy for the group', GROUP, wrong.throttled(1), false],
    ['is too busy for the address, and does not say for how long', ADDRESS, wrong.throttled(), false],
    ['answers 502 to the group', GROUP, wrong.badGateway, false],
    ['answers 502 to the group that it made', GROUP, wrong.badGateway, true],
    ['answers 504 to the address that it gave', ADDRESS, wrong.gatewayTimeout, true],
    ['answers 504 to the tag that it set', TAG, wrong.gatewayTimeout, true],
    ['does not answer to the group that it hung up', HANG, 'hang', true],
    ['does not answer to the address that it gave', ADDRESS, 'hang', true],
    ['does not answer to the rule', RULE, 'hang', false],
    ['does not answer to the rule that it made', RULE, 'hang', true],
    ['answers garbage to the address that it gave', ADDRESS, 'garbage', true],
    ['answers nothing to the group that it made', GROUP, 'empty', true],
    ['answers half of the rule that it made', RULE, 'half', true],
    ['drops the connection over the claim', CLAIM, 'drop', false],
    ['answers with the page of a proxy', ADDRESS, 'html', false],
    ['says that the port has changed meanwhile', HANG, wrong.changed, false],
  ];

  it.each(ONCE)('that %s once: the door opens, once', async (_, when, answer, effect) => {
    side.cloud.fail({ when, answer, effect });
    const opened = await did(OPEN);
    expect(opened.outcome).toMatchObject({ kind: 'done', proof: { state: 'proven' } });
    expect(side.ledger.standing()).toEqual(DOOR);
    expect(await side.forwarded()).toEqual(['18480']);
    expect((await did(SHUT)).outcome).toMatchObject({ kind: 'done' });
    await expectNothing();
  });

  it.each([
    ['rule', NO_RULE],
    ['floating IP', NO_ADDRESS],
    ['group', NO_GROUP],
  ])('that loses its answer to the end of the %s: the door closes', async (_, when) => {
    await did(OPEN);
    side.cloud.fail({ when, answer: wrong.gatewayTimeout, effect: true });
    expect((await did(SHUT)).outcome).toMatchObject({ kind: 'done' });
    await expectNothing();
  });

  it('that loses an answer in a panic: the door closes whole, and opens again as it was', async () => {
    await did(OPEN);
    const [before] = await side.back.records.doors.list();
    side.cloud.fail({ when: NO_RULE, answer: wrong.gatewayTimeout, effect: true });
    const panic = await side.back.ended(await side.back.ask('panic', 'U0BOB'));
    expect(panic.outcome).toMatchObject({ kind: 'done', proof: { seen: 'closed 1 door' } });
    await expectNothing();
    const off = await side.back.ask('panic off', 'U0BOB');
    await side.back.approve(off, 'U0DAVE');
    expect((await side.back.ended(off)).outcome).toMatchObject({ kind: 'done' });
    expect(side.ledger.standing()).toEqual(DOOR);
    expect(await side.back.records.doors.list()).toMatchObject([{ id: before?.id, publicPort: 18480 }]);
    expect((await did(SHUT)).outcome).toMatchObject({ kind: 'done' });
    await expectNothing();
  });

  it('that does not answer while it is looked at: it is asked again', async () => {
    side.cloud.fail({ when: to('GET', /^\/floatingips$/), answer: 'hang' });
    expect((await did(OPEN)).outcome).toMatchObject({ kind: 'done' });
    expect(side.ledger.standing()).toEqual(DOOR);
  });

  it.each([
    ['group', GROUP],
    ['group on the port', HANG],
    ['address', ADDRESS],
    ['claim', CLAIM],
    ['rule', RULE],
  ])('that forgets every token before the %s: Drawbridge logs in again', async (_, when) => {
    let revoked = false;
    side.beforeChange((heard) => {
      if (revoked || !when(heard)) return;
      revoked = true;
      side.cloud.revokeTokens();
    });
    expect((await did(OPEN)).outcome).toMatchObject({ kind: 'done' });
    expect(revoked).toBe(true);
    expect(side.ledger.standing()).toEqual(DOOR);
    const logins = side.cloud.calls().filter(({ path }) => path === '/auth/tokens');
    expect(logins.length).toBeGreaterThan(1);
  });

  const ALWAYS: [string, (heard: Heard) => boolean, Wrong, RegExp][] = [
    ['has no more room for the rule', RULE, wrong.quota, /Quota exceeded/],
    ['has no more addresses', ADDRESS, wrong.quota, /Quota exceeded/],
    ['lets nobody change the port', HANG, wrong.changed, /current revision is 2/],
    ['answers 502 to every rule', RULE, wrong.badGateway, /letting|rule|Bad gateway/],
    ['never answers to the address', ADDRESS, 'hang', /no answer within/],
  ];

  it.each(ALWAYS)('that %s: all is taken back, and the request says why', async (_, when, answer, why) => {
    side.cloud.fail({ when, answer, times: 1_000 });
    const failed = await did(OPEN);
    expect(failed.outcome).toMatchObject({ kind: 'failed', left: [] });
    expect(failed.outcome).toHaveProperty('message', expect.stringMatching(why));
    await expectNothing();
    expect(await side.back.records.doors.list()).toEqual([]);
  });

  it('that makes addresses and never says so: none is left', async () => {
    side.cloud.fail({ when: ADDRESS, answer: 'garbage', effect: true, times: 1_000 });
    side.cloud.fail({ when: RULE, answer: wrong.quota, times: 1_000 });
    const failed = await did(OPEN);
    expect(failed.outcome).toMatchObject({ kind: 'failed', left: [] });
    await expectNothing();
  });

  it('that does not let the group go: it is named as left', async () => {
    side.cloud.fail({ when: RULE, answer: wrong.quota, times: 1_000 });
    side.cloud.fail({ when: NO_GROUP, answer: wrong.badGateway, times: 1_000 });
    const failed = await did(OPEN);
    expect(failed.outcome).toMatchObject({
      kind: 'failed',
      left: [expect.stringMatching(/security group drawbridge-web1.*Bad gateway/)],
    });
    expect(side.ledger.standing()).toEqual({ ...NOTHING, groups: 1 });
    expect(await side.forwarded()).toEqual([]);
  });

  it('where somebody makes the same rule first: it is used, and stays', async () => {
    const { rules, groups } = side.cloud.state;
    side.beforeChange((heard) => {
      if (!RULE(heard)) return;
      const { security_group_rule: wanted } = heard.body as { security_group_rule: object };
      const blank = { remote_group_id: null, visibleAt: 0 };
      rules.set('by-hand', { ...blank, ...wanted, id: 'by-hand', description: 'by hand' } as never);
      side.beforeChange(() => {});
    });
    expect((await did(OPEN)).outcome).toMatchObject({ kind: 'done' });
    expect(side.ledger.standing()).toEqual(DOOR);
    expect((await did(SHUT)).outcome).toMatchObject({ kind: 'done' });
    expect(rules.get('by-hand')?.description).toBe('by hand');
    expect(groups.get(rules.get('by-hand')?.security_group_id ?? '')?.tags).toEqual([]);
    expect(side.ledger.standing()).toEqual({ ...NOTHING, groups: 1, hung: 1, rules: 1 });
    expect(await side.forwarded()).toEqual([]);
  });
});
