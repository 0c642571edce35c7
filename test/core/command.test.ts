/** Commands that are understood: every command, every clause, and what chat clients make of them. */
import { describe, expect, test } from 'vitest';
import { canonicalCommand } from '../../src/core/commands/canonical-command.ts';
import { parseCommand } from '../../src/core/commands/command.ts';
import { GRAMMARS, isChange } from '../../src/core/commands/grammar.ts';
import { ACTION_NAMES, COMMANDS } from '../../src/core/commands/help.ts';
import type { ChangeCommand, Command } from '../../src/core/request.ts';
import { exposeCommand as expose, unexposeCommand as unexpose } from './worlds.ts';

const NETWORKS = { office: ['192.0.2.0/24'], vpn: ['10.8.0.0/16', '10.10.0.0/16'], Home: ['10.77.0.0/16'] };

const extend = { action: 'extend', target: { instance: 'blog' }, port: 80, protocol: 'tcp' } as const;

type Row = [sentence: string, text: string, command: Command];

const plain: Row[] = [
  ['an empty text is help', '', { action: 'help' }],
  ['blanks are help', '   ', { action: 'help' }],
  ['help', 'help', { action: 'help' }],
  ['help on one command', 'help expose', { action: 'help', topic: 'expose' }],
  ['help on a command of two words', 'help plan expose', { action: 'help', topic: 'plan expose' }],
  ['expose names an instance and a port', 'expose blog 80', expose()],
  [
    'the protocol udp',
    'expose dns 53/udp',
    expose({ target: { instance: 'dns' }, port: 53, protocol: 'udp' }),
  ],
  ['the protocol tcp, said', 'expose blog 80/tcp', expose()],
  ['the protocol in capitals', 'expose blog 53/UDP', expose({ port: 53, protocol: 'udp' })],
  [
    'a host before the instance',
    'expose web1/blog 80',
    expose({ target: { host: 'web1', instance: 'blog' } }),
  ],
  ['the port behind a colon', 'expose blog:80', expose()],
  [
    'host, port and protocol in one word',
    'expose web1/blog:53/udp as 5353',
    {
      ...expose({ target: { host: 'web1', instance: 'blog' }, port: 53, protocol: 'udp', publicPort: 5353 }),
    },
  ],
  ['a public port', 'expose blog 80 as 8080', expose({ publicPort: 8080 })],
  ['a public address', 'expose blog 80 as 198.51.100.7', expose({ publicAddress: '198.51.100.7' })],
  [
    'a public address and port',
    'expose blog 80 as 198.51.100.7:8080',
    {
      ...expose({ publicAddress: '198.51.100.7', publicPort: 8080 }),
    },
  ],
  ['the largest port', 'expose blog 65535', expose({ port: 65_535 })],
  ['zeros before a port', 'expose blog 0080', expose()],
  ['an address behind from', 'expose blog 80 from 10.1.2.3', expose({ sources: ['10.1.2.3/32'] })],
  ['a network behind from', 'expose blog 80 from 10.0.0.0/8', expose({ sources: ['10.0.0.0/8'] })],
  ['a named network', 'expose blog 80 from office', expose({ sources: ['192.0.2.0/24'] })],
  ['a named network in capitals', 'expose blog 80 from OFFICE', expose({ sources: ['192.0.2.0/24'] })],
  ['a network whose name has capitals', 'expose blog 80 from home', expose({ sources: ['10.77.0.0/16'] })],
  [
    'several networks with commas',
    'expose blog 80 from office,vpn',
    {
      ...expose({ sources: ['10.8.0.0/16', '10.10.0.0/16', '192.0.2.0/24'] }),
    },
  ],
  [
    'several networks with blanks',
    'expose blog 80 from office vpn',
    {
      ...expose({ sources: ['10.8.0.0/16', '10.10.0.0/16', '192.0.2.0/24'] }),
    },
  ],
  [
    'several networks with both',
    'expose blog 80 from office, 10.1.2.3',
    {
      ...expose({ sources: ['10.1.2.3/32', '192.0.2.0/24'] }),
    },
  ],
  ['anyone', 'expose blog 80 from anyone', expose()],
  ['the whole internet', 'expose blog 80 from 0.0.0.0/0', expose()],
  ['a road', 'expose blog 80 via proxy', expose({ road: 'proxy' })],
  ['a road in capitals', 'expose blog 80 VIA Userspace', expose({ road: 'userspace' })],
  ['a reason', 'expose blog 80 because of the demo', expose({ reason: 'of the demo' })],
  [
    'a reason with the words of clauses',
    'expose blog 80 because it runs as 8080 from now on',
    {
      ...expose({ reason: 'it runs as 8080 from now on' }),
    },
  ],
  [
    'a reason in quotes before a clause',
    'expose blog 80 because "a demo" as 8080',
    {
      ...expose({ reason: 'a demo', publicPort: 8080 }),
    },
  ],
  ['a reason with an apostrophe', "expose blog 80 because it's needed", expose({ reason: "it's needed" })],
  [
    'a reason without the secret in it',
    'expose blog 80 because password=planted, says Bob',
    expose({ reason: 'password=•••, says Bob' }),
  ],
  ['a reason behind a flag', 'expose blog 80 --because=demo', expose({ reason: 'demo' })],
  [
    'every clause',
    'expose blog 80 as 8080 from office via forward because of the demo',
    {
      ...expose({ publicPort: 8080, sources: ['192.0.2.0/24'], road: 'forward', reason: 'of the demo' }),
    },
  ],
  [
    'every clause the other way round',
    'expose blog 80 via forward from office as 8080 because of the demo',
    {
      ...expose({ publicPort: 8080, sources: ['192.0.2.0/24'], road: 'forward', reason: 'of the demo' }),
    },
  ],
  [
    'every clause as a flag',
    'expose blog 80 --as 8080 --from office --via forward --because the demo',
    {
      ...expose({ publicPort: 8080, sources: ['192.0.2.0/24'], road: 'forward', reason: 'the demo' }),
    },
  ],
  [
    'every clause as a flag with an equals sign',
    'expose blog 80 --as=8080 --from=office,vpn --via=forward',
    {
      ...expose({
        publicPort: 8080,
        sources: ['10.8.0.0/16', '10.10.0.0/16', '192.0.2.0/24'],
        road: 'forward',
      }),
    },
  ],
  ['a duration', 'expose blog 80 for 2h', expose({ forSeconds: 7_200 })],
  [
    'a duration in words',
    'expose blog 80 for 2 hours from office',
    expose({ forSeconds: 7_200, sources: ['192.0.2.0/24'] }),
  ],
  ['a duration of two parts', 'expose blog 80 --for=1h30m', expose({ forSeconds: 5_400 })],
  ['the shortest duration', 'expose blog 80 for 60s', expose({ forSeconds: 60 })],
  ['the longest duration', 'expose blog 80 for 366d', expose({ forSeconds: 366 * 86_400 })],
  ['an instance that is called for', 'expose for 80', expose({ target: { instance: 'for' } })],
  ['unexpose', 'unexpose blog 80', unexpose()],
  [
    'unexpose with its public side',
    'unexpose web1/blog 53/udp as 198.51.100.7:5353 because it is over',
    {
      ...unexpose({ target: { host: 'web1', instance: 'blog' }, port: 53, protocol: 'udp' }),
      ...{ publicAddress: '198.51.100.7', publicPort: 5353, reason: 'it is over' },
    },
  ],
  [
    'a dry run of expose',
    'plan expose blog 80 as 8080',
    { action: 'plan', of: expose({ publicPort: 8080 }) },
  ],
  ['a dry run of unexpose', 'plan unexpose blog 80', { action: 'plan', of: unexpose() }],
  ['repair', 'repair blog 80', { ...extend, action: 'repair' }],
  [
    'adopt with its public side',
    'adopt web1/blog 53/udp as 198.51.100.7:5353 because we keep it',
    {
      ...{ action: 'adopt', target: { host: 'web1', instance: 'blog' }, port: 53, protocol: 'udp' },
      ...{ publicAddress: '198.51.100.7', publicPort: 5353, reason: 'we keep it' },
    },
  ],
  ['extend', 'extend blog 80 by 2h', { ...extend, bySeconds: 7_200 }],
  [
    'extend with its public side',
    'extend web1/blog 80 as 198.51.100.7:8080 by 90 minutes because it is not over',
    {
      ...extend,
      target: { host: 'web1', instance: 'blog' },
      publicAddress: '198.51.100.7',
      publicPort: 8080,
      bySeconds: 5_400,
      reason: 'it is not over',
    },
  ],
  ['why', 'why blog 80', { action: 'why', target: { instance: 'blog' }, port: 80, protocol: 'tcp' }],
  [
    'why of a server',
    'why server:public/web 53/udp',
    {
      action: 'why',
      target: { host: 'public', instance: 'web', server: true },
      port: 53,
      protocol: 'udp',
    },
  ],
  [
    'why from a named network and an address',
    'why web1/blog 80 as 8080 from office,10.8.0.9',
    {
      action: 'why',
      target: { host: 'web1', instance: 'blog' },
      port: 80,
      protocol: 'tcp',
      publicPort: 8080,
      sources: ['10.8.0.9/32', '192.0.2.0/24'],
    },
  ],
  ['doors', 'doors', { action: 'doors' }],
  ['doors of one instance', 'doors blog', { action: 'doors', filter: 'blog' }],
  ['list', 'list', { action: 'list' }],
  ['list of one host', 'list web1', { action: 'list', host: 'web1' }],
  ['info', 'info web1/blog', { action: 'info', target: { host: 'web1', instance: 'blog' } }],
  ['hosts', 'hosts', { action: 'hosts' }],
  ['logs', 'logs blog', { action: 'logs', target: { instance: 'blog' } }],
  [
    'more logs',
    'logs web1/blog 200',
    { action: 'logs', target: { host: 'web1', instance: 'blog' }, lines: 200 },
  ],
  ['requests', 'requests', { action: 'requests' }],
  ['one request', 'requests req-7k2m9x', { action: 'requests', id: 'req-7k2m9x' }],
  ['audit', 'audit', { action: 'audit' }],
  ['the audit of an instance', 'audit web1/blog', { action: 'audit', of: { about: 'web1/blog' } }],
  ['the audit of a server', 'audit server:web', { action: 'audit', of: { about: 'server:web' } }],
  ['the audit of a person', 'audit <@U012AB3CD|alice>', { action: 'audit', of: { user: 'U012AB3CD' } }],
  ['the audit of a request', 'audit “req-7k2m9x”', { action: 'audit', of: { request: 'req-7k2m9x' } }],
  ['the audit of some time', 'audit since 90m', { action: 'audit', since: { ago: 5_400 } }],
  [
    'the audit of some weeks',
    'audit blog since 2W',
    { action: 'audit', of: { about: 'blog' }, since: { ago: 1_209_600 } },
  ],
  [
    'the audit since a day',
    'audit —since=2026-11-01',
    { action: 'audit', since: { at: Date.UTC(2026, 10, 1) } },
  ],
  [
    'the audit since a time of day',
    'audit since 2026-11-01 12:30',
    { action: 'audit', since: { at: Date.UTC(2026, 10, 1, 12, 30) } },
  ],
  [
    'the audit with everything',
    'audit <@U0ALICE> since “2026-02-28T23:59” before 1200 as CSV',
    {
      action: 'audit',
      of: { user: 'U0ALICE' },
      since: { at: Date.UTC(2026, 1, 28, 23, 59) },
      before: 1_200,
      as: 'csv',
    },
  ],
  ['cancel', 'cancel req-7k2m9x', { action: 'cancel', id: 'req-7k2m9x' }],
];

