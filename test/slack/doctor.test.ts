/** The bot's part of `/lxd doctor`: each bad case is really there, and the answer comes without any worker. */
import { readFileSync } from 'node:fs';
import { afterAll, afterEach, beforeAll, beforeEach, expect, it } from 'vitest';
import { parse } from 'yaml';
import { SCOPES } from '../../src/core/findings/slack-findings.ts';
import { createLog } from '../../src/log.ts';
import { connectRedis } from '../../src/records/redis.ts';
import { until } from '../stage/until.ts';
import { openSlackSide, type SlackSide } from './slack-side.ts';

const LOG = createLog({ level: 'silent', readable: false });
const ALL = Object.keys(SCOPES);
let side: SlackSide;
beforeAll(async () => {
  side = await openSlackSide({ audit: { channel: 'C0AUDIT' } });
});
afterAll(() => side.close());
beforeEach(() => {
  side.slack.scopes = [...ALL, 'channels:read'];
  side.slack.groups.S0DUTY = ['U0GRACE'];
});
afterEach(() => {
  side.slack.foreign.clear();
  side.slack.fault = undefined;
});

/** The bot's answer to the command. */
async function doctor(channel = 'C0DOORS'): Promise<string> {
  const before = side.slack.responses.length;
  await side.command('doctor', 'U0ALICE', channel);
  const answer = async () =>
    side.slack.responses.slice(before).find(({ text }) => text.includes('as the bot sees it'))?.text;
  return until(answer, 'the bot’s part');
}

/** The line about one thing. */
const line = (text: string, about: string) =>
  text.split('\n').find((each) => each.includes(`*${about}*`)) ?? `nothing about ${about} in: ${text}`;

it('knows the scopes of the manifest', () => {
  const manifest = parse(readFileSync('docs/slack-app-manifest.yaml', 'utf8')) as {
    oauth_config: { scopes: { bot: string[] } };
  };
  expect(ALL.toSorted()).toEqual(manifest.oauth_config.scopes.bot.toSorted());
});

it('is content where everything is as it has to be', async () => {
  const text = await doctor();
  for (const about of [
    'Slack: connection',
    'Slack: scopes',
    'Slack: this channel',
    'Slack: the audit’s channel',
    'Slack: user groups',
    'Policy',
    'Messages to Slack',
    'Queues',
    'Redis: append-only file',
    'Redis: eviction',
    'Redis: speed and clock',
  ])
    expect(line(text, about)).toMatch(/^:white_check_mark: ok/);
  expect(text).toContain('by HTTP');
});

it('names a scope that is missing and what does not work without it, or says that Slack does not tell', async () => {
  side.slack.scopes = ALL.filter((scope) => scope !== 'files:write');
  expect(line(await doctor(), 'Slack: scopes')).toMatch(/^:x: \*fail\*.*`files:write`.*audit as csv/);
  side.slack.scopes = undefined;
  expect(line(await doctor(), 'Slack: scopes')).toMatch(/^:grey_question: unknown/);
});

it('sees a channel that the bot is not in, with and without the scope that says so', async () => {
  side.slack.foreign.add('C0FAR').add('C0AUDIT');
  expect(line(await doctor('C0FAR'), 'Slack: this channel')).toMatch(/^:x: \*fail\*.*<#C0FAR>/);
  expect(line(await doctor('C0FAR'), 'Slack: the audit’s channel')).toMatch(/^:x: \*fail\*.*<#C0AUDIT>/);
  side.slack.scopes = ALL;
  expect(line(await doctor('C0FAR'), 'Slack: this channel')).toMatch(/^:x: \*fail\*.*<#C0FAR>/);
  expect(line(await doctor('C0NEAR'), 'Slack: this channel')).toMatch(/^:white_check_mark: ok/);
  expect(line(await doctor(), 'Slack: the audit’s channel')).toMatch(
    /^:grey_question: unknown.*missing_scope/,
  );
});

it('names a user group that cannot be read', async () => {
  side.slack.fault = (method) => (method === 'usergroups.users.list' ? { error: 'no_such_subteam' } : 'ok');
  expect(line(await doctor(), 'Slack: user groups')).toMatch(/^:x: \*fail\*.*S0DUTY.*no_such_subteam/);
});

it('answers also while Slack’s own word about the bot cannot be had', async () => {
  side.slack.fault = (method) => (method === 'auth.test' ? 'down' : 'ok');
  const text = await doctor();
  expect(text).toMatch(/^:x: \*fail\* · \*Slack\*: could not be examined/m);
  expect(line(text, 'Redis: eviction')).toMatch(/ok/);
});

it('sees messages that wait for too long', async () => {
  // What the tests before had said is said by now.
  await until(
    async () => ((await side.records.outbox.waiting()) === 0 ? true : undefined),
    'an empty outbox',
  );
  side.slack.fault = (method) => (method === 'chat.postMessage' ? { error: 'not_in_channel' } : 'ok');
  await side.records.outbox.add('C0OLD', { kind: 'notice', channel: 'C0OLD', text: 'x' });
  expect(line(await doctor(), 'Messages to Slack')).toMatch(/ok.*1 wait/);
  const key = '{drawbridge}:outbox:lane:C0OLD';
  const own = await connectRedis(side.redis.config, { patient: false }, LOG);
  const entry = JSON.parse((await own.lindex(key, 0)) ?? '{}') as object;
  await own.lset(key, 0, JSON.stringify({ ...entry, at: Date.now() - 90_000 }));
  expect(line(await doctor(), 'Messages to Slack')).toMatch(/warn.*the oldest for 9\d s/);
  await own.del(key);
  own.disconnect();
});

it('misses the worker aloud after a few seconds', { timeout: 40_000 }, async () => {
  const missed = () =>
    side.slack.responses.filter(({ text }) => text.includes('none has taken up the look')).length;
  const before = missed();
  await doctor();
  await until(async () => (missed() > before ? true : undefined), 'the word that no worker answers', 20_000);
  expect((await side.queues.untaken()).look).toBeGreaterThan(0);
});
