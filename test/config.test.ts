/** Settings: every problem at once, each with its remedy; what operators copy is held against the code. */

import { mkdtempSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { inspect } from 'node:util';
import { describe, expect, it } from 'vitest';
import { parse } from 'yaml';
import { z } from 'zod';
import { loadConfig, SETTINGS } from '../src/config.ts';
import { configFile, parseConfigFile } from '../src/config-file.ts';
import { DAYS } from '../src/core/rules/hours.ts';
import { SENSITIVE_PORTS } from '../src/core/rules/sensitive-ports.ts';
import { createLog } from '../src/log.ts';

/** A configuration file without anything in it, so that none of the working directory is read. */
const EMPTY = '/dev/null';

/** The problems that settings are refused with. */
function faultOf(env: Record<string, string>): string[] {
  try {
    loadConfig(env);
  } catch (error) {
    const fault = error as Error & { code?: string };
    expect([fault.name, fault.code]).toEqual(['Fault', 'config_invalid']);
    const [first, ...problems] = fault.message.split('\n  - ');
    expect(first).toBe('The settings do not fit:');
    return problems;
  }
  throw new Error('the settings fit');
}

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
    [{ REDIS_URL: 'redis://a', REDIS_SENTINEL_PASSWORD: 'x' }, /set REDIS_SENTINELS, or leave them out/],
    [
      { REDIS_SENTINELS: 'a:1', REDIS_SENTINEL_NAME: 'main', REDIS_SENTINEL_USER: 'x' },
      /REDIS_SENTINEL_USER needs REDIS_SENTINEL_PASSWORD/,
    ],
    [
      { REDIS_SENTINELS: 'a:1', REDIS_SENTINEL_NAME: 'main', REDIS_URL: '/run/redis.sock' },
      /with REDIS_SENTINELS write redis:\/\/user:password@master/,
    ],
    [{ REDIS_URL: 'redis://:bad:url:x' }, /REDIS_URL/],
  ])('%j says what goes with it', (env, words) => {
    expect(() => loadConfig(env)).toThrow(words);
  });

  it('is refused with a remedy for each variable, and without what stood in it', () => {
    const wrong = {
      SLACK_BOT_TOKEN: 'planted',
      SLACK_APP_TOKEN: 'planted',
      SLACK_SIGNING_SECRET: 'planted',
      SLACK_API_URL: 'planted',
      REDIS_URL: 'planted',
      REDIS_SENTINELS: 'planted',
      DRAWBRIDGE_PREFIX: 'planted!',
      PORT: 'planted',
      LOG_LEVEL: 'planted',
      LOG_FORMAT: 'planted',
    };
    expect(faultOf({ ...wrong, DRAWBRIDGE_CONFIG: EMPTY })).toEqual([
      'SLACK_BOT_TOKEN: a bot token begins with xoxb-',
      'SLACK_APP_TOKEN: an app-level token begins with xapp-',
      'SLACK_SIGNING_SECRET: that is too short: “Basic Information” of the Slack app shows it',
      'SLACK_API_URL: write http://… or https://…',
      'REDIS_URL: write redis://…, rediss://… or the path of a socket',
      'REDIS_SENTINELS: write host:port,host:port',
      'DRAWBRIDGE_PREFIX: letters, digits, dashes',
      'PORT: write a number from 0 to 65535',
      'LOG_LEVEL: write one of trace, debug, info, warn, error, fatal, silent',
      'LOG_FORMAT: write json or readable',
      'REDIS_SENTINELS and REDIS_SENTINEL_NAME belong together: set both or neither',
    ]);
  });

  it('tells what is missing together with what is wrong, and with the file’s problems', () => {
    const folder = mkdtempSync(join(tmpdir(), 'db-config-'));
    const file = join(folder, 'c.yaml');
    writeFileSync(file, 'hosts:\n');
    expect(faultOf({ SLACK_BOT_TOKEN: 'xoxb-1', PORT: '65536', DRAWBRIDGE_CONFIG: file })).toEqual([
      'PORT: write a number from 0 to 65535',
      `${file}: hosts: nothing stands behind it: fill it or leave it out`,
      'SLACK_BOT_TOKEN alone is not enough: set SLACK_APP_TOKEN (Socket Mode) or SLACK_SIGNING_SECRET (HTTP)',
    ]);
    rmSync(folder, { recursive: true });
  });

  it.each(['-1', '1.5', '1e3', '0x50', ' ', '80 ', '123456'])('PORT=%j is refused', (PORT) => {
    expect(faultOf({ PORT, DRAWBRIDGE_CONFIG: EMPTY })).toEqual(['PORT: write a number from 0 to 65535']);
  });

  it('counts empty variables as absent, every one of them', () => {
    const empty = Object.fromEntries(SETTINGS.map((name) => [name, '']));
    const absent = loadConfig({ DRAWBRIDGE_CONFIG: EMPTY });
    expect(loadConfig({ ...empty, DRAWBRIDGE_CONFIG: EMPTY })).toEqual(absent);
  });

  it('is read whole', () => {
    const config = loadConfig({
      SLACK_BOT_TOKEN: 'xoxb-1',
      SLACK_SIGNING_SECRET: 'a-signing-secret',
      SLACK_API_URL: 'http://localhost:9/api/',
      REDIS_SENTINELS: 'a:1,b:2',
      REDIS_SENTINEL_NAME: 'main',
      REDIS_SENTINEL_USER: 'guest',
      REDIS_SENTINEL_PASSWORD: 'a-sentinel-password',
      DRAWBRIDGE_PREFIX: 'blue',
      DRAWBRIDGE_DATA: '/data',
      DRAWBRIDGE_CONFIG: EMPTY,
      PATH: '/bin',
      PORT: '0',
      LOG_LEVEL: 'debug',
      LOG_FORMAT: 'readable',
    });
    expect(config).toMatchObject({
      slack: { apiUrl: 'http://localhost:9/api/' },
      redis: {
        sentinelName: 'main',
        sentinelUser: 'guest',
        sentinels: [
          { host: 'a', port: 1 },
          { host: 'b', port: 2 },
        ],
      },
      prefix: '{blue}',
      dataFolder: '/data',
      searchPath: '/bin',
      port: 0,
      log: { level: 'debug', readable: true },
    });
    expect(config.slack?.signingSecret?.reveal()).toBe('a-signing-secret');
    expect(config.redis?.sentinelPassword?.reveal()).toBe('a-sentinel-password');
    expect(config.slack?.appToken).toBeUndefined();
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
    ['audit: { channel: "#audit" }', /audit\.channel: a Slack channel id looks like `C012AB3CD`/],
    ['audit: {}', /audit\.channel: it is missing/],
    ['reconcile: { every: soon }', /reconcile\.every: write it like `5m`, from 10 seconds to a day/],
    ['reconcile: { every: 2d }', /reconcile\.every: write it like `5m`/],
    ['reconcile: { follow: maybe }', /reconcile\.follow: write true or false/],
    ['reconcile: { most_deletions: -1 }', /reconcile\.most_deletions: write a number from 0 to 1000/],
    ['reconcile: { quarantine: 60d }', /reconcile\.quarantine: write it like `24h`, at most 30 days/],
    ['reconcile: { channel: doors }', /reconcile\.channel: a Slack channel id looks like/],
    ['notices: { digest: { day: monday } }', /notices\.digest\.day: write days like mon/],
    ['notices: { digest: { at: "24:00" } }', /notices\.digest\.at: write "00:00" for midnight/],
    ['notices: { digest: { zone: Mars } }', /notices\.digest\.zone: no time zone is called that/],
    ['notices: { quiet: { from: "20:00" } }', /notices\.quiet\.to: it is missing/],
    ['notices: { quiet: { from: 20, to: "07:00" } }', /notices\.quiet\.from: write a string/],
    ['policy: { private_networks: [ofice] }', /`ofice` is neither under `networks` nor a network/],
    ['policy: { wait_for_approval: soon }', /write it like `30m`/],
    ['hosts: [', /./],
    ['hosts: { a: 1 }\nhosts: { b: 2 }', /unique/i],
  ])('%j is refused with its place', (text, words) => {
    expect(problemsOf(text).join('\n')).toMatch(words);
  });

  it.each([
    ['', undefined],
    ['notices: {}', {}],
    ['notices: { digest: {} }', { digest: { day: 'mon', at: 540, zone: 'UTC' } }],
    [
      'notices: { digest: { day: fri, at: "16:30" }, quiet: { from: "20:00", to: "07:00", zone: Europe/Berlin } }',
      {
        digest: { day: 'fri', at: 990, zone: 'UTC' },
        quiet: { days: [...DAYS], from: 1_200, to: 420, zone: 'Europe/Berlin' },
      },
    ],
  ])('has notices only as far as it says: %s', (text, notices) => {
    const parsed = parseConfigFile(text);
    expect('config' in parsed && parsed.config.notices).toEqual(notices);
  });

  it('compares doors as often as it says, with a default for the rest', () => {
    const parsed = parseConfigFile('reconcile: { every: 90s, follow: true, quarantine: 0s }');
    expect('config' in parsed && parsed.config.reconcile).toEqual({
      everySeconds: 90,
      follow: true,
      mostDeletions: 3,
      quarantineSeconds: 0,
    });
  });

  it('has every setting in the example', () => {
    const { properties } = z.toJSONSchema(configFile, { io: 'input', unrepresentable: 'any' });
    const shown = namesIn(parse(readFileSync('docs/drawbridge.example.yaml', 'utf8')));
    const settings = settingsIn(properties);
    expect(settings).toContain('server_fingerprint');
    expect(settings.filter((name) => !shown.includes(name))).toEqual([]);
  });

  it.each([
    ['a: *nothing', 'the file: Unresolved alias (the anchor must be set before the alias): nothing'],
    ['hosts:\n\tweb1: 1', 'Tabs are not allowed as indentation at line 2, column 1:'],
    ['- a', 'the file: write a map, `name: value`'],
    ['hosts:', 'hosts: nothing stands behind it: fill it or leave it out'],
    [
      'networks: { constructor2: [10.0.0.0/8] }\npolicy: { private_networks: [constructor] }',
      'policy.private_networks: `constructor` is neither under `networks` nor a network',
    ],
    ['policy: { approve: [constructor] }', 'policy.approve: there is no role `constructor` under `roles`'],
    ['policy: { wait_for_approval: 0m }', 'policy.wait_for_approval: nobody could decide in no time'],
    [
      'networks: { office: [10.0.0.0/8/8] }',
      /^networks\.office\.0: `10\.0\.0\.0\/8\/8` is not an IPv4 network/,
    ],
    ['policy: { own_requests: "yes" }', 'policy.own_requests: write a boolean'],
    [
      'hosts: { web1: { unix: /a, ports: 1 } }',
      'hosts.web1: there is no setting `ports` here; docs/drawbridge.example.yaml has them all',
    ],
  ])('%j is refused in these words', (text, words) => {
    const problems = problemsOf(text);
    expect(problems).toHaveLength(1);
    if (typeof words === 'string') expect(problems).toEqual([words]);
    else expect(problems[0]).toMatch(words);
  });

  it('names what is wrong and what leads nowhere together', () => {
    const text =
      'hosts: { web1: { ssh: { address: 1 } } }\npolicy: { look: [ghosts], private_networks: [moon] }';
    expect(problemsOf(text)).toEqual([
      'hosts.web1.ssh.address: write a string',
      'hosts.web1.ssh.user: it is missing',
      'hosts.web1.ssh.key_file: it is missing',
      'policy.look: there is no role `ghosts` under `roles`',
      'policy.private_networks: `moon` is neither under `networks` nor a network',
    ]);
  });

  it('may be empty: then nobody may do anything', () => {
    expect(parseConfigFile('')).toEqual({
      config: {
        zone: 'UTC',
        clouds: {},
        hosts: {},
        networks: {},
        policy: {
          roles: {},
          rights: { look: [], ask: [], approve: [], panic: [] },
          ownRequests: false,
          privateNetworks: [],
          approvalSeconds: 3600,
          sensitivePorts: SENSITIVE_PORTS,
          rules: [],
        },
      },
    });
  });

  it.each([
    ['45s', 45],
    ['30m', 1_800],
    ['2h', 7_200],
    ['1d', 86_400],
  ])('a wait of %s is %i seconds', (wait, seconds) => {
    const parsed = parseConfigFile(`policy: { wait_for_approval: ${wait} }`);
    expect(parsed).toMatchObject({ config: { policy: { approvalSeconds: seconds } } });
  });

  it('knows private networks by name and by address', () => {
    const text =
      'networks: { vpn: [10.8.0.0/16, 10.9.0.0/16] }\npolicy: { private_networks: [vpn, 192.0.2.0/24] }';
    expect(parseConfigFile(text)).toMatchObject({
      config: { policy: { privateNetworks: ['10.8.0.0/16', '10.9.0.0/16', '192.0.2.0/24'] } },
    });
  });

  it('names the channel of the audit, where there is one', () => {
    expect(parseConfigFile('audit: { channel: C012AUDIT }')).toMatchObject({
      config: { audit: { channel: 'C012AUDIT' } },
    });
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

/** Every name that stands before a colon, at any depth. */
function namesIn(content: unknown): string[] {
  if (content === null || typeof content !== 'object') return [];
  const own = Array.isArray(content) ? [] : Object.keys(content);
  return [...own, ...Object.values(content).flatMap(namesIn)];
}

/** Every name of a setting in a JSON Schema, at any depth. */
function settingsIn(properties: object | undefined): string[] {
  return Object.entries(properties ?? {}).flatMap(([name, schema]) => {
    const {
      properties: own,
      additionalProperties: values,
      items,
    } = schema as Record<string, object | undefined>;
    const inner = [values, items].map((each) => (each as { properties?: object } | undefined)?.properties);
    return [name, ...settingsIn(own), ...inner.flatMap(settingsIn)];
  });
}
