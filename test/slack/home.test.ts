/** The Home: what it shows to whom, its buttons through the policy, and how often it is published. */
import { afterAll, afterEach, beforeAll, beforeEach, describe, expect, it } from 'vitest';
import type { Door } from '../../src/core/record.ts';
import { until } from '../stage/until.ts';
import { openSlackSide, planOf, type SlackSide } from './slack-side.ts';

describe('the Home', () => {
  let side: SlackSide;
  beforeAll(async () => {
    side = await openSlackSide();
  });
  beforeEach(() => {
    side.slack.homes.clear();
  });
  afterEach(() => {
    side.slack.fault = undefined;
    expect(side.slack.violations).toEqual([]);
  });
  afterAll(() => side.close());

  const openHome = (user: string) =>
    side.event({ type: 'app_home_opened', user, channel: 'D0', tab: 'home' });
  const wordsOf = (user: string) => JSON.stringify(side.slack.homes.get(user)?.view.blocks ?? []);
  const shows = (user: string, words: string | RegExp, ms?: number) =>
    until(
      async () => (new RegExp(words).test(wordsOf(user)) ? wordsOf(user) : undefined),
      `a Home of ${user} with ${words}`,
      ms,
    );
  const press = (user: string, action_id: string, value: string) =>
    side.interact({
      type: 'block_actions',
      user: { id: user },
      actions: [{ type: 'button', action_id, value, block_id: 'b' }],
    });
  const publishes = (user: string) =>
    side.slack.calls.filter(({ method, channel }) => method === 'views.publish' && channel === user);

  function door(index: number, over: Partial<Door> = {}): Door {
    const spec = planOf(`req-h${index}`).door;
    const proof = { state: 'proven', seen: 'answered 200 in 5 ms' } as const;
    return {
      ...spec,
      publicAddress: '198.51.100.11',
      publicPort: 10_000 + index,
      owner: 'U0ALICE',
      approvers: ['U0BOB', 'U0DAVE'],
      request: `req-h${index}`,
      channel: 'C0DOORS',
      openedAt: 1_700_000_000_000 + index,
      proof,
      ...over,
    };
  }

  it('shows the doors with owner, approver, proof and Close, one’s own requests, and the hosts', async () => {
    await side.waiting('req-own');
    await side.records.doors.put(door(1, { id: 'door-one', reason: 'a demo' }));
    await side.records.hosts.put({
      host: 'web1',
      answers: true,
      says: 'LXD 5.0.2',
      seenAt: Date.now(),
      since: 1,
    });
    await side.records.hosts.put({
      host: 'web2',
      answers: false,
      says: 'no route',
      seenAt: Date.now(),
      since: 1,
    });
    await side.records.hosts.put({ host: 'web3', answers: true, says: 'LXD 5.0.2', seenAt: 1 });
    expect((await openHome('U0ALICE')).status).toBe(200);
    const words = await shows('U0ALICE', 'door-one');
    for (const part of [
      '198.51.100.11:10001* → `web1/blog:80`',
      '<@U0ALICE>, approved by <@U0BOB>, <@U0DAVE>',
      'proven: answered 200',
      'a demo',
      '"Close"',
      'Your requests',
      'req-own',
      'waits for a decision',
      '*web1* answers · LXD 5.0.2',
      '*web2* does not answer: no route',
      '*web3* was not looked at since',
    ])
      expect(words).toContain(part);
    expect(words).not.toContain('Waiting for you');
  });

  it('shows what waits to those who may decide on it, with the way to its message', async () => {
    await side.waiting('req-link', { channel: 'C0LINK' });
    await side.records.outbox.add('C0LINK', { kind: 'request', request: 'req-link' });
    await until(async () => side.slack.messages.find(({ channel }) => channel === 'C0LINK'), 'the message');
    await side.waiting('req-bobs', { requester: 'U0BOB' });
    await openHome('U0BOB');
    const words = await shows('U0BOB', 'Waiting for you');
    expect(words).toMatch(/<https:\/\/t.slack.com\/archives\/C0LINK\/p\d+\|req-link>/);
    expect(words.indexOf('Your requests')).toBeLessThan(words.indexOf('req-bobs'));
    // The link was asked for once and is remembered.
    await openHome('U0BOB');
    await until(async () => (publishes('U0BOB').length >= 2 ? true : undefined), 'the second one');
    expect(side.slack.calls.filter(({ method }) => method === 'chat.getPermalink')).toHaveLength(1);
  });

  it('says plainly that somebody may not look, and shows them nothing else', async () => {
    await openHome('U0MALLORY');
    const words = await shows('U0MALLORY', 'You may not look at doors and hosts');
    expect(words).toContain('`doors` is for operators');
    expect(words).not.toMatch(/198\.51|web1|"Close"|req-own/);
    await openHome('U0DAVE');
    const waiting = await shows('U0DAVE', 'Waiting for you');
    expect(waiting).toContain('You may not look');
    expect(waiting).not.toContain('198.51.100.11:');
  });

  it('closes a door by its button: the command of that person, where the door was asked for', async () => {
    await side.records.doors.put(door(7, { id: 'door-seven', channel: 'C0SEVEN' }));
    await press('U0ALICE', 'close_door', 'door-seven');
    const posted = () => side.slack.messages.find(({ channel }) => channel === 'C0SEVEN');
    expect((await until(async () => posted(), 'the request')).text).toContain('Unexpose web1/blog:80');
    const [record] = await side.records.requests.latest(1);
    expect(record?.asked).toMatchObject({
      requester: 'U0ALICE',
      text: 'unexpose web1/blog 80 as 198.51.100.11:10007',
    });
    await until(
      async () =>
        JSON.stringify(side.slack.modals.at(-1)).includes('<#C0SEVEN> shows how it goes') ? true : undefined,
      'the answer in the modal',
    );
  });

  it('refuses to close for somebody without the right, and for a door that is gone', async () => {
    const before = (await side.records.requests.latest(50)).length;
    const modalWith = (words: string) =>
      until(
        async () => (JSON.stringify(side.slack.modals.at(-1) ?? {}).includes(words) ? true : undefined),
        `a modal with ${words}`,
      );
    await press('U0MALLORY', 'close_door', 'door-seven');
    await modalWith('`unexpose` is for operators');
    await press('U0ALICE', 'close_door', 'door-nowhere');
    await modalWith('closed already');
    await side.records.doors.put(door(8, { id: 'door-lost', request: 'req-lost' }));
    const { channel: _channel, ...lost } = door(8, { id: 'door-lost', request: 'req-lost' });
    await side.records.doors.put(lost);
    await press('U0ALICE', 'close_door', 'door-lost');
    await modalWith('Type `/lxd unexpose web1/blog 80 as 198.51.100.11:10008`');
    expect(await side.records.requests.latest(50)).toHaveLength(before);
    // Without a modal the answer comes directly.
    side.slack.fault = (method) => (method === 'views.open' ? { error: 'expired_trigger_id' } : 'ok');
    await press('U0ALICE', 'close_door', 'door-nowhere');
    await until(
      async () => side.slack.messages.find(({ channel }) => channel === 'U0ALICE'),
      'a direct message',
    );
  });

  it('pages a thousand doors within Slack’s limits', async () => {
    for (let index = 0; index < 1_000; index += 1)
      await side.records.doors.put(
        door(index, { id: `door-k${index}`, reason: '“quoted” & <b>'.repeat(20) }),
      );
    await openHome('U0ALICE');
    await shows('U0ALICE', '1 to 25 of 1003');
    const seen = new Set<string>();
    for (let page = 0; ; page += 1) {
      const words = wordsOf('U0ALICE');
      for (const [, id] of words.matchAll(/"value":"(door-\w+)"/g)) seen.add(id ?? '');
      const next = /"action_id":"home_older"[^}]*\}[^}]*"value":"(\d+)"/.exec(words)?.[1];
      if (next === undefined) break;
      expect(Number(next)).toBe(page + 1);
      await press('U0ALICE', 'home_older', next);
      await shows('U0ALICE', `${(page + 1) * 25 + 1} to `);
    }
    expect(seen.size).toBe(1_003);
    await press('U0ALICE', 'home_newer', '39');
    await shows('U0ALICE', '976 to 1000 of 1003');
    for (const { id } of await side.records.doors.list()) await side.records.doors.remove(id);
  }, 90_000);
});

