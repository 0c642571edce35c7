/** Commands that are not understood: each refusal names the word that was not, and shows an example that works as typed. */
import { describe, expect, test } from 'vitest';
import { parseCommand } from '../../src/core/commands/command.ts';
import { COMMANDS } from '../../src/core/commands/help.ts';
import type { Refusal } from '../../src/core/refusal.ts';
import { type ActionName, ROAD_NAMES } from '../../src/core/request.ts';

const NETWORKS = { office: ['192.0.2.0/24'], vpn: ['10.8.0.0/16'] };

/** `next` is what stands before the example of `of`. */
type Row = [sentence: string, text: string, message: string, of: ActionName, next?: string];

const DURATION = 'Write it like `for 30m`, `for 2h` or `for 7d`.';
const OUT_OF_RANGE = (text: string) => `\`${text}\` is out of range: from a minute to 366 days.`;

const hostRows: Row[] = [
  [
    'host alone',
    'host',
    'What about a host?',
    'host create',
    'There are `host create`, `host adopt`, `host drain`, `host delete`; `hosts` shows them.',
  ],
  [
    'a mistyped host command',
    'host drian web9',
    'I do not know the command `host drian`.',
    'host drain',
    'Did you mean `host drain`?',
  ],
  [
    'an unknown host command',
    'host paint web9',
    'I do not know the command `host paint`.',
    'host create',
    'There are `host create`, `host adopt`, `host drain`, `host delete`; `hosts` shows them.',
  ],
  ['no host to make', 'host create', 'Which host?', 'host create'],
  [
    'a host with a dot in its name',
    'host drain web.9',
    '`web.9` is not the name of a host.',
    'host drain',
    'Names are letters, digits and dashes, like `web1`.',
  ],
  ['two hosts', 'host drain web9 web8', 'I did not understand `web8`.', 'host drain'],
  [
    'a mistyped flag word',
    'host drain web9 of',
    'I did not understand `of`.',
    'host drain',
    'Did you mean `off`?',
  ],
  [
    'half a flag',
    'host delete web9 with',
    'I did not understand `with`.',
    'host delete',
    'Did you mean `with instances`?',
  ],
  [
    'a mistyped flag behind two dashes',
    'host delete web9 --with-instance',
    '`--with-instance` is not an option.',
    'host delete',
    'Did you mean `--with-instances`?',
  ],
  [
    'a clause of another command',
    'host adopt web9 at 198.51.100.7 --flavor m1.small',
    '`flavor` does not belong here.',
    'host adopt',
  ],
  [
    'an unknown flag of host create',
    'host create web9 --force',
    '`--force` is not an option.',
    'host create',
    'The options are `--on`, `--flavor`, `--image`, `--network`, `--key`, `--zone`, `--because`.',
  ],
  [
    'a cloud with a blank in its name',
    'host create web9 on my cloud',
    '`my cloud` is not the name of a cloud.',
    'host create',
    'Names are letters, digits and dashes, like `web1`.',
  ],
  [
    'Slack’s signs in an image',
    'host create web9 image &lt;!here&gt;',
    '`<!here>` cannot be a name behind `image`.',
    'host create',
    'Its id works as well.',
  ],
  [
    'a host to adopt that is nowhere',
    'host adopt web9',
    'Where is web9? Say either `on` and its cloud, or `at` and its address.',
    'host adopt',
  ],
  [
    'a host to adopt that is in two places',
    'host adopt web9 on public at 198.51.100.7',
    'Where is web9? Say either `on` and its cloud, or `at` and its address.',
    'host adopt',
  ],
  [
    'half an address',
    'host adopt web9 at 198.51.100',
    '`198.51.100` is not the address of a machine.',
    'host adopt',
    'Write it like `198.51.100.7` or `lxd7.example.org`.',
  ],
  [
    'a user that Linux would not have',
    'host adopt web9 at 198.51.100.7 user 9',
    '`9` is not the name of a user of Linux.',
    'host adopt',
  ],
];