const blog = { instance: 'blog' };

const others: Row[] = [
  ['a server', 'expose server:web 80', expose({ target: { instance: 'web', server: true } })],
  [
    'a server of one cloud, with the port behind a colon',
    'expose Server:public/Web_1.example.org:53/udp',
    expose({
      target: { host: 'public', instance: 'Web_1.example.org', server: true },
      port: 53,
      protocol: 'udp',
    }),
  ],
  ['an instance called server', 'expose server:80', expose({ target: { instance: 'server' } })],
  ['a server called 80', 'expose server:80 80', expose({ target: { instance: '80', server: true } })],
  [
    'an instance called like a clause',
    'expose on 80 via lan',
    expose({ target: { instance: 'on' }, road: 'lan' }),
  ],
  ['an instance called because', 'unexpose because 80', unexpose({ target: { instance: 'because' } })],
  ['start', 'start blog', { action: 'start', target: blog }],
  [
    'stop with a reason',
    'stop image because it is late',
    { action: 'stop', target: { instance: 'image' }, reason: 'it is late' },
  ],
  ['restart', 'restart web1/blog', { action: 'restart', target: { host: 'web1', instance: 'blog' } }],
  [
    'delete',
    'delete because because of it',
    { action: 'delete', target: { instance: 'because' }, reason: 'of it' },
  ],
  ['snapshot', 'snapshot blog', { action: 'snapshot', target: blog }],
  [
    'snapshot with a name',
    'snapshot blog v1.2_x because of it',
    { action: 'snapshot', target: blog, snapshot: 'v1.2_x', reason: 'of it' },
  ],
  ['restore', 'restore blog --because=of it', { action: 'restore', target: blog, reason: 'of it' }],
  ['launch', 'launch debian/12 blog', { action: 'launch', image: 'debian/12', target: blog }],
  [
    'launch of what is called like clauses',
    'launch image on on web1',
    { action: 'launch', image: 'image', target: { host: 'web1', instance: 'on' } },
  ],
  [
    'launch with a door for some time',
    'launch debian/12 blog expose 80 for 90m',
    {
      action: 'launch',
      image: 'debian/12',
      target: blog,
      expose: { port: 80, protocol: 'tcp', forSeconds: 5_400 },
    },
  ],
  [
    'launch with everything',
    'launch debian/12 web1/blog profile web,small expose 53/udp because we need it on web1',
    {
      action: 'launch',
      image: 'debian/12',
      target: { host: 'web1', instance: 'blog' },
      profiles: ['web', 'small'],
      expose: { port: 53, protocol: 'udp' },
      reason: 'we need it on web1',
    },
  ],
  [
    'launch with flags',
    'launch debian/12 blog —on=web1 —profile web small —expose 80',
    {
      action: 'launch',
      image: 'debian/12',
      target: { host: 'web1', instance: 'blog' },
      profiles: ['web', 'small'],
      expose: { port: 80, protocol: 'tcp' },
    },
  ],
  ['host create', 'host create web9', { action: 'host create', name: 'web9' }],
  [
    'host create with everything',
    'HOST Create web9 on public flavor m1.small image “Debian 12 on metal” network hosts key alice zone nova because it fills up',
    {
      action: 'host create',
      name: 'web9',
      cloud: 'public',
      flavor: 'm1.small',
      image: 'Debian 12 on metal',
      network: 'hosts',
      key: 'alice',
      zone: 'nova',
      reason: 'it fills up',
    },
  ],
  [
    'host create with blanks but no quotes',
    'host create web9 image Debian 12 --flavor=m1.small',
    { action: 'host create', name: 'web9', image: 'Debian 12', flavor: 'm1.small' },
  ],
  [
    'host adopt from a cloud',
    'host adopt on on public',
    { action: 'host adopt', name: 'on', cloud: 'public' },
  ],
  [
    'host adopt at an address',
    'host adopt web7 at <http://lxd7.example.org|lxd7.example.org> user debian',
    { action: 'host adopt', name: 'web7', address: 'lxd7.example.org', user: 'debian' },
  ],
  ['host drain', 'host drain web9', { action: 'host drain', name: 'web9' }],
  ['host drain off', 'host drain web9 off', { action: 'host drain', name: 'web9', off: true }],
  ['host drain off as a flag', 'host drain off —off', { action: 'host drain', name: 'off', off: true }],
  ['host delete', 'host delete web9', { action: 'host delete', name: 'web9' }],
  [
    'host delete with instances',
    'host delete web9 because "it is old" with instances',
    { action: 'host delete', name: 'web9', withInstances: true, reason: 'it is old' },
  ],
  [
    'host delete with instances as a flag',
    'host delete web9 —with-instances because it is old',
    { action: 'host delete', name: 'web9', withInstances: true, reason: 'it is old' },
  ],
  [
    'a dry run of a command of two words',
    'plan host delete web9 with instances',
    { action: 'plan', of: { action: 'host delete', name: 'web9', withInstances: true } },
  ],
  [
    'a dry run of launch',
    'plan launch debian/12 blog',
    { action: 'plan', of: { action: 'launch', image: 'debian/12', target: blog } },
  ],
];

