/** The same commands by a mention: in the thread where they were said, private where they concern one person, each only once. */
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { textBehind } from '../../src/slack/mentions.ts';
import { until } from '../stage/until.ts';
import { openSlackSide, type SlackSide } from './slack-side.ts';

describe('a mention', () => {
  let side: SlackSide;
  let count = 0;
  beforeAll(async () => {
    side = await openSlackSide();
  });
  afterAll(async () => {
    expect(side.slack.violations).toEqual([]);
    await side.close();
  });

  /** Says something to the bot, in a thread of its own channel. */
  function mention(text: string, over: Record<string, unknown> = {}, id?: string) {
    count += 1;
    const ts = `17000000${String(count).padStart(2, '0')}.000200`;
    const event = { type: 'app_mention', user: 'U0ALICE', channel: 'C0TALK', ts, event_ts: ts };
    return side.event({ ...event, text: `<@U0BOT> ${text}`, thread_ts: '1690000000.000100', ...over }, id);
  }
  const inChannel = (channel: string) => side.slack.messages.filter((message) => message.channel === channel);
  const privateWord = (words: string) =>
    until(
      async () => side.slack.messages.find(({ text, user }) => user !== undefined && text.includes(words)),
      `a private word with ${words}`,
    );
  const requests = async () => (await side.records.requests.latest(50)).length;

  it('in a thread becomes a request whose message, decision and end are in that thread', async () => {
    expect((await mention('expose blog 80', { channel: 'C0THREAD' })).status).toBe(200);
    const [posted] = await until(
      async () => (inChannel('C0THREAD').length > 0 ? inChannel('C0THREAD') : undefined),
      'the message',
    );
    expect(posted).toMatchObject({ thread_ts: '1690000000.000100' });
    const [record] = await side.records.requests.latest(1);
    expect(record?.asked).toMatchObject({ text: 'expose blog 80', thread: '1690000000.000100' });
    const id = record?.asked.id ?? '';
    await side.records.requests.move(id, ['planning'], 'ended', {
      outcome: { kind: 'done', proof: { state: 'proven', seen: 'answered' } },
    });
    await side.records.outbox.add('C0THREAD', { kind: 'ended', request: id });
    const ended = () => inChannel('C0THREAD').find(({ text }) => text.startsWith('<@U0ALICE>'));
    expect(await until(async () => ended(), 'the end')).toMatchObject({ thread_ts: '1690000000.000100' });
  });

  it('in a channel opens a thread for its request, and is answered privately in the channel', async () => {
    await mention('expose blog 80', { channel: 'C0TOP', ts: '1700000999.000100', thread_ts: undefined });
    const posted = await until(async () => inChannel('C0TOP')[0], 'the message');
    expect(posted).toMatchObject({ thread_ts: '1700000999.000100' });
    await mention('doors', { channel: 'C0TOP', thread_ts: undefined });
    expect((await privateWord('No doors are open')).thread_ts).toBeUndefined();
  });

  it('that is not understood, or by somebody without the right, is refused privately in the thread', async () => {
    const before = await requests();
    await mention('exspose blog 80');
    expect(await privateWord('Did you mean')).toMatchObject({
      user: 'U0ALICE',
      thread_ts: '1690000000.000100',
    });
    await mention('expose blog 80', { user: 'U0MALLORY' });
    expect(await privateWord('is for operators')).toMatchObject({ user: 'U0MALLORY' });
    expect(await requests()).toBe(before);
  });

  it('with nothing behind it is shown the commands', async () => {
    await mention('');
    await privateWord('/lxd expose');
  });

  it('that is delivered again counts once', async () => {
    const before = await requests();
    for (let each = 0; each < 4; each += 1) await mention('expose shop 80', { ts: '1700.1' }, 'Ev0AGAIN');
    await mention('expose db 5432');
    await until(async () => ((await requests()) === before + 2 ? true : undefined), 'two requests');
    await mention('help expose');
    await privateWord('Example');
    expect(await requests()).toBe(before + 2);
  });

  it('that was edited, or by a bot, begins nothing', async () => {
    const before = await requests();
    await mention('expose blog 81', { edited: { user: 'U0ALICE', ts: '1700.2' } });
    await privateWord('as it was first sent');
    await mention('expose blog 82', { bot_id: 'B0OTHER' });
    await mention('expose blog 83', { user: 'U0BOT' });
    await mention('help unexpose');
    await privateWord('closes');
    expect(await requests()).toBe(before);
  });

  it('that asks for a look has the thread in its job, so that the answer is given there', async () => {
    await mention('hosts');
    await until(async () => ((await side.queues.depths()).look === 1 ? true : undefined), 'the look');
    await side.records.outbox.add('private-U0ALICE', {
      kind: 'answer',
      user: 'U0ALICE',
      channel: 'C0TALK',
      thread: '1690000000.000100',
      answer: { kind: 'trouble', message: 'no such host' },
    });
    expect(await privateWord('no such host')).toMatchObject({ thread_ts: '1690000000.000100' });
  });

  it('is told of a refusal by direct message where the thread’s channel is not open to the bot any more', async () => {
    side.slack.foreign.add('C0LEFT');
    await mention('exspose blog 80', { channel: 'C0LEFT' });
    const direct = () => side.slack.messages.find(({ channel }) => channel === 'U0ALICE');
    expect((await until(async () => direct(), 'a direct message')).text).toContain('Did you mean');
  });

  it('says its command behind the name, with or without a colon, whatever stands before', () => {
    expect(textBehind('hello <@U0BOT|drawbridge>: expose blog 80 ', 'U0BOT')).toBe('expose blog 80');
    expect(textBehind('<@U0BOT>', 'U0BOT')).toBe('');
    expect(textBehind('<@U0OTHER> <@U0BOT> doors', 'U0BOT')).toBe('doors');
  });
});