const instanceRows: Row[] = [
  [
    'no image',
    'launch',
    'Which image?',
    'launch',
    'Images go by an alias like `debian/12`, or by a fingerprint.',
  ],
  [
    'an image without a name',
    'launch debian/12',
    'What is the instance of debian/12 to be called?',
    'launch',
  ],
  [
    'an image with strange letters',
    'launch $(id) blog',
    '`$(id)` is not an image.',
    'launch',
    'Images go by an alias like `debian/12`, or by a fingerprint.',
  ],
  ['a third name', 'launch debian/12 blog web', 'I did not understand `web`.', 'launch'],
  [
    'a host said twice and differently',
    'launch debian/12 web1/blog on web2',
    '`web1/blog` is not on `web2`.',
    'launch',
    'Name the host once.',
  ],
  [
    'a profile with strange letters',
    'launch debian/12 blog profile a,$b',
    '`$b` is not the name of a profile.',
    'launch',
  ],
  [
    'a port to expose that is none',
    'launch debian/12 blog expose http',
    '`http` is not a port.',
    'launch',
    'Ports are numbers from 1 to 65535.',
  ],
  ['no instance to start', 'start', 'Which instance?', 'start'],
  ['two instances', 'stop blog web', 'I did not understand `web`.', 'stop'],
  ['a clause that start has not', 'start blog on web1', '`on` does not belong here.', 'start'],
  [
    'a server to stop',
    'stop server:web',
    '`server:web` is a server of a cloud; of those only doors can be opened and closed.',
    'stop',
    'Name an instance, like `blog` or `web1/blog`.',
  ],
  [
    'a server with a strange name',
    'expose server:-web 80',
    '`server:-web` is not the name of a server.',
    'expose',
    'Names are like `server:web` or `server:public/web`.',
  ],
  [
    'a snapshot with a slash',
    'snapshot blog a/b',
    '`a/b` is not the name of a snapshot.',
    'snapshot',
    'Names are letters, digits, dashes and dots, like `before-update`.',
  ],
  ['two snapshots', 'restore blog a b', 'I did not understand `b`.', 'restore'],
  [
    'too many lines',
    'logs blog 201',
    '`201` is not a number of lines.',
    'logs',
    'From 1 to 200 can be shown.',
  ],
  ['no lines', 'logs blog 0', '`0` is not a number of lines.', 'logs', 'From 1 to 200 can be shown.'],
];

const SINCE = 'Write it like `2h` or `7d`, or a day like `2026-11-01` or `2026-11-01 12:30` (UTC).';