const asChatClientsSendIt: Row[] = [
  ['a command in capitals', 'EXPOSE blog 80 AS 8080', expose({ publicPort: 8080 })],
  ['an em dash for two dashes', 'expose blog 80 —as 8080', expose({ publicPort: 8080 })],
  ['an en dash for two dashes', 'expose blog 80 –as=8080', expose({ publicPort: 8080 })],
  ['an em dash before because', 'expose blog 80 —because of it', expose({ reason: 'of it' })],
  [
    'curly double quotes',
    'expose blog 80 because “a demo” as 8080',
    {
      ...expose({ reason: 'a demo', publicPort: 8080 }),
    },
  ],
  [
    'low and high quotes',
    'expose blog 80 because „a demo“ as 8080',
    {
      ...expose({ reason: 'a demo', publicPort: 8080 }),
    },
  ],
  ['curly single quotes', 'expose ‘blog’ 80', expose()],
  ['a curly apostrophe', 'expose blog 80 because it’s needed', expose({ reason: "it's needed" })],
  ['an instance and port made into a link', 'expose <http://blog:80|blog:80>', expose()],
  ['a link without a label', 'expose <http://blog:80>', expose()],
  ['a link with a slash at its end', 'expose <https://blog/> 80', expose()],
  [
    'an address made into a link',
    'expose blog 80 as <http://198.51.100.7:8080|198.51.100.7:8080>',
    {
      ...expose({ publicAddress: '198.51.100.7', publicPort: 8080 }),
    },
  ],
  ['a person in the reason', 'expose blog 80 because <@U1|alice> asked', expose({ reason: '@U1 asked' })],
  ['a channel in the reason', 'expose blog 80 because of <#C1|ops>', expose({ reason: 'of #C1' })],
  [
    'escaped signs in the reason',
    'expose blog 80 because a &lt; b &amp;&amp; c &gt; d',
    {
      ...expose({ reason: 'a < b && c > d' }),
    },
  ],
  ['an entity is undone once', 'expose blog 80 because &amp;lt;', expose({ reason: '&lt;' })],
  ['non-breaking spaces', 'expose\u00a0blog\u00a080\u00a0as\u00a08080', expose({ publicPort: 8080 })],
  ['narrow and ideographic spaces', 'expose\u202fblog\u300080', expose()],
  ['backticks around the whole', '`expose blog 80`', expose()],
  ['backticks around a word', 'expose `blog` 80', expose()],
  ['a code block', '```expose blog 80```', expose()],
  ['line breaks', 'expose blog\n80\n  as 8080', expose({ publicPort: 8080 })],
  ['quotes around words', 'expose "blog" \'80\'', expose()],
  ['blanks at both ends', '  expose   blog   80  ', expose()],
];

