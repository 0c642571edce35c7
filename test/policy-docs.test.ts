/** The examples of docs/policy.md are read as they stand, and rule as the text says. */
import { readFileSync } from 'node:fs';
import { describe, expect, test } from 'vitest';
import { type FileConfig, parseConfigFile } from '../src/config-file.ts';
import type { Facts } from '../src/core/rules/facts.ts';
import { rulingOn } from '../src/core/rules/ruling.ts';

const text = readFileSync(new URL('../docs/policy.md', import.meta.url), 'utf8');
const examples = [...text.matchAll(/```yaml\n([\s\S]*?)```/g)].map(([, yaml]) => yaml ?? '');
const configs = examples.map((yaml): FileConfig => {
  const parsed = parseConfigFile(yaml);
  if ('problems' in parsed) throw new Error(parsed.problems.join('\n'));
  return parsed.config;
});
const policy = configs[1]?.policy ?? expect.fail('a second example');

/** Wednesday at noon in Berlin. */
const NOON = Date.parse('2026-11-25T11:00:00Z');
const NIGHT = Date.parse('2026-11-25T22:00:00Z');

function ruling(over: Partial<Facts>) {
  return rulingOn(policy, {
    ...{ action: 'expose', requester: { user: 'U012ALICE', groups: [] }, channel: 'C012OPS', at: NOON },
    ...{ host: 'web2', labels: {}, road: 'forward', sources: ['192.0.2.0/24'], ports: [80] },
    ...over,
    planned: true,
  });
}

describe('the example with rules', () => {
  test.each<[string, Partial<Facts>, string, string | undefined]>([
    ['a database for anyone', { ports: [5432], sources: ['0.0.0.0/0'] }, 'refuse', 'no databases outside'],
    ['a database for the office', { ports: [5432] }, 'approve', undefined],
    ['production at noon', { labels: { env: 'production' } }, 'allow', undefined],
    ['production at night', { labels: { env: 'production' }, at: NIGHT }, 'approve', 'production at night'],
    ['another host at night', { at: NIGHT }, 'allow', undefined],
    [
      'operators for the office',
      { requester: { user: 'U012BOB', groups: [] } },
      'allow',
      'operators at home',
    ],
    [
      'operators by another road',
      { requester: { user: 'U012BOB', groups: [] }, road: 'port' },
      'allow',
      undefined,
    ],
    ['the lobby', { channel: 'C012LOBBY' }, 'refuse', 'not in the lobby'],
    ['anyone', { sources: ['0.0.0.0/0'] }, 'approve', undefined],
  ])('%s', (_, over, end, rule) => {
    const found = ruling(over);
    expect([found.end, found.rule]).toEqual([end, rule]);
  });

  test('asks for what it says at night', () => {
    expect(ruling({ labels: { env: 'production' }, at: NIGHT })).toMatchObject({
      why: 'nobody is there who would notice',
      need: {
        by: ['operators'],
        count: 2,
        own: false,
        waitSeconds: 1_800,
        escalate: { to: ['leads'], afterSeconds: 600 },
      },
    });
  });
});

test('every condition and every part of an approval is explained', () => {
  for (const name of [
    'actions',
    'by',
    'hosts',
    'labels',
    'roads',
    'beyond',
    'within',
    'ports',
    'hours',
    'channels',
  ])
    expect(text).toMatch(new RegExp(`^\\| \`${name}\` \\|`, 'm'));
  for (const name of ['by', 'count', 'own_requests', 'within', 'escalate'])
    expect(text).toMatch(new RegExp(`^\\| \`${name}\` \\|[^|]*\\|[^|]*\\|$`, 'm'));
});

describe('a file that does not fit says where and how', () => {
  const rule = (fields: string) => `policy:\n  rules:\n    - ${fields}`;
  test.each<[string, string, RegExp]>([
    ['no name', rule('end: allow'), /policy\.rules\.0\.name: it is missing/],
    ['no end', rule('name: x'), /policy\.rules\.0\.end: /],
    ['another end', rule('{ name: x, end: maybe }'), /end: write allow, approve or refuse/],
    ['a refusal without words', rule('{ name: x, end: refuse }'), /text: say why it is refused/],
    [
      'an approval where none is',
      rule('{ name: x, end: allow, approval: { count: 2 } }'),
      /only a rule with `end: approve`/,
    ],
    [
      'a longest time where nothing is opened',
      rule('{ name: x, end: refuse, text: no, at_most: 2h }'),
      /a rule that refuses opens no doors/,
    ],
    [
      'nobody to approve',
      rule('{ name: x, end: approve, approval: { count: 0 } }'),
      /at least one has to approve/,
    ],
    [
      'an action that is none',
      rule('{ name: x, end: allow, when: { actions: [list] } }'),
      /write commands like/,
    ],
    ['a road that is none', rule('{ name: x, end: allow, when: { roads: [tunnel] } }'), /the roads are/],
    [
      'a role that is none',
      rule('{ name: x, end: allow, when: { by: [ghosts] } }'),
      /rules\.0\.when\.by: there is no role `ghosts`/,
    ],
    [
      'an approver that is none',
      rule('{ name: x, end: approve, approval: { by: [ghosts] } }'),
      /approval\.by: there is no role/,
    ],
    [
      'nobody to escalate to',
      rule('{ name: x, end: approve, approval: { escalate: { to: [ghosts], after: 5m } } }'),
      /escalate\.to: there is no role/,
    ],
    [
      'a network that is none',
      rule('{ name: x, end: allow, when: { beyond: [home] } }'),
      /beyond: `home` is neither under `networks`/,
    ],
    [
      'a port that is none',
      rule('{ name: x, end: allow, when: { ports: [70000] } }'),
      /write a port or a range/,
    ],
    [
      'a time without quotes',
      rule('{ name: x, end: allow, when: { hours: { from: 8, to: "18:00" } } }'),
      /hours\.from/,
    ],
    [
      'a day that is none',
      rule('{ name: x, end: allow, when: { hours: { days: [monday], from: "08:00", to: "18:00" } } }'),
      /write days like mon/,
    ],
    [
      'a zone that is none',
      rule('{ name: x, end: allow, when: { hours: { from: "08:00", to: "18:00", zone: Berlin } } }'),
      /write one like `Europe\/Berlin`/,
    ],
    [
      'a channel by its name',
      rule('{ name: x, end: allow, when: { channels: [lobby] } }'),
      /channel id looks like/,
    ],
    [
      'a condition that is none',
      rule('{ name: x, end: allow, when: { colour: [red] } }'),
      /no setting `colour`/,
    ],
    [
      'an empty list',
      rule('{ name: x, end: allow, when: { hosts: [] } }'),
      /name at least one, or leave it out/,
    ],
  ])('%s', (_, yaml, words) => {
    const parsed = parseConfigFile(yaml);
    expect('problems' in parsed ? parsed.problems.join('\n') : 'it was taken').toMatch(words);
  });
});
