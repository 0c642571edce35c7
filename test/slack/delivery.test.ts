/** Messages to Slack: kept while it is away, in order, no faster than it allows, never beyond its limits. */
import { afterAll, afterEach, beforeAll, describe, expect, it } from 'vitest';
import { remindDeciders } from '../../jobs/sweep/remind-deciders.ts';
import { createLog } from '../../src/log.ts';
import { until } from '../stage/until.ts';
import { openSlackSide, type SlackSide } from './slack-side.ts';

describe('delivery', () => {
  let side: SlackSide;
  beforeAll(async () => {
    side = await openSlackSide();
  });
  afterAll(() => side.close());
  afterEach(() => {
    side.slack.fault = undefined;
    expect(side.slack.violations).toEqual([]);
  });

  const shown = (channel: string) => side.slack.messages.filter((message) => message.channel === channel);
  const show = (id: string, channel: string) =>
    side.records.outbox.add(channel, { kind: 'request', request: id });

  it('posts the message of a request once and edits it from then on', async () => {
    const plan = await side.waiting('req-edit', { channel: 'C0EDIT' });
    await show('req-edit', 'C0EDIT');
    const [posted] = await until(
      async () => (shown('C0EDIT').length > 0 ? shown('C0EDIT') : undefined),
      'the message',
    );
    expect(JSON.stringify(posted?.blocks)).toContain('approve_request');
    await side.click('U0BOB', 'approve_request', 'req-edit', plan);
    await until(
      async () => (JSON.stringify(posted?.blocks).includes('Approved') ? true : undefined),
      'the decision in it',
    );
    expect(JSON.stringify(posted?.blocks)).not.toContain('approve_request');
    expect(shown('C0EDIT')).toHaveLength(1);
  });

  it('keeps messages while Slack is down and delivers them later, in order', async () => {
    side.slack.fault = () => 'down';
    for (const id of ['req-down2', 'req-down3', 'req-down4']) {
      await side.waiting(id, { channel: 'C0DOWN' });
      await show(id, 'C0DOWN');
    }
    await new Promise((resolve) => setTimeout(resolve, 1_500));
    expect(shown('C0DOWN')).toEqual([]);
    side.slack.fault = undefined;
    await until(async () => (shown('C0DOWN').length === 3 ? true : undefined), 'all three', 20_000);
    expect(shown('C0DOWN').map(({ text }) => /req-\w+/.exec(text)?.[0])).toEqual([
      'req-down2',
      'req-down3',
      'req-down4',
    ]);
  });

  it('waits as long as a 429 says', async () => {
    await side.waiting('req-rate', { channel: 'C0RATE' });
    let refused = 0;
    let refusedAt = 0;
    side.slack.fault = (method) => {
      if (method !== 'chat.postMessage' || refused > 0) return 'ok';
      refused += 1;
      refusedAt = Date.now();
      return { retryAfter: 2 };
    };
    await show('req-rate', 'C0RATE');
    await until(async () => (shown('C0RATE').length === 1 ? true : undefined), 'the message', 10_000);
    const [call] = side.slack.calls.filter(({ channel }) => channel === 'C0RATE');
    expect((call?.at ?? 0) - refusedAt).toBeGreaterThanOrEqual(1_900);
  });

  it('sends at most one message a second to a channel, and does not make other channels wait', async () => {
    for (let index = 2; index < 6; index += 1) {
      await side.waiting(`req-pace${index}`, { channel: 'C0PACE' });
      await show(`req-pace${index}`, 'C0PACE');
    }
    await side.waiting('req-other', { channel: 'C0OTHER' });
    await show('req-other', 'C0OTHER');
    await until(async () => (shown('C0PACE').length === 4 ? true : undefined), 'all four', 15_000);
    const times = side.slack.calls.filter(({ channel }) => channel === 'C0PACE').map(({ at }) => at);
    const gaps = times.slice(1).map((at, index) => at - (times[index] ?? 0));
    for (const gap of gaps) expect(gap).toBeGreaterThanOrEqual(950);
    const other = side.slack.calls.find(({ channel }) => channel === 'C0OTHER');
    expect(other?.at).toBeLessThan(times.at(-1) ?? 0);
  });

  it('reminds those who may decide in the thread, once, and not when it is decided', async () => {
    const log = createLog({ level: 'silent', readable: false });
    const sweep = () => remindDeciders({ records: side.records, log }, Date.now());
    await side.waiting('req-soon', { channel: 'C0SOON' }, 60_000);
    const plan = await side.waiting('req-done', { channel: 'C0DONE' }, 60_000);
    const denial = { verdict: 'denied', by: 'U0BOB', at: Date.now() } as const;
    await side.records.decisions.decide('req-done', plan.fingerprint, denial);
    await Promise.all([sweep(), sweep(), sweep()]);
    const threaded = () => side.slack.messages.filter(({ thread_ts }) => thread_ts !== undefined);
    const words = async () => threaded().find(({ channel }) => channel === 'C0SOON');
    const word = await until(words, 'the reminder');
    expect(word.text).toMatch(/<@U0DAVE>.*`expose blog 80` of <@U0ALICE> expires at/);
    await sweep();
    await show('req-soon', 'C0SOON');
    await new Promise((resolve) => setTimeout(resolve, 2_500));
    expect(threaded().filter(({ channel }) => channel === 'C0SOON')).toHaveLength(1);
    expect(threaded().filter(({ channel }) => channel === 'C0DONE')).toEqual([]);
  });

  it('shows many requests that run in one channel at its pace, each in its newest state', {
    timeout: 60_000,
  }, async () => {
    const ids = Array.from({ length: 6 }, (_, index) => `req-many${index}`);
    for (const id of ids) {
      await side.waiting(id, { channel: 'C0MANY' });
      await side.records.requests.resetSteps(id, 1);
      await side.records.requests.move(id, ['waiting'], 'applying');
    }
    const from = side.slack.calls.length;
    for (let round = 0; round < 40; round += 1)
      await Promise.all(
        ids.map(async (id) => {
          await side.records.requests.setProgress(id, `round ${round}`);
          await side.records.requests.setStep(id, 0, round === 39 ? 'done' : 'running');
          await show(id, 'C0MANY');
        }),
      );
    const newest = async () => {
      const texts = shown('C0MANY').map(({ text }) => text);
      return texts.filter((text) => text.includes('Done; knocking')).length === ids.length || undefined;
    };
    await until(newest, 'the last state of all', 30_000);
    const calls = side.slack.calls.slice(from).filter(({ channel }) => channel === 'C0MANY');
    // One for each at first, at most one more for each: whatever was added meanwhile waited once.
    expect(calls.length).toBeLessThanOrEqual(2 * ids.length + 1);
    const pauses = calls.slice(1).map(({ at }, index) => at - (calls[index]?.at ?? 0));
    expect(Math.min(...pauses)).toBeGreaterThan(900);
  });

  it('posts anew where somebody deleted the message', async () => {
    await side.waiting('req-gone', { channel: 'C0GONE' });
    await show('req-gone', 'C0GONE');
    await until(async () => (shown('C0GONE').length === 1 ? true : undefined), 'the message');
    side.slack.messages.splice(
      side.slack.messages.findIndex(({ channel }) => channel === 'C0GONE'),
      1,
    );
    await side.records.decisions.decide(
      'req-gone',
      (await side.records.requests.get('req-gone'))?.plan?.fingerprint ?? '',
      { verdict: 'denied', by: 'U0BOB', at: Date.now() },
    );
    await show('req-gone', 'C0GONE');
    await until(async () => (shown('C0GONE').length === 1 ? true : undefined), 'the new message');
  });

  it('drops what Slack will never take and goes on with the rest', async () => {
    await side.waiting('req-never', { channel: 'C0NEVER' });
    await side.waiting('req-after', { channel: 'C0NEVER' });
    let first = true;
    side.slack.fault = (method) => {
      if (method !== 'chat.postMessage' || !first) return 'ok';
      first = false;
      return { error: 'channel_not_found' };
    };
    await show('req-never', 'C0NEVER');
    await show('req-after', 'C0NEVER');
    await until(async () => (shown('C0NEVER').length === 1 ? true : undefined), 'the other message');
    expect(shown('C0NEVER')[0]?.text).toContain('req-after');
  });
});
