/** Settings: every problem at once, each with its remedy; what operators copy is held against the code. */
import { mkdtempSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { inspect } from 'node:util';
import { describe, expect, it } from 'vitest';
import { loadConfig, SETTINGS } from '../src/config.ts';
import { parseConfigFile } from '../src/config-file.ts';
import { createLog } from '../src/log.ts';

describe('the environment', () => {
  it('may be empty', () => {
    const config = loadConfig({ HOME: '/root', SLACK_BOT_TOKEN: '', PORT: '' });
    expect(config).toMatchObject({ prefix: '{drawbridge}', log: { level: 'info' } });
    expect(config.slack).toBeUndefined();
    expect(config.port).toBeUndefined();
  });

  it('is refused with every problem and its remedy in one message', () => {
    const env = {
      SLACK_BOT_TOKEN: 'nonsense',
      REDIS_URL: 'http://x',
      PORT: '99999',
      LOG_LEVEL: 'loud',
      DRAWBRIDGE_CONFIG: '/nowhere.yaml',
    };
    const words = [
      /SLACK_BOT_TOKEN: a bot token begins with xoxb-/,
      /REDIS_URL: write redis:/,
      /PORT:/,
      /LOG_LEVEL:/,
      /\/nowhere\.yaml cannot be read/,
    ];
    for (const word of words) expect(() => loadConfig(env)).toThrow(word);
  });

  it.each([
    [{ SLACK_BOT_TOKEN: 'xoxb-1' }, /set SLACK_APP_TOKEN \(Socket Mode\) or SLACK_SIGNING_SECRET \(HTTP\)/],
    [{ SLACK_APP_TOKEN: 'xapp-1' }, /SLACK_BOT_TOKEN is missing/],
    [{ REDIS_SENTINELS: 'a:1' }, /belong together/],
    [{ REDIS_URL: 'redis://:bad:url:x' }, /REDIS_URL/],
  ])('%j says what goes with it', (env, words) => {
    expect(() => loadConfig(env)).toThrow(words);
  });

  it('is documented whole in .env.example, and nothing else is', () => {
    const documented = [...readFileSync('.env.example', 'utf8').matchAll(/^([A-Z_]+)=/gm)].map(
      ([, name]) => name,
    );
    expect(documented.sort()).toEqual(SETTINGS.filter((name) => name !== 'PATH').sort());
  });

  it('is fine as .env.example has it', () => {
    const lines = [...readFileSync('.env.example', 'utf8').matchAll(/^([A-Z_]+)=(.*)$/gm)].map(
      ([, name = '', value = '']) => [name, value],
    );
    expect(() => loadConfig(Object.fromEntries(lines))).not.toThrow();
  });
});

describe('the configuration file', () => {
  const problemsOf = (text: string): string[] => {
    const parsed = parseConfigFile(text);
    return 'problems' in parsed ? parsed.problems : [];
  };

  it('is fine as the example has it', () => {
    const parsed = parseConfigFile(readFileSync('docs/drawbridge.example.yaml', 'utf8'));
    expect(parsed).toHaveProperty('config');
  });

  it.each([
    ['hosts: { web1: {} }', /hosts\.web1: give it exactly one of `unix`, `ssh` and `https`/],
    [
      'hosts: { web1: { unix: /a, https: { url: "https://x", certificate_file: a, key_file: b } } }',
      /exactly one/,
    ],
    ['hosts: { web1: { unix: /a, public_address: nowhere } }', /public_address: write an IPv4 address/],
    ['hosts: { web1: { unix: /a, public_ports: 90-80 } }', /the smaller first/],
    ['hosts: { "1web": { unix: /a } }', /names are letters/],
    ['hosts: { web1: { unix: /a, adress: x } }', /adress/],
    ['hosts: { web1: { ssh: { address: a, user: b, key_file: c, host_key: MD5:x } } }', /SHA256:/],
    ['networks: { office: [10.0.0.1/8] }', /Did you mean `10\.0\.0\.0\/8`/],
    ['roles: { ops: { users: [alice] } }', /a Slack user id looks like/],
    ['policy: { ask: [ops] }', /there is no role `ops`/],
    ['policy: { private_networks: [ofice] }', /`ofice` is neither under `networks` nor a network/],
    ['policy: { wait_for_approval: soon }', /write it like `30m`/],
    ['hosts: [', /./],
    ['hosts: { a: 1 }\nhosts: { b: 2 }', /unique/i],
  ])('%j is refused with its place', (text, words) => {
    expect(problemsOf(text).join('\n')).toMatch(words);
  });

  it('names every problem at once', () => {
    expect(
      problemsOf('hosts: { web1: {} }\nnetworks: { x: [nonsense] }\nroles: { r: { users: [a] } }').length,
    ).toBeGreaterThanOrEqual(3);
  });

  it('is not blown up by aliases', () => {
    const bomb = `a: &a [x,x,x,x,x,x,x,x,x]\n${'bcdefgh'
      .split('')
      .map((name, index) => `${name}: &${name} [${Array(9).fill(`*${'abcdefgh'[index]}`).join(',')}]`)
      .join('\n')}`;
    expect(problemsOf(bomb).length).toBeGreaterThan(0);
  });

  it('is read from the file that DRAWBRIDGE_CONFIG names', () => {
    const folder = mkdtempSync(join(tmpdir(), 'db-config-'));
    writeFileSync(join(folder, 'c.yaml'), 'networks: { office: [192.0.2.0/24] }');
    expect(loadConfig({ DRAWBRIDGE_CONFIG: join(folder, 'c.yaml') }).file?.networks).toEqual({
      office: ['192.0.2.0/24'],
    });
    rmSync(folder, { recursive: true });
  });
});

describe('secrets', () => {
  const env = {
    SLACK_BOT_TOKEN: 'xoxb-planted-1',
    SLACK_APP_TOKEN: 'xapp-planted-2',
    SLACK_SIGNING_SECRET: 'planted-secret-3',
    REDIS_URL: 'redis://user:planted-4@localhost/0',
  };

  it('never print, however a configuration is shown', () => {
    const config = loadConfig(env);
    const lines: string[] = [];
    const log = createLog({
      level: 'trace',
      readable: false,
      destination: { write: (line) => void lines.push(line) },
    });
    log.info({ config, nested: { config } }, `${config.slack?.botToken}`);
    const all = [
      JSON.stringify(config),
      inspect(config, { depth: 9 }),
      String(config.redis?.url),
      ...lines,
    ].join('\n');
    expect(all).not.toMatch(/planted/);
    expect(config.slack?.botToken.reveal()).toBe('xoxb-planted-1');
  });

  it('are cut out of whatever is logged', () => {
    for (const readable of [true, false]) {
      const lines: string[] = [];
      const log = createLog({
        level: 'trace',
        readable,
        destination: { write: (line) => void lines.push(line) },
      });
      const key = '-----BEGIN OPENSSH PRIVATE KEY-----\nplanted\n-----END OPENSSH PRIVATE KEY-----';
      log.info(
        { token: 'planted-a', a: { privateKey: 'planted-b' }, b: { c: { password: 'planted-c' } } },
        'text with xoxb-planted-d and xapp-planted-e',
      );
      log.error(
        {
          err: new Error(`connecting to redis://u:planted-f@h:1/0 with ${key}`),
          response_url: 'https://hooks.slack.com/commands/planted/g',
        },
        'x',
      );
      log.info('https://hooks.slack.com/commands/T0/planted-h');
      expect(lines.join('\n')).not.toMatch(/planted/);
      expect(lines.join('\n')).toContain('[redacted]');
    }
  });
});
