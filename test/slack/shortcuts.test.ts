/** Commands by shortcut: the modal comes at once, mistakes are shown in it, the rest is as if typed in that place. */
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { until } from '../stage/until.ts';
import type { FakeView } from './fake-slack.ts';
import { openSlackSide, type SlackSide } from './slack-side.ts';

describe('a shortcut', () => {
  let side: SlackSide;
  beforeAll(async () => {
    side = await openSlackSide();
  });
  afterAll(async () => {
    expect(side.slack.violations).toEqual([]);
    await side.close();
  });

  async function openModal(payload: Record<string, unknown>, user = 'U0ALICE'): Promise<FakeView> {
    const before = side.slack.modals.length;
    await side.interact({ user: { id: user }, ...payload });
    return until(async () => side.slack.modals[before], 'the modal');
  }
  const fromMessage = (channel: string, message: Record<string, unknown>) => ({
    type: 'message_action',
    callback_id: 'drawbridge_command',
    channel: { id: channel },
    message_ts: message.ts,
    message,
    response_url: side.slack.responseUrl,
  });
  async function send(modal: FakeView, command: string, channel?: string, user = 'U0ALICE') {
    const values = {
      command: { value: { type: 'plain_text_input', value: command } },
      ...(channel !== undefined && { channel: { value: { selected_conversation: channel } } }),
    };
    const response = await side.interact({
      type: 'view_submission',
      user: { id: user },
      view: { ...modal, state: { values } },
      response_urls:
        channel === undefined ? [] : [{ response_url: side.slack.responseUrl, channel_id: channel }],
    });
    return { status: response.status, body: await response.text() };
  }
  const posted = (channel: string) =>
    until(
      async () => side.slack.messages.find((each) => each.channel === channel),
      `a message in ${channel}`,
    );

  it('on a message asks for the command, and the request stands in that message’s thread', async () => {
    const modal = await openModal(fromMessage('C0MSG', { ts: '1700.5', user: 'U0BOB' }));
    expect(JSON.stringify(modal)).toContain('expose blog 80');
    expect(await send(modal, 'expose blog 80')).toEqual({ status: 200, body: '' });
    expect(await posted('C0MSG')).toMatchObject({ thread_ts: '1700.5' });
    expect((await side.records.requests.latest(1))[0]?.asked).toMatchObject({
      text: 'expose blog 80',
      requester: 'U0ALICE',
      thread: '1700.5',
    });
  });

  it('shows a mistake under the input and keeps what was typed', async () => {
    const modal = await openModal(fromMessage('C0MSG', { ts: '1700.6' }));
    const { body } = await send(modal, 'exspose blog 80');
    expect(JSON.parse(body)).toMatchObject({
      response_action: 'errors',
      errors: { command: expect.stringContaining('Did you mean') },
    });
    expect((await send(modal, '')).body).toBe('');
    expect((await send(modal, 'expose blog')).body).toContain('errors');
  });

  it('from anywhere has the channel chosen', async () => {
    const modal = await openModal({ type: 'shortcut', callback_id: 'drawbridge_command_anywhere' });
    expect(JSON.stringify(modal.blocks)).toContain('conversations_select');
    await send(modal, 'expose blog 80 from 10.0.0.0/8', 'C0CHOSEN');
    expect((await posted('C0CHOSEN')).thread_ts).toBeUndefined();
  });

  it('of somebody without the right, or where the bot is no member, is refused in private', async () => {
    const modal = await openModal(fromMessage('C0MSG', { ts: '1700.7', thread_ts: '1700.7' }), 'U0MALLORY');
    await send(modal, 'expose blog 80', undefined, 'U0MALLORY');
    const word = () => side.slack.messages.find(({ user }) => user === 'U0MALLORY');
    expect(await until(async () => word(), 'the refusal')).toMatchObject({
      thread_ts: '1700.7',
      text: expect.stringContaining('is for operators'),
    });
    side.slack.foreign.add('C0FOREIGN');
    await send(await openModal(fromMessage('C0FOREIGN', { ts: '1700.8' })), 'expose blog 80');
    const told = () => side.slack.responses.find(({ text }) => text.includes('/invite @drawbridge'));
    expect(await until(async () => told(), 'the invitation')).toMatchObject({ response_type: 'ephemeral' });
  });

  it('whose form Slack does not open in time says what to do instead', async () => {
    await side.interact({
      ...fromMessage('C0MSG', { ts: '1700.9' }),
      user: { id: 'U0BOB' },
      trigger_id: 'expired.1',
    });
    expect((await posted('U0BOB')).text).toContain('Try the shortcut again');
  });
});
