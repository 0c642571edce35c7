/** Commands that are not understood: each refusal names the word that was not, and shows an example that works as typed. */
import { describe, expect, test } from 'vitest';
import { parseCommand } from '../../src/core/command.ts';
import { COMMANDS } from '../../src/core/help.ts';
import type { Refusal } from '../../src/core/refusal.ts';
import type { ActionName } from '../../src/core/request.ts';

const NETWORKS = { office: ['192.0.2.0/24'], vpn: ['10.8.0.0/16'] };

/** `next` is what stands before the example of `of`. */
type Row = [sentence: string, text: string, message: string, of: ActionName, next?: string];

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
    'expose blog 80 --force',
    '`--force` is not an option.',
    'expose',
    'The options are `--as`, `--from`, `--via`, `--because`.',
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
    'expose blog 80 via bridge',
    '`bridge` is not a road.',
    'expose',
    'The roads are forward, proxy, userspace.',
  ],
  [
    'two roads',
    'expose blog 80 via proxy forward',
    '`proxy forward` is not a road.',
    'expose',
    'The roads are forward, proxy, userspace.',
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
  ['plan of a look', 'plan list', '`plan list` is not possible; expose and unexpose are.', 'plan'],
  ['plan of half a command', 'plan unexpose blog', 'Which port of `blog`?', 'plan'],
  ['a word too many for doors', 'doors blog web', '`web` is one word too many.', 'doors'],
  ['a word too many for list', 'list web1 web2', '`web2` is one word too many.', 'list'],
  ['a word too many for hosts', 'hosts web1', '`web1` is one word too many.', 'hosts'],
  ['a word too many for info', 'info blog web', '`web` is one word too many.', 'info'],
  ['a word too many for requests', 'requests req-1 req-2', '`req-2` is one word too many.', 'requests'],
  ['a word too many for cancel', 'cancel req-1 req-2', '`req-2` is one word too many.', 'cancel'],
  ['a word too many for help', 'help a b c', '`c` is one word too many.', 'help'],
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