describe('a Home that somebody looks at', () => {
  let side: SlackSide;
  beforeAll(async () => {
    side = await openSlackSide();
  });
  afterEach(() => {
    side.slack.fault = undefined;
  });
  afterAll(() => side.close());

  const openHome = (user: string) =>
    side.event({ type: 'app_home_opened', user, channel: 'D0', tab: 'home' });
  const publishes = (user: string) =>
    side.slack.calls.filter(({ method, channel }) => method === 'views.publish' && channel === user);
  const first = async (user: string) => {
    await openHome(user);
    return until(async () => publishes(user)[0], 'the Home');
  };
  const shows = (user: string, words: string, ms = 15_000) =>
    until(
      async () => (JSON.stringify(side.slack.homes.get(user)?.view ?? {}).includes(words) ? true : undefined),
      `a Home of ${user} with ${words}`,
      ms,
    );

  it('follows a storm of changes with a publication every few seconds, however many bots run', {
    timeout: 60_000,
  }, async () => {
    const second = await side.anotherBot();
    await first('U0ALICE');
    await first('U0BOB');
    const begun = Date.now();
    let last = '';
    for (let index = 0; Date.now() - begun < 8_000; index += 1) {
      last = `req-storm${index}`;
      await side.waiting(last, { channel: `C0STORM${index}` });
      await side.records.outbox.add(`C0STORM${index}`, { kind: 'request', request: last });
      await new Promise((resolve) => setTimeout(resolve, 100));
    }
    await Promise.all([shows('U0ALICE', last), shows('U0BOB', 'Waiting for you')]);
    const times = publishes('U0ALICE').map(({ at }) => at);
    expect(times.length).toBeGreaterThan(2);
    expect(times.length).toBeLessThan(8);
    const gaps = times.slice(2).map((at, index) => at - (times[index + 1] ?? 0));
    for (const gap of gaps) expect(gap).toBeGreaterThanOrEqual(2_900);
    await second.stop();
  });

  it('is left alone when nothing that it shows has changed, and when nobody opened it', async () => {
    await new Promise((resolve) => setTimeout(resolve, 4_000));
    const before = publishes('U0ALICE').length + publishes('U0DAVE').length;
    await side.records.homes.changed();
    await new Promise((resolve) => setTimeout(resolve, 3_500));
    expect(publishes('U0ALICE').length + publishes('U0DAVE').length).toBe(before);
  });

  it('rests as long as a 429 says, and so do all others', { timeout: 60_000 }, async () => {
    let refusedAt = 0;
    side.slack.fault = (method) => {
      if (method !== 'views.publish' || refusedAt > 0) return 'ok';
      refusedAt = Date.now();
      return { retryAfter: 4 };
    };
    const before = side.slack.calls.length;
    await side.records.hosts.put({
      host: 'web7',
      answers: true,
      says: 'LXD 5',
      seenAt: Date.now(),
      since: 1,
    });
    await side.records.homes.changed();
    await Promise.all([shows('U0ALICE', 'web7', 30_000), shows('U0BOB', 'web7', 30_000)]);
    const after = side.slack.calls.slice(before).filter(({ method }) => method === 'views.publish');
    expect(after.length).toBe(2);
    for (const { at } of after) expect(at - refusedAt).toBeGreaterThanOrEqual(3_900);
  });

  it('is shown once Slack is back', { timeout: 60_000 }, async () => {
    side.slack.fault = (method) => (method === 'views.publish' ? 'down' : 'ok');
    await openHome('U0DAVE');
    await new Promise((resolve) => setTimeout(resolve, 1_000));
    side.slack.fault = undefined;
    await shows('U0DAVE', 'You may not look', 20_000);
  });
});
