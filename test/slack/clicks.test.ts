/** Approve, Deny and cancel: the first decision wins, every click gets an answer, authority is never in the message. */
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import type { Plan } from '../../src/core/plan.ts';
import { until } from '../stage/until.ts';
import { openSlackSide, type SlackSide } from './slack-side.ts';

const ROUNDS = 300;

describe('a click', () => {
  let side: SlackSide;
  beforeAll(async () => {
    side = await openSlackSide();
  });
  afterAll(() => side.close());

  /** What the person is told, privately, after something they did. */
  async function told(deed: () => Promise<unknown>): Promise<string> {
    const before = side.slack.responses.length;
    await deed();
    return until(async () => side.slack.responses[before]?.text, 'an answer');
  }

  it('counts once: of three people who decide at the same moment one wins and the others are told', {
    timeout: 120_000,
  }, async () => {
    for (let round = 0; round < ROUNDS; round += 1) {
      const id = `req-race${round}`;
      const plan = await side.waiting(id, { channel: `C0RACE${round}` });
      const before = side.slack.responses.length;
      const clicks = [
        () => side.click('U0BOB', 'approve_request', id, plan),
        () => side.click('U0DAVE', 'deny_request', id, plan),
        () => side.command(`cancel ${id}`, 'U0ALICE'),
      ].sort(() => Math.random() - 0.5);
      await Promise.all(clicks.map((click) => click()));
      await until(
        async () => (side.slack.responses.length >= before + 3 ? true : undefined),
        'three answers',
      );
      const answers = side.slack.responses.slice(before).map(({ text }) => text);
      const won = answers.filter((text) => /^You (approved|denied)|is cancelled\. Nothing/.test(text));
      // What was approved, and has not begun, can still be cancelled: that is no second decision.
      const after = answers.filter((text) => text.includes('cancelled before its first step'));
      const lost = answers.filter((text) => text.startsWith('Too late') || text.includes('has ended'));
      expect([won.length, after.length + lost.length], answers.join(' | ')).toEqual([1, 2]);
      const ended = (await side.records.requests.get(id))?.outcome;
      expect(ended).toEqual(after.length === 0 ? undefined : { kind: 'cancelled', by: 'U0ALICE' });
      const decided = (await side.records.audit.of(id)).filter(({ kind }) => kind === 'decided');
      expect(decided).toHaveLength(1);
      const holds = await side.records.decisions.get(id, plan.fingerprint);
      const verb = {
        approved: 'You approved',
        denied: 'You denied',
        cancelled: 'is cancelled',
        expired: '-',
      }[holds?.verdict ?? 'expired'];
      expect(won[0]).toContain(verb);
      expect(decided[0]?.user).toBe(holds?.by);
    }
  });

  it('of somebody without the right, or on one’s own request, is refused with the reason', async () => {
    const plan = await side.waiting('req-rights', { requester: 'U0BOB' });
    expect(await told(() => side.click('U0ALICE', 'approve_request', 'req-rights', plan))).toContain(
      'Deciding is for approvers',
    );
    expect(await told(() => side.click('U0BOB', 'approve_request', 'req-rights', plan))).toContain(
      'your own request',
    );
    expect(await side.records.decisions.get('req-rights', plan.fingerprint)).toBeUndefined();
  });

  it('of a member of the user group counts; a group that cannot be read gives nobody a right', async () => {
    await side.restartBot();
    side.slack.groups.S0DUTY = ['U0GRACE'];
    side.slack.fault = (method) => (method === 'usergroups.users.list' ? 'down' : 'ok');
    const plan = await side.waiting('req-group');
    const click = () => side.click('U0GRACE', 'approve_request', 'req-group', plan);
    expect(await told(click)).toContain('Deciding is for');
    side.slack.fault = undefined;
    expect(await told(click)).toContain('You approved');
  });

  it('too late, repeated, on an unknown request or on an older plan is answered and changes nothing', async () => {
    const plan = await side.waiting('req-late', {}, -1);
    expect(await told(() => side.click('U0BOB', 'approve_request', 'req-late', plan))).toContain('in time');
    const fresh = await side.waiting('req-again');
    await told(() => side.click('U0BOB', 'deny_request', 'req-again', fresh));
    expect(await told(() => side.click('U0BOB', 'approve_request', 'req-again', fresh))).toContain(
      '<@U0BOB> denied it already',
    );
    expect(await told(() => side.click('U0BOB', 'approve_request', 'req-nobody', fresh))).toContain(
      'do not know this request',
    );
    const shown = await side.waiting('req-older');
    const older = { ...shown, fingerprint: '0'.repeat(32) };
    expect(await told(() => side.click('U0BOB', 'approve_request', 'req-older', older))).toContain(
      'plan has changed',
    );
    expect(await side.records.decisions.get('req-older', shown.fingerprint)).toBeUndefined();
  });

  it('is one of two where two are needed: the message shows who and how many are missing', async () => {
    const plan = await side.waiting('req-pair', { channel: 'C0PAIR' }, 3_600_000, { count: 2 });
    const approve = (user: string) => told(() => side.click(user, 'approve_request', 'req-pair', plan));
    expect(await approve('U0BOB')).toContain('1 more person has to approve');
    const half = () => side.slack.messages.find(({ channel }) => channel === 'C0PAIR');
    const shown = async () => (JSON.stringify(half() ?? '').includes('1 more to go') ? true : undefined);
    await until(shown, 'the half approval in the message');
    expect(JSON.stringify(half())).toMatch(/by 2 people.*<@U0BOB> at/);
    expect(await approve('U0BOB')).toContain('already, and once is enough');
    expect(await side.records.decisions.get('req-pair', plan.fingerprint)).toBeUndefined();
    expect(await approve('U0DAVE')).toContain('You approved `req-pair`. The message');
    expect((await side.records.decisions.get('req-pair', plan.fingerprint))?.approvals).toHaveLength(2);
    expect(await approve('U0ERIN')).toContain('<@U0DAVE> approved it already');
  });

  it('of somebody to whom it escalates counts once the time has come', async () => {
    const need = {
      by: ['operators'],
      own: true,
      waitSeconds: 3_600,
      escalate: { to: ['approvers'], afterSeconds: 600 },
    };
    const early = await side.waiting('req-early', {}, 3_600_000, need);
    expect(await told(() => side.click('U0ERIN', 'approve_request', 'req-early', early))).toContain(
      'Deciding is for operators',
    );
    const later = await side.waiting('req-later', {}, 3_600_000 - 601_000, need);
    expect(await told(() => side.click('U0ERIN', 'approve_request', 'req-later', later))).toContain(
      'You approved',
    );
  });

  /** Presses “Deny, and say why…”, and sends what the form asks for. */
  async function denyBecause(user: string, id: string, channel: string, plan: Plan, reason: string | null) {
    const before = side.slack.modals.length;
    const button = { type: 'button', action_id: 'deny_with_reason', value: id };
    await side.interact({
      type: 'block_actions',
      user: { id: user },
      channel: { id: channel },
      actions: [{ ...button, block_id: `plan-${plan.fingerprint}` }],
    });
    const modal = await until(async () => side.slack.modals[before], 'the form');
    const values = { reason: { value: { type: 'plain_text_input', value: reason } } };
    await side.interact({
      type: 'view_submission',
      user: { id: user },
      view: { ...modal, state: { values } },
    });
    const word = () => side.slack.messages.find((each) => each.channel === channel && each.user === user);
    return (await until(async () => word(), 'the answer')).text;
  }

  it('may deny with a reason, or leave it out', async () => {
    const plan = await side.waiting('req-why', { channel: 'C0WHY' });
    expect(await denyBecause('U0BOB', 'req-why', 'C0WHY', plan, '  the audit is on <Monday> ')).toContain(
      'You denied',
    );
    const holds = await side.records.decisions.get('req-why', plan.fingerprint);
    expect(holds).toMatchObject({ verdict: 'denied', by: 'U0BOB', reason: 'the audit is on <Monday>' });
    const told = (await side.records.audit.of('req-why')).map(({ what }) => what);
    expect(told).toContain('denied: the audit is on <Monday>');
    const other = await side.waiting('req-why2', { channel: 'C0WHY2' });
    await denyBecause('U0BOB', 'req-why2', 'C0WHY2', other, null);
    expect(await side.records.decisions.get('req-why2', other.fingerprint)).not.toHaveProperty('reason');
  });

  it('with a reason needs the same right, and comes too late as any other', async () => {
    const plan = await side.waiting('req-why3', { channel: 'C0WHY3' });
    expect(await denyBecause('U0ALICE', 'req-why3', 'C0WHY3', plan, 'no')).toContain(
      'Deciding is for approvers',
    );
    await told(() => side.click('U0DAVE', 'approve_request', 'req-why3', plan));
    expect(await denyBecause('U0BOB', 'req-why3', 'C0WHY3', plan, 'no')).toContain(
      '<@U0DAVE> approved it already',
    );
  });

  it('works after a restart of the bot', async () => {
    const plan = await side.waiting('req-restart');
    await side.restartBot();
    expect(await told(() => side.click('U0BOB', 'approve_request', 'req-restart', plan))).toContain(
      'You approved',
    );
  });

  it('of a stranger cannot name what is approved: the message’s value is only a name', async () => {
    const plan = await side.waiting('req-forge');
    const forged = { ...plan, fingerprint: plan.fingerprint.replace(/./g, 'a') };
    expect(await told(() => side.click('U0BOB', 'approve_request', 'req-forge', forged))).toContain(
      'plan has changed',
    );
  });
});