describe('a command is understood', () => {
  test.each(plain)('%s', (_, text, command) => {
    expect(parseCommand(text, NETWORKS)).toEqual(command);
  });

  test.each(others)('%s', (_, text, command) => {
    expect(parseCommand(text, NETWORKS)).toEqual(command);
  });

  test.each(asChatClientsSendIt)('with %s', (_, text, command) => {
    expect(parseCommand(text, NETWORKS)).toEqual(command);
  });

  test('a reason is kept up to 300 characters', () => {
    const command = parseCommand(`expose blog 80 because ${'x'.repeat(400)}`, {});
    expect(command).toEqual(expose({ reason: 'x'.repeat(300) }));
  });
});

describe('the grammar and its documentation agree', () => {
  test.each(ACTION_NAMES)('the example of `%s` is that command', (action) => {
    expect(parseCommand(COMMANDS[action].example, {})).toMatchObject({ action });
  });

  test('every command has an example, a usage that begins with its name, and words', () => {
    for (const action of ACTION_NAMES) {
      expect(COMMANDS[action].usage).toMatch(new RegExp(`^${action}( |$)`));
      expect(COMMANDS[action].does).not.toBe('');
    }
    expect(ACTION_NAMES).toHaveLength(30);
  });

  test.each(ACTION_NAMES.filter(isChange))('`%s` can be planned', (action) => {
    expect(parseCommand(`plan ${COMMANDS[action].example}`, {})).toMatchObject({
      action: 'plan',
      of: { action },
    });
  });

  test.each(ACTION_NAMES)('the usage of `%s` names each of its clauses and flags', (action) => {
    for (const word of [...GRAMMARS[action].clauses, ...GRAMMARS[action].flags])
      expect(COMMANDS[action].usage).toMatch(new RegExp(`\\b${word}\\b`));
  });
});

