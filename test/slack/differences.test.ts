/** What people are told of doors that differ, and its buttons: one message each, edited when it is mended; the policy decides who may do what. */
import { afterAll, afterEach, beforeAll, describe, expect, it } from 'vitest';
import { type DifferenceName, difference, keyOfDifference } from '../../src/core/differences/difference.ts';
import type { Door } from '../../src/core/record.ts';
import type { Noted } from '../../src/records/differences.ts';
import { until } from '../stage/until.ts';
import { openSlackSide, planOf, type SlackSide } from './slack-side.ts';

describe('a door that differs', () => {
  let side: SlackSide;
  beforeAll(async () => {
    side = await openSlackSide();
  });
  afterEach(() => expect(side.slack.violations).toEqual([]));
  afterAll(() => side.close());

  async function note(name: DifferenceName, id: string, over: Partial<Noted> = {}): Promise<Noted> {
    const door = { ...planOf(`req-${id}`).door, publicAddress: '198.51.100.11' };
    const known: Door = {
      ...door,
      owner: 'U0ALICE',
      request: `req-${id}`,
      openedAt: 1,
      proof: { state: 'proven', seen: 'answered' },
    };
    await side.records.doors.put(known);
    const channel = `C0${id.toUpperCase()}`;
    const found = difference(name, door, 'the forward of 198.51.100.11:80 is gone');
    const noted: Noted = { ...found, place: 'web1', since: 1_000, channel, owner: 'U0ALICE', ...over };
    await tell(noted);
    return noted;
  }
  async function tell(noted: Noted): Promise<void> {
    await side.records.differences.put(noted);
    const entry = { kind: 'difference', place: noted.place, key: keyOfDifference(noted) } as const;
    await side.records.outbox.add(noted.channel ?? '', entry);
  }
  const said = (channel: string) => side.slack.messages.filter((message) => message.channel === channel);
  const wordsIn = (channel: string) => JSON.stringify(said(channel));
  const saying = (channel: string, words: string) =>
    until(async () => wordsIn(channel).includes(words) || undefined, `“${words}” in ${channel}`);
  const press = (user: string, action_id: string, value: string) =>
    side.interact({
      type: 'block_actions',
      user: { id: user },
      actions: [{ type: 'button', action_id, value, block_id: 'b' }],
    });
  const requestIn = (channel: string) =>
    until(
      async () => (await side.records.requests.latest(50)).find(({ asked }) => asked.channel === channel),
      `a request in ${channel}`,
    );

  it('is told once, with the buttons that make sense, and its message is edited when it is mended', async () => {
    const noted = await note('rule_edited', 'once');
    await saying('C0ONCE', 'changed by hand');
    const [message] = said('C0ONCE');
    const words = JSON.stringify(message);
    for (const part of [
      '<@U0ALICE>',
      'web1/blog:80',
      'Re-apply',
      'Adopt',
      'Close',
      `web1 ${keyOfDifference(noted)}`,
    ])
      expect(words).toContain(part);
    await tell({ ...noted, mendedAt: 2_000 });
    await saying('C0ONCE', 'Mended');
    expect(said('C0ONCE')).toHaveLength(1);
    expect(wordsIn('C0ONCE')).not.toContain('Re-apply');
    // Slack shows it before the bot has heard that it does.
    await until(
      async () =>
        (await side.records.differences.get('web1', keyOfDifference(noted))) === undefined || undefined,
      'it to be forgotten',
    );
  });

  it('is not told where it was mended before anybody heard of it', async () => {
    await note('rule_removed', 'never', { mendedAt: 2_000 });
    await side.records.outbox.add('C0NEVER', { kind: 'notice', channel: 'C0NEVER', text: 'flushed' });
    await saying('C0NEVER', 'flushed');
    expect(said('C0NEVER')).toHaveLength(1);
  });

  it.each([
    ['repair_difference', 'rule_edited', 'repair'],
    ['adopt_difference', 'rule_edited', 'adopt'],
    ['close_difference', 'rule_removed', 'unexpose'],
  ] as const)('%s asks for what its command would, for this very door', async (action, name, command) => {
    const id = `by${command}`;
    const noted = await note(name, id);
    await press('U0ALICE', action, `web1 ${keyOfDifference(noted)}`);
    const { asked } = await requestIn(`C0BY${command.toUpperCase()}`);
    expect(asked).toMatchObject({
      requester: 'U0ALICE',
      text: `${command} web1/blog 80 as 198.51.100.11:80`,
      command: { action: command, door: `door-${id}` },
    });
    expect(asked).not.toHaveProperty('byItself');
  });

  it('has buttons that do nothing for strangers, nor for what is mended', async () => {
    const noted = await note('rule_removed', 'shut');
    const before = (await side.records.requests.latest(50)).length;
    await press('U0CAROL', 'repair_difference', `web1 ${keyOfDifference(noted)}`);
    await press('U0ALICE', 'repair_difference', 'web1 door-none:rule_removed');
    await press('U0ALICE', 'repair_difference', '');
    await until(async () => {
      const views = JSON.stringify(side.slack.modals);
      return (views.includes('is for') && views.includes('mended already')) || undefined;
    }, 'both answers');
    expect((await side.records.requests.latest(50)).length).toBe(before);
  });

  it('is closed with too many others only by somebody who may approve, and only as they saw them', async () => {
    const line = '• `web1/blog:80`';
    const doors = [{ place: 'web1', key: 'door-x:instance_deleted', line }];
    await side.records.removals.setWaiting({ id: 'batch1', channel: 'C0MANY', doors });
    await side.records.outbox.add('C0MANY', { kind: 'removals' });
    await saying('C0MANY', 'more than I may');
    expect(wordsIn('C0MANY')).toContain('Close these 1');
    await press('U0ALICE', 'approve_removals', 'batch1');
    await press('U0BOB', 'approve_removals', 'batch0');
    await until(async () => {
      const views = JSON.stringify(side.slack.modals);
      return (
        (views.includes('you are not among them') && views.includes('not the doors that wait')) || undefined
      );
    }, 'both answers');
    expect(await side.records.removals.waiting()).not.toHaveProperty('approvedBy');
    await press('U0BOB', 'approve_removals', 'batch1');
    await saying('C0MANY', 'approved the closing');
    expect(await side.records.removals.waiting()).toMatchObject({ approvedBy: 'U0BOB' });
    expect(await side.queues.depths()).toMatchObject({ reconcile: 1 });
    await side.records.removals.setWaiting(undefined);
    await side.records.outbox.add('C0MANY', { kind: 'removals' });
    await saying('C0MANY', 'as they should be again');
    expect(said('C0MANY')).toHaveLength(1);
  });
});
