/** What owners are told of their doors, and the buttons under it: once, however many sweep, and not at night. */
import { afterAll, afterEach, beforeAll, describe, expect, it } from 'vitest';
import { remindDeciders } from '../../jobs/sweep/remind-deciders.ts';
import { sendDigests } from '../../jobs/sweep/send-digests.ts';
import { warnOfEnds } from '../../jobs/sweep/warn-of-ends.ts';
import type { Notices } from '../../src/core/notices.ts';
import type { Door } from '../../src/core/record.ts';
import { DAYS, type Hours } from '../../src/core/rules/hours.ts';
import { createLog } from '../../src/log.ts';
import { until } from '../stage/until.ts';
import { openSlackSide, planOf, type SlackSide } from './slack-side.ts';

const HOUR = 3_600_000;
const DAY = 24 * HOUR;
/** Quiet whenever the test runs. */
const ALWAYS: Hours = { days: [...DAYS], from: 0, to: 24 * 60, zone: 'UTC' };

describe('a door', () => {
  let side: SlackSide;
  const log = createLog({ level: 'silent', readable: false });
  beforeAll(async () => {
    side = await openSlackSide();
  });
  afterEach(() => expect(side.slack.violations).toEqual([]));
  afterAll(() => side.close());

  async function put(name: string, over: Partial<Door> = {}): Promise<Door> {
    const door: Door = {
      ...planOf(`req-${name}`).door,
      publicAddress: '198.51.100.11',
      owner: 'U0ALICE',
      request: `req-${name}`,
      channel: `C0${name.toUpperCase()}`,
      openedAt: Date.now() - HOUR,
      proof: { state: 'proven', seen: 'answered' },
      ...over,
    };
    await side.records.doors.put(door);
    return door;
  }
  const said = (channel: string) => side.slack.messages.filter((message) => message.channel === channel);
  const wordsIn = (channel: string) => JSON.stringify(said(channel));
  const posted = (channel: string, count = 1) =>
    until(async () => (said(channel).length >= count ? said(channel) : undefined), `a word in ${channel}`);
  /** What comes behind it in the same lane is there: so is all that stood before it. */
  async function flush(channel: string): Promise<void> {
    await side.records.outbox.add(channel, { kind: 'notice', channel, text: 'flushed' });
    await until(async () => (wordsIn(channel).includes('flushed') ? true : undefined), `all of ${channel}`);
  }
  const sweep = (notices: Notices = {}, now = Date.now()) =>
    Promise.all(Array.from({ length: 4 }, () => warnOfEnds({ records: side.records, notices, log }, now)));
  const digests = (notices: Notices, now: number) =>
    Promise.all(Array.from({ length: 4 }, () => sendDigests({ records: side.records, notices }, now)));
  const press = (user: string, action_id: string, value: string) =>
    side.interact({
      type: 'block_actions',
      user: { id: user },
      actions: [{ type: 'button', action_id, value, block_id: 'b' }],
    });
  const requestsBy = async (text: string) =>
    (await side.records.requests.latest(50)).filter(({ asked }) => asked.text.startsWith(text));

  it('that is about to be closed is told to its owner once, in the thread of its request, with Extend and Close', async () => {
    await side.waiting('req-warn', { channel: 'C0WARN' });
    await side.records.requests.setMessage('req-warn', { channel: 'C0WARN', ts: '42.1' });
    const endsAt = Date.now() + 5 * 60_000;
    await put('warn', { endsAt, forSeconds: 7_200 });
    await sweep();
    await sweep();
    await posted('C0WARN');
    await flush('C0WARN');
    const [word, ...more] = said('C0WARN').filter(({ text }) => text !== 'flushed');
    expect(more).toEqual([]);
    expect(word).toMatchObject({ thread_ts: '42.1' });
    const words = JSON.stringify(word);
    for (const part of [
      '<@U0ALICE>',
      'will be closed at',
      'Extend by 2 h',
      `door-warn:${endsAt}`,
      'close_door',
    ])
      expect(words).toContain(part);

    // Moved, it is another end, and warned of anew.
    await side.records.doors.moveEnd('door-warn', endsAt, endsAt + 1_000);
    await sweep();
    await posted('C0WARN', 3);
    await side.records.doors.remove('door-warn');
  });

  it('that was extended or closed before Slack took the warning is not warned of', async () => {
    const endsAt = Date.now() + 60_000;
    await put('moved', { endsAt, forSeconds: 60 });
    const place = { channel: 'C0MOVED' };
    await side.records.doors.moveEnd('door-moved', endsAt, endsAt + HOUR);
    await side.records.outbox.add('C0MOVED', { kind: 'door_end', door: 'door-moved', endsAt, ...place });
    await side.records.outbox.add('C0MOVED', { kind: 'door_end', door: 'door-none', endsAt, ...place });
    await flush('C0MOVED');
    expect(said('C0MOVED')).toHaveLength(1);
    await side.records.doors.remove('door-moved');
  });

  it('whose end comes after the quiet hours is warned of when they are over, one that ends in them at once', async () => {
    const now = Date.UTC(2026, 10, 25, 5, 55);
    const quiet: Hours = { days: [...DAYS], from: 20 * 60, to: 6 * 60, zone: 'UTC' };
    await put('night', { endsAt: now + 4 * 60_000, forSeconds: 7_200 });
    await put('morning', { endsAt: now + 10 * 60_000, forSeconds: 7_200 });
    const told = async () => {
      const marks = ['night', 'morning'].map(async (name) => {
        const door = await side.records.doors.get(`door-${name}`);
        return (await side.records.told.has(`end:door-${name}:${door?.endsAt}`)) ? [name] : [];
      });
      return (await Promise.all(marks)).flat();
    };
    await sweep({ quiet }, now);
    expect(await told()).toEqual(['night']);
    await sweep({ quiet }, now + 5 * 60_000);
    expect(await told()).toEqual(['night', 'morning']);
    for (const name of ['night', 'morning']) await side.records.doors.remove(`door-${name}`);
  });

  it('is extended by the button once: by the time for which it was opened, as a request in its thread', async () => {
    await side.waiting('req-longer', { channel: 'C0LONGER', thread: '7.7' });
    const endsAt = Date.now() + 5 * 60_000;
    await put('longer', { endsAt, forSeconds: 5_400 });
    await Promise.all([1, 2, 3].map(() => press('U0ALICE', 'extend_door', `door-longer:${endsAt}`)));
    const [record, ...more] = await until(async () => {
      const found = await requestsBy('extend web1/blog 80');
      return found.length > 0 ? found : undefined;
    }, 'the request');
    expect(more).toEqual([]);
    expect(record?.asked).toMatchObject({
      text: 'extend web1/blog 80 as 198.51.100.11:80 by 90m',
      requester: 'U0ALICE',
      channel: 'C0LONGER',
      thread: '7.7',
    });
    await press('U0ALICE', 'extend_door', 'door-longer:1');
    await until(
      async () => (JSON.stringify(side.slack.modals).includes('was moved already') ? true : undefined),
      'the answer to an old button',
    );
    await press('U0MALLORY', 'extend_door', `door-longer:${endsAt}`);
    await until(
      async () => (JSON.stringify(side.slack.modals).includes('you are not among them') ? true : undefined),
      'the refusal',
    );
    expect(await requestsBy('extend web1/blog 80')).toHaveLength(1);
    await side.records.doors.remove('door-longer');
  });

  it('that is old or has no end is asked about once a week, with Close and Keep, and not at quiet times', async () => {
    const digest = { day: 'mon', at: 9 * 60, zone: 'Europe/Berlin' } as const;
    const monday = Date.UTC(2026, 10, 23, 8, 30);
    await put('endless', { owner: 'U0BOB', openedAt: monday - HOUR, reason: 'a demo' });
    await put('old', { owner: 'U0BOB', openedAt: monday - 8 * DAY, endsAt: monday + 30 * DAY });
    await put('fresh', { owner: 'U0BOB', openedAt: monday - HOUR, endsAt: monday + DAY });
    await digests({}, monday);
    await digests({ digest, quiet: ALWAYS }, monday);
    await digests({ digest }, monday - HOUR);
    await flush('private-U0BOB');
    expect(said('U0BOB')).toEqual([]);
    await digests({ digest }, monday);
    await digests({ digest }, monday + 2 * DAY);
    await posted('U0BOB');
    await flush('private-U0BOB');
    expect(said('U0BOB')).toHaveLength(1);
    const words = wordsIn('U0BOB');
    for (const part of ['Still needed?', 'door-endless', 'door-old', 'a demo', '"Keep"', '"Close"'])
      expect(words).toContain(part);
    expect(words).not.toContain('door-fresh');

    await press('U0ALICE', 'keep_door', 'door-old');
    await press('U0BOB', 'keep_door', 'door-old');
    await until(
      async () => ((await side.records.kept.has('door-old')) ? true : undefined),
      'the door to be kept',
    );
    const kept = (await side.records.audit.of('req-old')).filter(({ kind }) => kind === 'door_kept');
    expect(kept).toMatchObject([{ user: 'U0BOB', about: 'web1/blog' }]);

    await digests({ digest }, monday + 7 * DAY);
    await posted('U0BOB', 2);
    const second = JSON.stringify(said('U0BOB').at(-1));
    expect(second).toContain('door-endless');
    expect(second).toContain('door-fresh');
    expect(second).not.toContain('door-old');
    for (const name of ['endless', 'old', 'fresh']) await side.records.doors.remove(`door-${name}`);
  });

  it('of somebody who waits for a decision: nobody is reminded in quiet hours, but afterwards, if it still waits', async () => {
    await side.waiting('req-quiet', { channel: 'C0QUIET' }, 60_000);
    const remind = (quiet?: Hours) => remindDeciders({ records: side.records, log }, Date.now(), quiet);
    await remind(ALWAYS);
    await flush('C0QUIET');
    expect(wordsIn('C0QUIET')).not.toContain(':bell:');
    await remind();
    await until(async () => (wordsIn('C0QUIET').includes(':bell:') ? true : undefined), 'the reminder');
  });
});
