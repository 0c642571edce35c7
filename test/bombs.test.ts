/** Files and jobs that are made to break whoever reads them: they are refused, soon and in words, and change nothing. */
import { mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterAll, describe, expect, it } from 'vitest';
import { readCloudsYaml } from '../src/clouds-yaml.ts';
import { parseConfigFile } from '../src/config-file.ts';
import { PAYLOADS } from '../src/payloads.ts';

const folder = mkdtempSync(join(tmpdir(), 'db-bombs-'));
afterAll(() => rmSync(folder, { recursive: true, force: true }));

/** Nine times nine times nine …: a gigabyte out of a line. */
const LAUGHS = `a: &a [x,x,x,x,x,x,x,x,x]\n${[...'bcdefghij']
  .map((name, index) => `${name}: &${name} [${Array(9).fill(`*${'abcdefghi'[index]}`).join(',')}]`)
  .join('\n')}`;
const YAML: [string, string][] = [
  ['aliases of aliases', LAUGHS],
  ['merges of merges', `${LAUGHS.replace(/\[/g, '{<<: [').replace(/\]/g, ']}')}`],
  ['an alias of itself', 'clouds: &a { b: *a }\nhosts: *a'],
  ['brackets within brackets', `hosts: ${'['.repeat(50_000)}`],
  ['maps within maps', `hosts: ${'{a: '.repeat(50_000)}`],
  [
    'lists within lists by lines',
    Array.from({ length: 3_000 }, (_, deep) => `${' '.repeat(deep)}-`).join('\n'),
  ],
  ['one name twice', 'hosts: {}\nclouds: {}\nhosts: { web1: { unix: /a } }'],
  ['a tag of another language', 'hosts: !!js/function "function () { return 1 }"'],
  ['a second document', 'hosts: {}\n---\nhosts: { web1: { unix: /a } }'],
];

function inTime<T>(work: () => T): T {
  const begun = performance.now();
  const before = process.memoryUsage().rss;
  const found = work();
  expect(performance.now() - begun).toBeLessThan(5_000);
  expect(process.memoryUsage().rss - before).toBeLessThan(500_000_000);
  return found;
}

describe('a file with', () => {
  it.each(YAML)('%s is refused in words, in time and small', (_, text) => {
    const parsed = inTime(() => parseConfigFile(text));
    const problems = 'problems' in parsed ? parsed.problems : [];
    expect(problems).not.toEqual([]);
    for (const problem of problems) expect(problem).toMatch(/^[^\n]{5,500}$/);
  });

  it.each(YAML)('%s instead of clouds.yaml gives no login, in time and small', (_, text) => {
    const path = join(folder, 'clouds.yaml');
    writeFileSync(path, text.replaceAll('hosts:', 'clouds:'));
    const read = inTime(() => readCloudsYaml(path));
    const entries = 'problem' in read ? {} : read.entries;
    expect(Object.values(entries).flatMap(({ auth }) => Object.keys(auth))).toEqual([]);
  });

  it.each([
    'hosts: { __proto__: { unix: /a } }',
    '__proto__: { hosts: {} }',
    'roles: { constructor: { users: [U0EVIL] } }\npolicy: { approve: [__proto__] }',
    'policy: { __proto__: { own_requests: true } }',
  ])('names of the language’s own are names or nothing: %s', (text) => {
    inTime(() => parseConfigFile(text));
    expect(({} as Record<string, unknown>).unix).toBeUndefined();
    expect(({} as Record<string, unknown>).own_requests).toBeUndefined();
    const parsed = parseConfigFile(text);
    if ('config' in parsed) {
      expect(Object.getPrototypeOf(parsed.config.hosts)).toBe(Object.prototype);
      expect(parsed.config.policy.ownRequests).toBe(false);
    }
  });

  it('a text of ten million signs is refused without being repeated', () => {
    const parsed = inTime(() =>
      parseConfigFile(`hosts: { web1: { unix: /a, host_key: ${'x'.repeat(10_000_000)} } }`),
    );
    const problems = 'problems' in parsed ? parsed.problems.join() : '';
    expect(problems).toContain('host_key');
    expect(problems.length).toBeLessThan(1_000);
  });
});

describe('what a job carries', () => {
  const look = { command: { action: 'list' }, user: 'U0ALICE', channel: 'C0DOORS' };
  const wrong: [keyof typeof PAYLOADS, string, unknown][] = [
    ...[undefined, null, 1, 'req-abc', [], [{ request: 'req-abc' }]].map(
      (value) => ['plan', `is ${JSON.stringify(value)}`, value] as [keyof typeof PAYLOADS, string, unknown],
    ),
    ['plan', 'is empty', {}],
    ['plan', 'is a number', { request: 7 }],
    ['plan', 'is a list', { request: ['req-abc'] }],
    ['plan', 'names a request that is a path', { request: 'req-../../etc' }],
    ['plan', 'names a request over two lines', { request: 'req-abc\nreq-def' }],
    ['plan', 'is huge', { request: `req-${'a'.repeat(1_000_000)}` }],
    ['plan', 'has more than it needs', { request: 'req-abc', command: { action: 'panic' } }],
    ['plan', 'brings a prototype', JSON.parse('{"request":"req-abc","__proto__":{"approved":true}}')],
    ['apply', 'lacks the fingerprint', { request: 'req-abc' }],
    ['apply', 'has another kind of fingerprint', { request: 'req-abc', fingerprint: `${'a'.repeat(31)}G` }],
    ['apply', 'brings its decision', { request: 'req-abc', fingerprint: 'a'.repeat(32), approved: true }],
    ['look', 'has no command', { ...look, command: null }],
    ['look', 'has a command that changes something', { ...look, command: { action: 'expose' } }],
    ['look', 'has a command of nobody', { ...look, command: { action: '__proto__' } }],
    ['look', 'has a list for a person', { ...look, user: ['U0ALICE'] }],
    ['look', 'is asked by nobody whom Slack knows', { ...look, user: 'x'.repeat(1_000_000) }],
    ['look', 'brings a policy', { ...look, policy: {} }],
    ['look', 'is a form with a path', { form: '../x' }],
    ['sweep', 'has anything at all', { now: true }],
  ];

  it.each(wrong)('to the queue %s is refused when it %s', (queue, _, payload) => {
    expect(PAYLOADS[queue].safeParse(payload).success).toBe(false);
  });

  it('is taken when it is right', () => {
    expect(PAYLOADS.plan.safeParse({ request: 'req-abc' }).success).toBe(true);
    expect(PAYLOADS.apply.safeParse({ request: 'req-abc', fingerprint: 'a'.repeat(32) }).success).toBe(true);
    for (const action of ['list', 'info', 'logs', 'hosts', 'doctor', 'plan', 'policy'])
      expect(PAYLOADS.look.safeParse({ ...look, command: { action } }).success).toBe(true);
    expect(PAYLOADS.sweep.safeParse({}).success).toBe(true);
  });
});