describe('a change in canonical words means the same change', () => {
  const rows: [string, string][] = [
    ['expose blog 80', 'expose blog 80'],
    ['expose <http://blog:80|blog:80> —as=8080', 'expose blog 80 as 8080'],
    ['expose web1/dns:53/UDP as 198.51.100.7', 'expose web1/dns 53/udp as 198.51.100.7'],
    [
      'expose blog 80 via Proxy from vpn,office',
      'expose blog 80 from 10.8.0.0/16,10.10.0.0/16,192.0.2.0/24 via proxy',
    ],
    ['expose blog 80 from anyone as 198.51.100.7:81', 'expose blog 80 as 198.51.100.7:81'],
    ['unexpose blog 80 as 8080', 'unexpose blog 80 as 8080'],
    ['expose SERVER:public/Web.1:53/udp via server', 'expose server:public/Web.1 53/udp via server'],
    ['launch debian/12 web1/blog expose 53/UDP', 'launch debian/12 blog on web1 expose 53/udp'],
    ['launch debian/12 blog --on=profile', 'launch debian/12 blog --on="profile"'],
    ['host create web9 image "Debian 12" --zone=at', 'host create web9 --image="Debian 12" --zone="at"'],
    ['host delete web9 --with-instances', 'host delete web9 with instances'],
    ['host drain web9 --off', 'host drain web9 off'],
    ['restore blog —because of it', 'restore blog'],
  ];
  test.each(rows)('%s', (text, words) => {
    const command = changeIn(text);
    expect(canonicalCommand(command)).toBe(words);
    const { reason: _reason, ...rest } = command;
    expect(parseCommand(words, {})).toEqual(rest);
  });
});

function changeIn(text: string): ChangeCommand {
  const command = parseCommand(text, NETWORKS);
  if ('action' in command && isChange(command.action)) return command as ChangeCommand;
  throw new Error(`not understood: ${text}`);
}
