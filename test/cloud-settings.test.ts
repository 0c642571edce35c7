/** Clouds in the settings: who logs in where, out of clouds.yaml or out of variables, and every problem with its remedy. */
import { mkdirSync, mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { inspect } from 'node:util';
import { afterEach, beforeEach, describe, expect, it } from 'vitest';
import { type Config, loadConfig } from '../src/config.ts';
import { parseConfigFile } from '../src/config-file.ts';

let folder: string;

beforeEach(() => {
  folder = mkdtempSync(join(tmpdir(), 'drawbridge-clouds-'));
});
afterEach(() => rmSync(folder, { recursive: true }));

const ENTRY = `clouds:
  mycloud:
    region_name: RegionOne
    auth:
      auth_url: https://cloud.example.net:5000/v3
      username: bot
      password: planted-1
      project_name: doors
      user_domain_name: People
      project_domain_id: abc
`;

/** Settings with one cloud in the file, and whatever is in clouds.yaml. */
function load(
  {
    cloudsYaml = ENTRY,
    secureYaml,
    cloud = 'os_cloud: mycloud',
    env = {},
  }: {
    cloudsYaml?: string;
    secureYaml?: string;
    cloud?: string;
    env?: Record<string, string>;
  } = {},
  needs?: { clouds: boolean },
): Config {
  writeFileSync(join(folder, 'clouds.yaml'), cloudsYaml);
  if (secureYaml !== undefined) writeFileSync(join(folder, 'secure.yaml'), secureYaml);
  const file = join(folder, 'drawbridge.yaml');
  writeFileSync(file, `clouds:\n  public:\n    key_file: /k\n    ${cloud}\n`);
  const OS_CLIENT_CONFIG_FILE = join(folder, 'clouds.yaml');
  return loadConfig({ OS_CLIENT_CONFIG_FILE, DRAWBRIDGE_CONFIG: file, ...env }, needs);
}

/** The problems that `load` ends with. */
function problemsOf(options: Parameters<typeof load>[0]): string[] {
  try {
    load(options);
  } catch (error) {
    return (error as Error).message.split('\n  - ').slice(1);
  }
  throw new Error('the settings fit');
}

const NONE = 'user: drawbridge';

describe('a cloud of clouds.yaml', () => {
  it('is logged in to by password', () => {
    const { public: access } = load().clouds;
    expect(access).toMatchObject({
      authUrl: 'https://cloud.example.net:5000/v3',
      region: 'RegionOne',
      interface: 'public',
      login: {
        kind: 'password',
        user: { name: 'bot', domain: { name: 'People' } },
        project: { name: 'doors', domain: { id: 'abc' } },
      },
    });
    expect(access?.login.kind === 'password' && access.login.password.reveal()).toBe('planted-1');
    expect(access).not.toHaveProperty('ca');
  });

  it('is logged in to by application credential, by its id or by its name', () => {
    const entry = (credential: string): string => `clouds:
  mycloud:
    auth_type: v3applicationcredential
    interface: internal
    auth: { auth_url: "http://k/v3", application_credential_secret: planted-2, ${credential} }
`;
    const byId = load({ cloudsYaml: entry('application_credential_id: abc') }).clouds.public;
    expect(byId).toMatchObject({
      interface: 'internal',
      login: { kind: 'application_credential', credential: { id: 'abc' } },
    });
    expect(byId).not.toHaveProperty('region');
    const byName = load({ cloudsYaml: entry('application_credential_name: door, username: bot') });
    expect(byName.clouds.public?.login).toMatchObject({
      credential: { name: 'door', user: { name: 'bot', domain: { id: 'default' } } },
    });
  });

  it('has its secrets in secure.yaml, and its names with dashes, if you like', () => {
    const cloudsYaml = ENTRY.replace('      password: planted-1\n', '').replace(
      'user_domain_name',
      'user-domain-name',
    );
    const secureYaml = 'clouds:\n  mycloud:\n    auth: { password: planted-3 }\n  other:\n    auth: {}\n';
    const login = load({ cloudsYaml, secureYaml }).clouds.public?.login;
    expect(login).toMatchObject({ user: { domain: { name: 'People' } } });
    expect(login?.kind === 'password' && login.password.reveal()).toBe('planted-3');
  });

  it.each(['0123', 'yes', '1e3', '2026-01-01', '~'])('takes the password %s as it is written', (password) => {
    const login = load({ cloudsYaml: ENTRY.replace('planted-1', password) }).clouds.public?.login;
    expect(login?.kind === 'password' && login.password.reveal()).toBe(password);
  });

  it('may share settings with others by anchors', () => {
    const cloudsYaml = `shared: &auth
  auth_url: http://k
  username: bot
  password: planted
  project_id: p1
clouds:
  mycloud:
    auth:
      <<: *auth
      project_id: p2
`;
    expect(load({ cloudsYaml }).clouds.public?.login).toMatchObject({ project: { id: 'p2' } });
  });

  it('is the one that OS_CLOUD names where the file names none', () => {
    expect(load({ cloud: NONE, env: { OS_CLOUD: 'mycloud' } }).clouds.public).toMatchObject({
      region: 'RegionOne',
    });
  });

  it('believes the authorities of its own', () => {
    const pem = '-----BEGIN CERTIFICATE-----\nMII\n-----END CERTIFICATE-----\n';
    writeFileSync(join(folder, 'ca.pem'), pem);
    const cloudsYaml = ENTRY.replace('    auth:', `    cacert: ${join(folder, 'ca.pem')}\n    auth:`);
    expect(load({ cloudsYaml }).clouds.public?.ca).toBe(pem);
  });
});

describe('a cloud of variables', () => {
  const env = {
    OS_AUTH_URL: 'https://k',
    OS_USERNAME: 'bot',
    OS_PASSWORD: 'planted-4',
    OS_PROJECT_ID: 'p1',
    OS_REGION_NAME: 'two',
    OS_INTERFACE: 'admin',
  };

  it('is logged in to by password', () => {
    expect(load({ cloud: NONE, env }).clouds.public).toMatchObject({
      authUrl: 'https://k',
      region: 'two',
      interface: 'admin',
      login: { user: { name: 'bot', domain: { id: 'default' } }, project: { id: 'p1' } },
    });
  });

  it('is logged in to by application credential', () => {
    const more = {
      OS_AUTH_URL: 'https://k',
      OS_AUTH_TYPE: 'v3applicationcredential',
      OS_APPLICATION_CREDENTIAL_ID: 'abc',
      OS_APPLICATION_CREDENTIAL_SECRET: 'planted-5',
    };
    expect(load({ cloud: NONE, env: more }).clouds.public?.login).toMatchObject({
      credential: { id: 'abc' },
    });
  });

  it('is not looked at where there is no cloud, nor in a process that needs none', () => {
    const file = join(folder, 'empty.yaml');
    writeFileSync(file, '');
    expect(loadConfig({ DRAWBRIDGE_CONFIG: file, OS_AUTH_URL: 'nonsense' }).clouds).toEqual({});
    const config = load({ cloud: 'os_cloud: nobody' }, { clouds: false });
    expect(config.clouds).toEqual({});
    expect(config.file?.clouds.public).toMatchObject({ os_cloud: 'nobody', user: 'drawbridge' });
  });
});

describe('a cloud that cannot be logged in to', () => {
  const at = (): string => `clouds.public: \`mycloud\` in ${join(folder, 'clouds.yaml')}:`;

  it('says which entries there are', () => {
    expect(problemsOf({ cloud: 'os_cloud: nobody' })).toEqual([
      `clouds.public: there is no \`nobody\` in ${join(folder, 'clouds.yaml')}; it has \`mycloud\``,
    ]);
    expect(problemsOf({ cloudsYaml: '' })).toEqual([
      `clouds.public: there is no \`mycloud\` in ${join(folder, 'clouds.yaml')}; it has no clouds`,
    ]);
    expect(problemsOf({ cloud: 'os_cloud: constructor' })).toHaveLength(1);
  });

  it('says where clouds.yaml was looked for', () => {
    const env = { OS_CLIENT_CONFIG_FILE: join(folder, 'nowhere.yaml') };
    expect(problemsOf({ env })).toEqual([
      `clouds.public: there is no ${join(folder, 'nowhere.yaml')}: correct OS_CLIENT_CONFIG_FILE`,
    ]);
    const [problem] = problemsOf({ env: { OS_CLIENT_CONFIG_FILE: '', HOME: '/nonexistent' } });
    expect(problem).toMatch(
      /^clouds\.public: there is no .*\/clouds\.yaml, no .*openstack\/clouds\.yaml.*: put it there/,
    );
  });

  it('says that clouds.yaml cannot be read, or is none', () => {
    mkdirSync(join(folder, 'folder'));
    const [unread] = problemsOf({ env: { OS_CLIENT_CONFIG_FILE: join(folder, 'folder') } });
    expect(unread).toMatch(/folder cannot be read \(EISDIR/);
    const [broken] = problemsOf({ cloudsYaml: 'clouds: [planted' });
    expect(broken).toMatch(/clouds\.yaml: .*at line 1/);
    expect(broken).not.toMatch(/planted/);
  });

  it('says what to set where nothing is named', () => {
    expect(problemsOf({ cloud: NONE })).toEqual([
      'clouds.public: set `os_cloud` to an entry of clouds.yaml, or set OS_CLOUD, or OS_AUTH_URL and its like',
    ]);
    expect(problemsOf({ cloud: NONE, env: { OS_AUTH_URL: 'k', OS_INTERFACE: 'door' } })).toEqual([
      'clouds.public: OS_*: `username` is missing, or `user_id`',
      'clouds.public: OS_*: `password` is missing: put it in secure.yaml beside clouds.yaml, or set OS_PASSWORD',
      'clouds.public: OS_*: `project_name` is missing, or `project_id`',
      'clouds.public: OS_*: `auth_url`: write https://… or http://…',
      'clouds.public: OS_*: `interface`: write public, internal or admin',
    ]);
  });

  it.each([
    [
      'auth:',
      'auth_type: v3oidcpassword\n    auth:',
      ['`auth_type`: write password or v3applicationcredential; Drawbridge logs in by no other'],
    ],
    [
      '      auth_url: https://cloud.example.net:5000/v3\n',
      '',
      ['`auth_url` is missing: Keystone’s address, like `https://cloud.example.net:5000/v3`'],
    ],
    [
      'auth:',
      'verify: false\n    auth:',
      ['`verify: false` is not obeyed, for anybody could listen: name the cloud’s CA with `cacert`'],
    ],
    [
      'auth:',
      'auth_type: v3applicationcredential\n    auth:',
      [
        '`application_credential_secret` is missing: it is shown once, when the credential is made',
        '`application_credential_id` is missing, or `application_credential_name` with `username`',
      ],
    ],
    [
      'auth:',
      'cacert: /nonexistent/ca.pem\n    auth:',
      [/^`cacert`: \/nonexistent\/ca\.pem cannot be read \(ENOENT/],
    ],
    ['auth:', 'cacert: /dev/null\n    auth:', [/^`cacert`: \/dev\/null has no certificate in PEM/]],
  ])('with %j for %j says so', (is, wrong, words) => {
    const problems = problemsOf({ cloudsYaml: ENTRY.replace(is, wrong) });
    expect(problems).toHaveLength(words.length);
    for (const [index, word] of words.entries()) {
      const problem = problems[index]?.replace(`${at()} `, '');
      if (typeof word === 'string') expect(problem).toBe(word);
      else expect(problem).toMatch(word);
    }
  });

  it('is told together with everything else', () => {
    const problems = problemsOf({ cloud: 'os_cloud: nobody', env: { PORT: 'x', SLACK_BOT_TOKEN: 'xoxb-1' } });
    expect(problems).toHaveLength(3);
  });
});

describe('the section of clouds', () => {
  const parse = (text: string) => parseConfigFile(text);
  const problems = (text: string): string[] => {
    const parsed = parse(text);
    return 'problems' in parsed ? parsed.problems : [];
  };

  it('knows networks by name and by address', () => {
    const text = `
networks: { office: [192.0.2.0/24, 10.1.0.0/16] }
clouds: { public: { key_file: /k, ssh_from: [office, 198.51.100.1/32] } }
hosts: { web1: { unix: /a, server: { cloud: public, name: web1 } } }`;
    expect(parse(text)).toMatchObject({
      config: {
        clouds: {
          public: {
            key_file: '/k',
            user: 'drawbridge',
            ssh_from: ['192.0.2.0/24', '10.1.0.0/16', '198.51.100.1/32'],
            public_ports: { from: 1, to: 65_535 },
            config_drive: false,
          },
        },
        hosts: { web1: { server: { cloud: 'public', name: 'web1' } } },
      },
    });
  });

  it.each([
    ['clouds: { public: {} }', ['clouds.public.key_file: it is missing']],
    [
      'clouds: { public: { key_file: /k, ssh_from: [ofice, 10.0.0.1/8] } }',
      [
        'clouds.public.ssh_from: `ofice` is neither under `networks` nor a network',
        'clouds.public.ssh_from: `10.0.0.1/8` is neither under `networks` nor a network',
      ],
    ],
    [
      'hosts: { web1: { unix: /a, server: { cloud: moon, name: web1 } } }',
      ['hosts.web1.server.cloud: there is no cloud `moon` under `clouds`'],
    ],
    [
      'clouds: { public: { key_file: /k, user: "a b" } }',
      ['clouds.public.user: write a user name of Linux, like `drawbridge`'],
    ],
    [
      'clouds: { public: { key_file: /k, images_server: ftp://x } }',
      ['clouds.public.images_server: write https://…'],
    ],
    [
      'clouds: { public: { key_file: /k, public_ports: 80 } }',
      ['clouds.public.public_ports: write a string'],
    ],
    [
      'clouds: { public: { key_file: /k, colour: red } }',
      ['clouds.public: there is no setting `colour` here; docs/drawbridge.example.yaml has them all'],
    ],
    [
      'clouds: { "1st": { key_file: /k } }\nhosts: { web1: { unix: 1, server: { cloud: gone, name: x } } }',
      [
        'clouds.1st: names are letters, digits and dashes, like `web1`',
        'hosts.web1.unix: write a string',
        'hosts.web1.server.cloud: there is no cloud `gone` under `clouds`',
      ],
    ],
    ['adopt: {}', ['adopt.key_file: it is missing']],
  ])('%j is refused in these words', (text, words) => {
    expect(problems(text)).toEqual(words);
  });
});

it('shows no secret, however the settings are shown', () => {
  const config = load();
  const all = [JSON.stringify(config), inspect(config, { depth: 9 })].join('\n');
  expect(all).toContain('[redacted]');
  expect(all).not.toMatch(/planted/);
});
