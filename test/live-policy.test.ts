/** The policy follows its file while everything runs; a file that does not fit changes nothing. */
import { mkdtempSync, renameSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterEach, beforeEach, expect, test } from 'vitest';
import { parseConfigFile } from '../src/config-file.ts';
import { createLivePolicy, type LivePolicy, type PolicyNews } from '../src/live-policy.ts';
import { createLog } from '../src/log.ts';
import { until } from './stage/until.ts';

const log = createLog({ level: 'silent', readable: false });
const yaml = (user: string, more = '') =>
  `roles: { all: { users: [${user}] } }\npolicy: { look: [all] }\n${more}`;

let folder = '';
let path = '';
let live: LivePolicy;
let news: PolicyNews[] = [];

beforeEach(() => {
  folder = mkdtempSync(join(tmpdir(), 'db-live-'));
  path = join(folder, 'drawbridge.yaml');
  writeFileSync(path, yaml('U0ALICE'));
  news = [];
  const parsed = parseConfigFile(yaml('U0ALICE'));
  if ('problems' in parsed) throw new Error(parsed.problems.join());
  const tell = async (each: PolicyNews) => void news.push(each);
  live = createLivePolicy(parsed.config.policy, { path, log, tell, lookMs: 20 });
});
afterEach(() => {
  live.stop();
  rmSync(folder, { recursive: true, force: true });
});

const users = () => live.now().roles.all?.users;
const told = (count: number) => until(async () => (news.length >= count ? true : undefined), 'the news');

test('a change of the policy holds, and is told', async () => {
  writeFileSync(path, yaml('U0BOBBY'));
  await told(1);
  expect(users()).toEqual(['U0BOBBY']);
  expect(news).toEqual([{ kind: 'changed' }]);
});

test('a file that is put in the place of the old one counts as well', async () => {
  writeFileSync(`${path}.new`, yaml('U0CAROL'));
  renameSync(`${path}.new`, path);
  await told(1);
  expect(users()).toEqual(['U0CAROL']);
});

test('a broken file keeps the policy, says every problem, and is mended by the next change', async () => {
  writeFileSync(path, `${yaml('not-a-user')}networks: 7\n`);
  await told(1);
  expect(users()).toEqual(['U0ALICE']);
  expect(news[0]).toMatchObject({ kind: 'broken' });
  for (const place of ['roles.all.users.0', 'networks']) expect(JSON.stringify(news[0])).toContain(place);
  expect(JSON.stringify(live.problems())).toContain('roles.all.users.0');
  writeFileSync(path, yaml('U0DAVE'));
  await told(2);
  expect(users()).toEqual(['U0DAVE']);
  expect(live.problems()).toBeUndefined();
});

test('a file that goes away keeps the policy', async () => {
  rmSync(path);
  await told(1);
  expect(news[0]?.kind).toBe('broken');
  expect(users()).toEqual(['U0ALICE']);
});

test('a change of something else is no news', async () => {
  writeFileSync(path, yaml('U0ALICE', 'networks: { office: [192.0.2.0/24] }\n'));
  await new Promise((resolve) => setTimeout(resolve, 300));
  expect(news).toEqual([]);
});
