/** `/lxd audit`, what is told to the audit of commands and clicks, the channel that mirrors it, and files in a direct message. */
import { afterAll, afterEach, beforeAll, describe, expect, it } from 'vitest';
import type { ChainedEntry } from '../../src/core/audit/audit-chain.ts';
import type { Records } from '../../src/records/records.ts';
import { findLocalSlack } from '../../src/sandbox/local-slack.ts';
import { ALICE, BOB, CAROL, raiseStage, type Stage } from '../stage/stage.ts';
import { until } from '../stage/until.ts';
import { type FakeMessage, violationsOf } from './fake-slack.ts';
import { openSlackSide, type SlackSide } from './slack-side.ts';

const MIRROR = 'C0MIRROR';

const wordsOf = ({ blocks }: Pick<FakeMessage, 'blocks'>): string =>
  blocks
    .flatMap(({ text, elements }) => [text, ...((elements as unknown[]) ?? [])])
    .map((each) => (each as { text?: string } | undefined)?.text ?? '')
    .join('\n');

describe('the audit in Slack', () => {
  let side: SlackSide;
  beforeAll(async () => {
    side = await openSlackSide();
  });
  afterAll(() => side.close());

  type Answer = Pick<FakeMessage, 'text' | 'blocks'> & { response_type: string };
  const told = async (deed: () => Promise<unknown>): Promise<Answer> => {
    const before = side.slack.responses.length;
    await deed();
    return until(async () => side.slack.responses[before] as Answer | undefined, 'an answer');
  };
  const newest = async (): Promise<ChainedEntry | undefined> =>
    (await side.records.audit.search({ most: 1 })).entries[0];
  const kindsOf = async (id: string) =>
    (await side.records.audit.of(id)).map(({ kind, user, what }) => [kind, user, what]);

  it('is told of every look, every change and every refusal', async () => {
    for (const [text, entry] of [
      ['doors', { kind: 'looked' }],
      ['list web1', { kind: 'looked' }],
      ['info web1/blog', { kind: 'looked', about: 'web1/blog' }],
      ['logs blog', { kind: 'looked', about: 'blog' }],
      ['hosts', { kind: 'looked' }],
      ['requests', { kind: 'looked' }],
      ['plan expose blog 80', { kind: 'looked', about: 'blog' }],
      ['audit since 1h', { kind: 'looked' }],
      ['cancel req-none', { kind: 'asked', request: 'req-none' }],
      ['expose blog 80', { kind: 'asked', about: 'blog' }],
      ['host drain web9', { kind: 'asked', about: 'web9' }],
    ] as const) {
      await side.command(text);
      const seen = async () => ((await newest())?.what === text ? newest() : undefined);
      expect(await until(seen, `${text} in the audit`)).toMatchObject({ user: 'U0ALICE', ...entry });
    }
    await told(() => side.command('expose blog 80', 'U0MALLORY'));
    expect(await newest()).toMatchObject({ kind: 'refused', user: 'U0MALLORY' });
  });

  it('is told of every click before it counts, and of what became of it', async () => {
    const plan = await side.waiting('req-click1', { requester: 'U0BOB' });
    await told(() => side.click('U0ALICE', 'approve_request', 'req-click1', plan));
    await told(() => side.click('U0BOB', 'approve_request', 'req-click1', plan));
    await told(() => side.click('U0DAVE', 'approve_request', 'req-click1', plan));
    await told(() => side.click('U0ERIN', 'deny_request', 'req-click1', plan));
    expect(await kindsOf('req-click1')).toEqual([
      ['clicked', 'U0ALICE', 'Approve'],
      ['refused', 'U0ALICE', expect.stringContaining('Deciding is for')],
      ['clicked', 'U0BOB', 'Approve'],
      ['refused', 'U0BOB', expect.stringContaining('your own request')],
      ['clicked', 'U0DAVE', 'Approve'],
      ['decided', 'U0DAVE', 'approved'],
      ['clicked', 'U0ERIN', 'Deny'],
      ['refused', 'U0ERIN', expect.stringContaining('approved it already')],
    ]);
    const fingerprints = (await side.records.audit.of('req-click1')).map((entry) => entry.plan);
    expect(new Set(fingerprints)).toEqual(new Set([plan.fingerprint]));
  });

  it('is told of those who take a request back, and of those who may not', async () => {
    await side.waiting('req-back1');
    expect((await told(() => side.command('cancel req-back1', 'U0BOB'))).text).toContain('is cancelled');
    await told(() => side.command('cancel req-back1', 'U0ALICE'));
    expect(await kindsOf('req-back1')).toEqual([
      ['asked', 'U0BOB', 'cancel req-back1'],
      ['decided', 'U0BOB', 'cancelled'],
      ['asked', 'U0ALICE', 'cancel req-back1'],
      ['refused', 'U0ALICE', expect.stringContaining('cancelled already')],
    ]);
    await side.waiting('req-back2', { requester: 'U0DAVE' });
    await told(() => side.command('cancel req-back2', 'U0ALICE'));
    expect((await kindsOf('req-back2')).at(-1)).toEqual([
      'refused',
      'U0ALICE',
      expect.stringContaining('they or an approver'),
    ]);
  });

  it('is told no secret, whatever is typed', async () => {
    for (const text of [
      'expose blog 80 because password=planted',
      'expose blog 80 because the token is planted',
      'logs xoxb-1-planted-2',
      'plan expose AKIAPLANTED1234567 80',
      'cancel xapp-1-planted',
      'requests secret=planted',
      'audit since 1h',
    ])
      await side.command(text);
    await told(() => side.command('expose blog 80 because api_key=planted', 'U0MALLORY'));
    await until(async () => ((await newest())?.kind === 'refused' ? true : undefined), 'the refusal');
    const kept = await side.records.audit.after(0, 9_999);
    expect(kept.filter(({ what }) => what.includes('•••')).length).toBeGreaterThan(2);
    expect(kept.filter((entry) => /planted/i.test(JSON.stringify(entry)))).toEqual([]);
  });

  it('is told of the policy that holds, once', async () => {
    const changes = async () =>
      (await side.records.audit.after(0, 9_999)).filter(({ kind }) => kind === 'policy_changed');
    const [first, ...more] = await changes();
    expect(first?.what).toContain('new: role operators: U0ALICE, U0BOB');
    expect(first?.what).toContain('new: without approval: 10.0.0.0/8');
    expect(more).toEqual([]);
    await side.restartBot();
    expect(await changes()).toHaveLength(1);
    await side.records.audit.setNotedPolicy([
      'approve: nobody',
      ...((await side.records.audit.notedPolicy()) ?? []),
    ]);
    await side.restartBot();
    expect((await changes()).map(({ what }) => what).slice(1)).toEqual(['no longer: approve: nobody']);
  });

  it('is shown privately, the newest first, page by page', async () => {
    for (let index = 0; index < 60; index += 1)
      await side.records.audit.add({
        kind: 'step_done',
        request: 'req-pages',
        user: 'U0PAGES',
        about: 'web1/pages',
        what: `step ${index} <!channel> *bold* ${'x'.repeat(400)}`,
      });
    let words = 'audit pages since 1h';
    const seen: number[] = [];
    for (let page = 0; page < 3; page += 1) {
      const answer = await told(() => side.command(words));
      expect(answer.response_type).toBe('ephemeral');
      expect(violationsOf(answer)).toEqual([]);
      const shown = wordsOf(answer);
      expect(shown).not.toContain('<!channel>');
      seen.push(...[...shown.matchAll(/step (\d+) /g)].map(([, number]) => Number(number)));
      words = /Older: `\/lxd ([^`]+)`/.exec(shown)?.[1] ?? '';
    }
    expect(words).toBe('');
    expect(seen).toEqual(Array.from({ length: 60 }, (_, index) => 59 - index));
  });

  it('is shown of a person and of a request, and says when there is nothing', async () => {
    await side.records.audit.add({ kind: 'asked', request: 'req-one', user: 'U0ONE', what: 'only this' });
    for (const words of ['audit <@U0ONE|one>', 'audit req-one', 'audit “req-one” since 2026-01-01']) {
      const shown = wordsOf(await told(() => side.command(words)));
      expect(shown).toMatch(/^`\d+` .* \*asked\* <@U0ONE> `req-one` only this$/);
    }
    expect((await told(() => side.command('audit nowhere'))).text).toBe(
      'The audit has nothing for `audit nowhere`.',
    );
  });

  it('is not for those who may not look', async () => {
    expect((await told(() => side.command('audit', 'U0MALLORY'))).text).toContain('you are not among them');
  });

  it('says what the app lacks when Slack does not let it send files', async () => {
    side.slack.fault = (method) => (method === 'conversations.open' ? { error: 'missing_scope' } : 'ok');
    const { text } = await told(() => side.command('audit as csv'));
    side.slack.fault = undefined;
    expect(text).toContain('it lacks `files:write` or `im:write`');
    expect(text).toContain('docs/slack-app-manifest.yaml');
  });
});

describe('the channel that mirrors the audit', () => {
  let side: SlackSide;
  beforeAll(async () => {
    side = await openSlackSide({ audit: { channel: MIRROR } });
  });
  afterAll(() => side.close());
  afterEach(() => expect(side.slack.violations).toEqual([]));

  const shown = () => side.slack.messages.filter(({ channel }) => channel === MIRROR).map(wordsOf);
  const see = (words: string) =>
    until(async () => shown().find((each) => each.includes(words)), `${words} in the channel`);
  const add = (kind: Parameters<Records['audit']['add']>[0]['kind'], what: string) =>
    side.records.audit.add({ kind, user: 'U0BOB', what });

  it('begins where the audit is then, and shows decisions, refusals, ends and changes of the policy', async () => {
    await see('are shown here from now on');
    expect(shown()).toHaveLength(1);
    await add('asked', 'not shown');
    await add('decided', 'approved 1');
    await add('step_begun', 'not shown');
    await add('ended', 'done 1');
    await add('policy_changed', 'new: x');
    await see('new: x');
    await add('refused', 'no 1');
    await see('no 1');
    const all = shown().join('\n');
    for (const words of ['approved 1', 'done 1']) expect(all.split(words)).toHaveLength(2);
    expect(all).not.toContain('not shown');
  });

  it('names the hash of the last entry of each batch', async () => {
    await add('decided', 'approved 2');
    const [, seq, hash] = /up to entry (\d+): `([0-9a-f]{64})`/.exec(await see('approved 2')) ?? [];
    const [entry] = await side.records.audit.after(Number(seq) - 1, 1);
    expect(entry?.hash).toBe(hash);
  });

  it('is told of many in few messages, each once, in order, at the pace of a channel', async () => {
    const count = shown().length;
    const calls = side.slack.calls.length;
    await Promise.all(Array.from({ length: 100 }, (_, index) => add('refused', `flood ${index}.`)));
    await see('flood 99.');
    const numbers = [
      ...shown()
        .slice(count)
        .join('\n')
        .matchAll(/flood (\d+)\./g),
    ].map(([, number]) => Number(number));
    expect(numbers).toEqual(Array.from({ length: 100 }, (_, index) => index));
    expect(shown().length - count).toBeLessThanOrEqual(6);
    const times = side.slack.calls
      .slice(calls)
      .filter(({ channel }) => channel === MIRROR)
      .map(({ at }) => at);
    const pauses = times.slice(1).map((at, index) => at - (times[index] ?? 0));
    expect(pauses.filter((pause) => pause < 950)).toEqual([]);
  });

  it('misses nothing while the bot is away or Slack is down', async () => {
    side.slack.fault = () => 'down';
    await add('decided', 'while Slack is down');
    await new Promise((resolve) => setTimeout(resolve, 1_500));
    side.slack.fault = undefined;
    await see('while Slack is down');
    const restarted = side.restartBot();
    await add('ended', 'while the bot is away');
    await restarted;
    await see('while the bot is away');
    expect(shown().join('\n').split('while Slack is down')).toHaveLength(2);
  });
});

describe.skipIf(findLocalSlack() === undefined)(
  'a file of the audit (needs the emulator local-slack)',
  () => {
    let stage: Stage;
    beforeAll(async () => {
      const policy = {
        roles: { operators: { users: [ALICE, BOB], groups: [] } },
        rights: { look: ['operators'], ask: ['operators'], approve: [], panic: [] },
        ownRequests: false,
        privateNetworks: [],
        approvalSeconds: 60,
        sensitivePorts: [],
        rules: [],
      };
      stage = await raiseStage({ file: { clouds: {}, hosts: {}, networks: {}, policy } });
    });
    afterAll(() => stage?.stop());

    interface Uploaded {
      text: string;
      files?: { name: string; url_private_download: string }[];
    }

    /** What stands in the direct messages with somebody. */
    async function direct(user: string): Promise<Uploaded[]> {
      const state = (await (await fetch(`${stage.page}/_control/state`)).json()) as {
        channels: { id: string; is_im: boolean; members: string[] }[];
      };
      const channel = state.channels.find(({ is_im, members }) => is_im && members.includes(user));
      if (channel === undefined) return [];
      const answer = await (await fetch(`${stage.page}/_control/messages/${channel.id}`)).json();
      return (answer as { messages: Uploaded[] }).messages;
    }

    it.each([
      ['json', 'jsonl'],
      ['csv', 'csv'],
    ])('as %s comes as a direct message to whoever asked', async (as, ending) => {
      await stage.records.audit.add({ kind: 'ended', user: CAROL, what: '=1+1, "done"' });
      await stage.type(BOB, `audit <@${CAROL}> since 1h as ${as}`);
      await stage.see('as a file in a direct message');
      const message = await until(
        async () => (await direct(BOB)).find(({ text }) => text.includes(`as ${as}`)),
        'the file',
      );
      const [file] = message.files ?? [];
      expect(file?.name).toMatch(new RegExp(`^audit-\\d+-\\d+\\.${ending}$`));
      const headers = { authorization: `Bearer ${stage.config.slack?.botToken.reveal()}` };
      const text = await (await fetch(file?.url_private_download ?? '', { headers })).text();
      if (as === 'csv') {
        expect(text.split('\r\n')[0]).toBe('entry,time,kind,request,user,about,plan,what,hash');
        expect(text).toContain(`,ended,,${CAROL},,,"'=1+1, ""done""",`);
      } else {
        const entries = text
          .trimEnd()
          .split('\n')
          .map((line) => JSON.parse(line) as ChainedEntry);
        expect(entries.every(({ user }) => user === CAROL)).toBe(true);
        const { entries: kept } = await stage.records.audit.search({ of: { user: CAROL }, most: 99 });
        expect(kept).toContainEqual(entries.at(-1));
      }
      expect(await direct(ALICE)).toEqual([]);
    });
  },
);