const rows: Row[] = [
  [
    'a mistyped command',
    'expos blog 80',
    'I do not know the command `expos`.',
    'expose',
    'Did you mean `expose`?',
  ],
  [
    'a command with letters swapped',
    'dors',
    'I do not know the command `dors`.',
    'doors',
    'Did you mean `doors`?',
  ],
  [
    'the beginning of a command',
    'une blog 80',
    'I do not know the command `une`.',
    'unexpose',
    'Did you mean `unexpose`?',
  ],
  ['no instance', 'expose', 'Which instance?', 'expose'],
  ['no port', 'expose blog', 'Which port of `blog`?', 'expose'],
  ['no port of an instance on a host', 'unexpose web1/blog', 'Which port of `web1/blog`?', 'unexpose'],
  [
    'a name with a dot',
    'expose blog.lan 80',
    '`blog.lan` is not the name of an instance.',
    'expose',
    'Names are like `blog` or `web1/blog`.',
  ],
  [
    'a name with a digit first',
    'info 1blog',
    '`1blog` is not the name of an instance.',
    'info',
    'Names are like `blog` or `web1/blog`.',
  ],
  [
    'a name with a dash last',
    'info blog-',
    '`blog-` is not the name of an instance.',
    'info',
    'Names are like `blog` or `web1/blog`.',
  ],
  [
    'a name of 64 letters',
    `info ${'a'.repeat(64)}`,
    `\`${'a'.repeat(64)}\` is not the name of an instance.`,
    'info',
    'Names are like `blog` or `web1/blog`.',
  ],
  [
    'an empty host',
    'info /blog',
    '`/blog` is not the name of an instance.',
    'info',
    'Names are like `blog` or `web1/blog`.',
  ],
  [
    'a path of three',
    'info a/b/c',
    '`a/b/c` is not the name of an instance.',
    'info',
    'Names are like `blog` or `web1/blog`.',
  ],
  [
    'a person for an instance',
    'expose <@U1|blog> 80',
    '`@U1` is not the name of an instance.',
    'expose',
    'Names are like `blog` or `web1/blog`.',
  ],
  [
    'angle brackets from the help',
    'expose &lt;blog&gt; 80',
    '`<blog>` is not the name of an instance.',
    'expose',
    'Names are like `blog` or `web1/blog`.',
  ],
  ['a port below 1', 'expose blog 0', '`0` is not a port.', 'expose', 'Ports are numbers from 1 to 65535.'],
  [
    'a port above 65535',
    'expose blog 65536',
    '`65536` is not a port.',
    'expose',
    'Ports are numbers from 1 to 65535.',
  ],
  [
    'a negative port',
    'expose blog -1',
    '`-1` is not a port.',
    'expose',
    'Ports are numbers from 1 to 65535.',
  ],
  [
    'a port in hexadecimal',
    'expose blog 0x50',
    '`0x50` is not a port.',
    'expose',
    'Ports are numbers from 1 to 65535.',
  ],
  [
    'the name of a service',
    'expose blog http',
    '`http` is not a port.',
    'expose',
    'Ports are numbers from 1 to 65535.',
  ],
  [
    'a range of ports',
    'expose blog 80-90',
    '`80-90` is a range of ports; a door is one port.',
    'expose',
    'Ask once for each port.',
  ],
  [
    'a range with an en dash',
    'expose blog 80–90',
    '`80–90` is a range of ports; a door is one port.',
    'expose',
    'Ask once for each port.',
  ],
  [
    'a range of public ports',
    'expose blog 80 as 80-90',
    '`80-90` is a range of ports; a door is one port.',
    'expose',
    'Ask once for each port.',
  ],
  [
    'another protocol',
    'expose blog 80/sctp',
    '`80/sctp` is not a port.',
    'expose',
    'Ports are like `80` or `53/udp`.',
  ],
  [
    'two protocols',
    'expose blog 53/udp/tcp',
    '`53/udp/tcp` is not a port.',
    'expose',
    'Ports are like `80` or `53/udp`.',
  ],
  ['a second port', 'expose blog 80 81', 'I did not understand `81`.', 'expose'],
  [
    'a mistyped clause',
    'expose blog 80 form office',
    'I did not understand `form`.',
    'expose',
    'Did you mean `from`?',
  ],
  [
    'one dash for a flag',
    'expose blog 80 -as 8080',
    'I did not understand `-as`.',
    'expose',
    'Did you mean `as`?',
  ],
  ['a dash alone', 'expose blog 80 — because of it', 'I did not understand `—`.', 'expose'],
  [
    'a mistyped flag',
    'expose blog 80 --form=office',
    '`--form=office` is not an option.',
    'expose',
    'Did you mean `--from`?',
  ],
  [
    'an unknown flag',
    'expose blog 80 --loudly',
    '`--loudly` is not an option.',
    'expose',
    'The options are `--as`, `--from`, `--via`, `--for`, `--until`, `--because`.',
  ],
  [
    'a duration that is none',
    'expose blog 80 for ever',
    '`ever` is not a length of time.',
    'expose',
    DURATION,
  ],
  ...[
    '127.0.0.1',
    '169.254.169.254',
    '0.0.0.0',
    '224.0.0.1',
    '255.255.255.255',
    'localhost',
    'localhost.example',
  ].map((address): [string, string, string, ActionName, string] => [
    `a machine at ${address}`,
    `host adopt web7 at ${address}`,
    `\`${address}\` leads back to the worker itself, or to no one machine.`,
    'host adopt',
    'Name the address by which the workers reach the machine. The LXD of a worker’s own machine stands in the configuration, with `unix`.',
  ]),
  ['why without a port', 'why blog', 'Which port of `blog`?', 'why'],
  ['why for some time', 'why blog 80 for 2h', '`for` does not belong here.', 'why'],
  [
    'why from nowhere known',
    'why blog 80 from ofice',
    '`ofice` is neither a named network nor an address.',
    'why',
    'Did you mean `office`?',
  ],
  ['an extension by nothing', 'extend blog 80', 'By how long?', 'extend', 'Say `by 2h` or `until 18:00`.'],
  ['a duration without a unit', 'expose blog 80 for 2', '`2` is not a length of time.', 'expose', DURATION],
  ['less than a minute', 'expose blog 80 for 59s', OUT_OF_RANGE('59s'), 'expose', DURATION],
  ['more than a year', 'expose blog 80 for 367d', OUT_OF_RANGE('367d'), 'expose', DURATION],
  [
    'a launch that says how long nothing is open',
    'launch debian/12 blog for 2h',
    '`for` says how long a door is open.',
    'launch',
    'Say `expose 80 for 2h`.',
  ],
  [
    'a mistyped flag behind an em dash',
    'expose blog 80 —vie proxy',
    '`--vie` is not an option.',
    'expose',
    'Did you mean `--via`?',
  ],
  ['a clause twice', 'expose blog 80 as 81 as 82', '`as` is there twice.', 'expose', 'Say it once.'],
  ['a clause and its flag', 'expose blog 80 as 81 --as=82', '`as` is there twice.', 'expose', 'Say it once.'],
  [
    'a clause without a value',
    'expose blog 80 as',
    'Nothing stands behind `as`.',
    'expose',
    'Say it like `as 8080`.',
  ],
  [
    'a clause whose value is another clause',
    'expose blog 80 as from office',
    'Nothing stands behind `as`.',
    'expose',
    'Say it like `as 8080`.',
  ],
  [
    'only a comma behind from',
    'expose blog 80 from ,',
    'Nothing stands behind `from`.',
    'expose',
    'Say it like `from 10.0.0.0/8`.',
  ],
  [
    'an empty reason',
    'expose blog 80 because',
    'Nothing stands behind `because`.',
    'expose',
    'Say it like `because the customer looks at it today`.',
  ],
  [
    'an empty reason in quotes',
    'expose blog 80 because “ ”',
    'Nothing stands behind `because`.',
    'expose',
    'Say it like `because the customer looks at it today`.',
  ],
  [
    'a quote that does not end',
    'expose blog 80 as "8080',
    'A quote is opened and never closed.',
    'expose',
    'Close it, or leave quotes out: they are not needed.',
  ],
  ['two public sides', 'expose blog 80 as 8080 8081', 'I did not understand `8081`.', 'expose'],
  [
    'a name for the public side',
    'expose blog 80 as web',
    '`web` is neither a port nor an address.',
    'expose',
    'Say `as 8080` or `as 198.51.100.7:8080`.',
  ],
  [
    'an address with two ports',
    'expose blog 80 as 198.51.100.7:80:90',
    '`198.51.100.7:80:90` is neither a port nor an address.',
    'expose',
    'Say `as 8080` or `as 198.51.100.7:8080`.',
  ],
  [
    'an address with an empty port',
    'expose blog 80 as 198.51.100.7:',
    '`` is not a port.',
    'expose',
    'Ports are numbers from 1 to 65535.',
  ],
  [
    'an IPv6 public side',
    'expose blog 80 as ::1',
    '`::1` is neither a port nor an address.',
    'expose',
    'Say `as 8080` or `as 198.51.100.7:8080`.',
  ],
  [
    'a mistyped road',
    'expose blog 80 via prxy',
    '`prxy` is not a road.',
    'expose',
    'Did you mean `via proxy`?',
  ],
  [
    'an unknown road',
    'expose blog 80 via tunnel',
    '`tunnel` is not a road.',
    'expose',
    `The roads are ${ROAD_NAMES.join(', ')}.`,
  ],
  [
    'two roads',
    'expose blog 80 via proxy forward',
    '`proxy forward` is not a road.',
    'expose',
    `The roads are ${ROAD_NAMES.join(', ')}.`,
  ],
  [
    'a mistyped network',
    'expose blog 80 from offce',
    '`offce` is neither a named network nor an address.',
    'expose',
    'Did you mean `office`?',
  ],
  [
    'an unknown network',
    'expose blog 80 from moon',
    '`moon` is neither a named network nor an address.',
    'expose',
    'Known: office, vpn; an address like `10.0.0.0/8` works too.',
  ],
  [
    'a name that every object has',
    'expose blog 80 from constructor',
    '`constructor` is neither a named network nor an address.',
    'expose',
    'Known: office, vpn; an address like `10.0.0.0/8` works too.',
  ],
  [
    'bits behind the prefix',
    'expose blog 80 from 10.0.0.1/8',
    '`10.0.0.1/8` has bits set behind its prefix.',
    'expose',
    'Did you mean `10.0.0.0/8`?',
  ],
  [
    'an octal address',
    'expose blog 80 from 010.0.0.1',
    '`010.0.0.1` is not an IPv4 network.',
    'expose',
    'Write it like `198.51.100.0/24`.',
  ],
  [
    'an IPv6 source',
    'expose blog 80 from 2001:db8::/32',
    '`2001:db8::/32` is IPv6; doors are IPv4 for now.',
    'expose',
    'Name an IPv4 network.',
  ],
  ['from with unexpose', 'unexpose blog 80 from office', '`from` does not belong here.', 'unexpose'],
  ['via with unexpose', 'unexpose blog 80 --via proxy', '`via` does not belong here.', 'unexpose'],
  ['a clause with a look', 'doors blog as 8080', '`as` does not belong here.', 'doors'],
  ['a reason with a look', 'list because I want to', '`because` does not belong here.', 'list'],
  ['a clause alone', '--as 8080', '`as` does not belong here.', 'help'],
  ['plan without a command', 'plan', 'Plan what?', 'plan'],
  ['plan of a look', 'plan list', '`plan list` is not possible: `list` changes nothing.', 'plan'],
  [
    'plan of a plan',
    'plan plan expose blog 80',
    '`plan plan` is not possible: `plan` changes nothing.',
    'plan',
  ],
  ['plan of half a host command', 'plan host create', 'Which host?', 'plan'],
  ['plan of half a command', 'plan unexpose blog', 'Which port of `blog`?', 'plan'],
  ['a word too many for doors', 'doors blog web', '`web` is one word too many.', 'doors'],
  ['a word too many for list', 'list web1 web2', '`web2` is one word too many.', 'list'],
  ['a word too many for hosts', 'hosts web1', '`web1` is one word too many.', 'hosts'],
  ['a word too many for info', 'info blog web', '`web` is one word too many.', 'info'],
  ['a word too many for requests', 'requests req-1 req-2', '`req-2` is one word too many.', 'requests'],
  ['a word too many for cancel', 'cancel req-1 req-2', '`req-2` is one word too many.', 'cancel'],
  ['a word too many for help', 'help a b c', '`c` is one word too many.', 'help'],
  ['a word too many for logs', 'logs blog 20 30', '`30` is one word too many.', 'logs'],
  [
    'a person by name',
    'audit @alice',
    '`@alice` is not a person.',
    'audit',
    'Pick the name from Slack’s list while you type, or write the member ID: `@U012AB3CD`.',
  ],
  [
    'what is no name in the audit',
    'audit a/b/c',
    '`a/b/c` is not the name of an instance.',
    'audit',
    'Names are like `blog` or `web1/blog`.',
  ],
  ['a time in words', 'audit since yesterday', '`yesterday` is not a time.', 'audit', SINCE],
  ['a time of nothing', 'audit since 0h', '`0h` is not a time.', 'audit', SINCE],
  ['a day that does not exist', 'audit since 2026-02-30', '`2026-02-30` is not a time.', 'audit', SINCE],
  [
    'an hour that does not exist',
    'audit since 2026-02-03 24:01',
    '`2026-02-03 24:01` is not a time.',
    'audit',
    SINCE,
  ],
  [
    'an entry that is no number',
    'audit before noon',
    '`noon` is not the number of an entry.',
    'audit',
    'Say it like `before 1200`; `since` takes times.',
  ],
  [
    'an unknown form',
    'audit as xml',
    '`xml` is not a form of the audit.',
    'audit',
    'There are `as json` and `as csv`.',
  ],
  ['a word too many for audit', 'audit blog web', 'I did not understand `web`.', 'audit'],
  ['a clause of others for audit', 'audit blog from office', '`from` does not belong here.', 'audit'],
  [
    'nothing behind since',
    'audit since',
    'Nothing stands behind `since`.',
    'audit',
    'Say it like `since 2h`.',
  ],
  [
    'an unknown option for audit',
    'audit --sinse=2h',
    '`--sinse=2h` is not an option.',
    'audit',
    'Did you mean `--since`?',
  ],
  ...hostRows,
  ...instanceRows,
  ['no request to cancel', 'cancel', 'Name the request.', 'cancel'],
  ['no instance to show', 'info', 'Which instance?', 'info'],
];

