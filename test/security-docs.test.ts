/** docs/security.md says what is so: its tests exist, its key line is the one that is used, every scope is explained. */
import { existsSync, readFileSync } from 'node:fs';
import { describe, expect, it } from 'vitest';
import { parse } from 'yaml';
import { restrictedKey } from '../src/core/cloud-init.ts';
import { GUARD_COMMAND } from '../src/core/guard-program.ts';

const read = (file: string): string => readFileSync(file, 'utf8');
/** On one line: names go over the ends of lines. */
const flat = (text: string): string => text.replace(/\s+/g, ' ');
const page = read('docs/security.md');
const [, cases = ''] = page.split(/^## (?:Who can do what|Least privilege)$/m);
const sections = cases
  .split(/^### /m)
  .slice(1)
  .map((text) => [text.split('\n')[0] ?? '', flat(text)] as const);
const KEY = 'ssh-ed25519 AAAA… drawbridge';
const ONE_SOCKET = restrictedKey(KEY).replace(/,permitopen="\[\/var\/snap[^"]*"/, '');

describe('docs/security.md', () => {
  it('has an answer for everything that can be lost', () => {
    const titles = sections.map(([title]) => title).join('\n');
    const wanted = [
      ...['operator', 'approver', 'bot token', 'app-level token', 'signing secret', "bot's machine"],
      ...["worker's machine", 'Redis, to read', 'Redis, to write', "host's key", "cloud's credential"],
      ...['instance', 'LXD host', 'page', 'payload', 'network in between', 'package'],
    ];
    expect(wanted.filter((word) => !titles.includes(word))).toEqual([]);
  });

  it.each(sections)(
    'says of “%s” what can be done, what limits it, how it is noticed and what to do',
    (_, text) => {
      for (const lead of ['Can', 'Limited by', 'Noticed by', 'Then', 'Shown by'])
        expect(text).toContain(`- **${lead}** `);
    },
  );

  it.each(sections)('names tests for “%s” that there are', (_, text) => {
    const shown = text.slice(text.indexOf('**Shown by**'));
    const named = [...shown.matchAll(/`(test\/[\w/.-]+\.test\.ts)` “([^”]+)”/g)];
    expect(named.length).toBeGreaterThan(0);
    expect(shown.match(/`test\//g)).toHaveLength(named.length);
    const missing = named.filter(
      ([, file = '', name = '']) => !existsSync(file) || !flat(read(file)).includes(name),
    );
    expect(missing.map(([whole]) => whole)).toEqual([]);
  });

  it('explains every scope of the manifest, and no other', () => {
    const manifest = parse(read('docs/slack-app-manifest.yaml')) as {
      oauth_config: { scopes: { bot: string[] } };
    };
    const explained = [...page.matchAll(/^\| `([\w:]+)` \| .+ \|$/gm)].map(([, scope]) => scope);
    expect(explained.sort()).toEqual([...manifest.oauth_config.scopes.bot].sort());
  });

  it('is linked from where people look', () => {
    expect(read('README.md')).toContain('(docs/security.md)');
    expect(read('docs/architecture.md')).toContain('(security.md)');
  });
});

describe('the line of the key', () => {
  it('is the same on every page as on hosts that Drawbridge makes', () => {
    expect(page).toContain(`    ${ONE_SOCKET}\n`);
    expect(read('docs/guard.md')).toContain(`    ${ONE_SOCKET}\n`);
    expect(read('README.md')).toContain(`'${ONE_SOCKET.replace(GUARD_COMMAND, '/bin/false')}'`);
  });

  it('is the one of the lab’s hosts', () => {
    const lab = /const limits = `([^`]+)`;/.exec(read('test/lab/ssh-server.ts'))?.[1] ?? '';
    const filled = lab
      .replace(/\$\{socket\}/, '/var/lib/lxd/unix.socket')
      .replace(/\$\{guard\}/, GUARD_COMMAND);
    expect(`${filled} ${KEY}`).toBe(ONE_SOCKET);
  });
});

it('the lab’s cloud is used by an ordinary member', () => {
  expect(page).toContain('The role `member` of a project of its own');
  const accounts = read('test/lab/openstack/accounts.ts');
  expect(accounts).toContain("await grant(names.project, secret('BOT_PASS'), bot, 'member');");
  expect(accounts).toContain("roles: [{ name: 'member' }]");
});
