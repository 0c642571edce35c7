/** What the doctor makes of what was seen, where no server of a test can be brought to show it. */
import { expect, it } from 'vitest';
import { cloudFindings } from '../../src/core/findings/cloud-findings.ts';
import { doorFindings } from '../../src/core/findings/door-findings.ts';
import {
  clockTrouble,
  countInWords,
  fail,
  ok,
  unknown,
  warn,
  worstFirst,
} from '../../src/core/findings/finding.ts';
import { hostFindings } from '../../src/core/findings/host-findings.ts';
import { outboxFinding, policyFinding, queuesFinding } from '../../src/core/findings/slack-findings.ts';
import { findingsView } from '../../src/slack/views/findings-view.ts';
import { violationsOf } from '../slack/fake-slack.ts';

it('tells a clock that is off, and which way', () => {
  expect([0, 4_900, -4_900].map(clockTrouble)).toEqual([undefined, undefined, undefined]);
  expect(clockTrouble(-10_000)).toBe('its clock is 10 s behind');
  expect(clockTrouble(600_000)).toBe('its clock is 10 min ahead');
});

it('puts what is worst first, and counts', () => {
  const all = [ok('a', ''), unknown('b', '', ''), warn('c', '', ''), fail('d', '', ''), ok('e', '')];
  expect(worstFirst(all).map(({ about }) => about)).toEqual(['d', 'c', 'b', 'a', 'e']);
  expect(countInWords(all)).toBe('1 fail, 1 warn, 1 unknown, 2 ok');
});

it('names what an old LXD cannot do', () => {
  const server = { version: '4.0.9', extensions: ['proxy_nat'], tookMs: 3 };
  expect(hostFindings({ host: 'web1', server })).toEqual([
    expect.objectContaining({
      state: 'warn',
      seen: expect.stringMatching(/4\.0\.9 has no .*network_forward.*so not the road `forward` and `from`$/),
    }),
  ]);
});

it('tells of a guard how many doors it keeps, or that none is opened until it answers', () => {
  const extensions = ['network_forward', 'network_acl', 'network_bridge_acl', 'proxy_nat'];
  const host = { host: 'web1', server: { version: '5.0.2', extensions, tookMs: 3 } };
  expect(hostFindings({ ...host, guard: { doors: 2 } })).toEqual([
    expect.objectContaining({ state: 'ok', seen: 'LXD 5.0.2 answers in 3 ms, its guard keeps 2 doors' }),
  ]);
  expect(hostFindings({ ...host, guard: { error: 'sudo: a password is required' } })).toEqual([
    expect.objectContaining({
      state: 'fail',
      seen: 'its guard cannot be asked: sudo: a password is required',
      next: expect.stringContaining('docs/guard.md'),
    }),
  ]);
});

it('takes nothing that a host says for markup', () => {
  const [found] = hostFindings({ host: 'web1', server: { error: '<!channel> *x* `y`' } });
  expect(found?.seen).toBe('does not answer: &lt;!channel&gt; x y');
});

it('counts a quota as nearly used from nine tenths on, and none that has no end', () => {
  const seen = (used: number, limit: number) => ({
    tookMs: 1,
    extensions: new Set(['standard-attr-tag']),
    quotas: { ports: { used, limit } },
  });
  const state = (used: number, limit: number) =>
    cloudFindings({ cloud: 'c', seen: seen(used, limit) })[0]?.state;
  expect([state(89, 100), state(90, 100), state(100, 100), state(5_000, -1)]).toEqual([
    'ok',
    'warn',
    'warn',
    'ok',
  ]);
});

it('says what waits, and for how long', () => {
  expect(outboxFinding({ waiting: 3, oldestMs: 59_000 }).state).toBe('ok');
  expect(outboxFinding({ waiting: 3, oldestMs: 61_000 })).toMatchObject({
    state: 'warn',
    seen: '3 wait, the oldest for 61 s',
  });
  expect(queuesFinding({ plan: 0, look: 2 })).toMatchObject({ state: 'ok', seen: 'waiting: look 2' });
  expect(queuesFinding({ plan: 90, look: 20 })).toMatchObject({ state: 'warn' });
  expect(policyFinding(['roles: *bad*'])).toMatchObject({
    state: 'fail',
    seen: expect.stringContaining('roles: bad'),
  });
});

it('fits into a message however much there is to say', () => {
  const many = Array.from({ length: 300 }, (_, count) =>
    fail(`host ${count}`, 'x'.repeat(2_000), 'y'.repeat(2_000)),
  );
  for (const findings of [[], many])
    expect(violationsOf(JSON.parse(JSON.stringify(findingsView('the worker', findings))))).toEqual([]);
  expect(findingsView('the bot', [warn('Redis', 'slow', 'Hurry.')]).text).toContain('↳ Hurry.');
});

it('says when doors were compared last, how many differ, and what was not seen', () => {
  const pass = { at: 1_000_000, tookMs: 1_500, doors: 12, unseen: ['web2'] };
  const states = (...args: Parameters<typeof doorFindings>) =>
    doorFindings(...args).map(({ state, seen }) => [state, seen]);
  expect(states(undefined, 0, 300, 0)).toMatchObject([['unknown', expect.stringContaining('not compared')]]);
  expect(states({ ...pass, unseen: [] }, 0, 300, 1_060_000)).toEqual([
    ['ok', '12 compared with the road 60 s ago, in 1.5 s: nothing differs'],
  ]);
  expect(states(pass, 2, 300, 1_060_000)).toMatchObject([
    ['warn', expect.stringContaining('2 differ from it')],
    ['unknown', 'web2 could not be seen'],
  ]);
  expect(states(pass, 0, 300, 3_000_000)).toMatchObject([['fail', expect.stringContaining('too long ago')]]);
});