describe('a command is refused', () => {
  test.each(rows)('for %s', (_, text, message, of, next) => {
    const example = `Example: \`/lxd ${COMMANDS[of].example}\``;
    expect(parseCommand(text, NETWORKS)).toEqual({
      kind: 'refused',
      reason: 'not_understood',
      message,
      next: next === undefined ? example : `${next} ${example}`,
    } satisfies Refusal);
  });

  test('for a word that is like none of the commands', () => {
    expect(parseCommand('xyzzy', {})).toEqual({
      kind: 'refused',
      reason: 'not_understood',
      message: 'I do not know the command `xyzzy`.',
      next: 'Try `/lxd help`.',
    });
  });

  test('for more than 2000 characters', () => {
    expect(parseCommand(`expose ${'x'.repeat(2_000)}`, {})).toMatchObject({
      reason: 'not_understood',
      message: 'That is too long to be a command.',
    });
  });

  test('for a network when none is named in the configuration', () => {
    expect(parseCommand('expose blog 80 from office', {})).toMatchObject({
      next: expect.stringMatching(/^No networks are named in the configuration; an address like/),
    });
  });
});

describe('what a refusal proposes works as typed', () => {
  test.each(rows)('for %s', (_, text, _message, of) => {
    const refusal = parseCommand(text, NETWORKS) as Refusal;
    const examples = [...(refusal.next ?? '').matchAll(/`\/lxd ([^`]+)`/g)].map(
      ([, example = '']) => example,
    );
    expect(examples).toHaveLength(1);
    expect(parseCommand(examples[0] ?? '', NETWORKS)).toMatchObject({ action: of });
  });
});
