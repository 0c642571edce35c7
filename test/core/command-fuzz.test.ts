/** Whatever is typed: a command or a refusal with words in it, never an exception, and never slowly. */
import { expect, test } from 'vitest';
import { canonicalCommand } from '../../src/core/commands/canonical-command.ts';
import { parseCommand } from '../../src/core/commands/command.ts';
import { GRAMMARS, isChange } from '../../src/core/commands/grammar.ts';
import { ACTION_NAMES, COMMANDS } from '../../src/core/commands/help.ts';
import type { ChangeCommand } from '../../src/core/request.ts';
import { randomFrom } from '../support/random.ts';

const NETWORKS = { office: ['192.0.2.0/24'], vpn: ['10.8.0.0/16', '10.9.0.0/16'] };
/** `DRAWBRIDGE_FUZZ=1000000` takes half a minute more. */
const ROUNDS = Number(process.env.DRAWBRIDGE_FUZZ ?? 200_000);

/** Words that mean something to the grammar, to JavaScript or to chat clients. */
const WORDS = [
  ...ACTION_NAMES,
  ...['as', 'from', 'via', 'because', '--as', '--from=', '—via', '–because', '--', '-', '—', '='],
  ...[
    'host',
    'create',
    'delete',
    'off',
    '--off',
    'with',
    'instances',
    '--with-instances',
    'server:',
    'server:web',
  ],
  ...[
    'on',
    'at',
    'image',
    '--image=',
    'flavor',
    'key',
    'user',
    'zone',
    'profile',
    'debian/12',
    'web9',
    'public',
  ],
  ...['blog', 'web1/blog', 'blog:80', '/', ':', '80', '53/udp', '0', '65536', '80-90', '1e3', '٣'],
  ...[
    'office',
    'vpn',
    '10.0.0.0/8',
    '10.0.0.1/8',
    '0.0.0.0/1',
    '128.0.0.0/1',
    '::1',
    'fe80::1%eth0',
    '1.2.3.4:5:6',
  ],
  ...['proxy', 'forward', 'userspace', '__proto__', 'constructor', 'toString', 'hasOwnProperty', 'undefined'],
  ...['"', "'", '“', '”', '‘', '’', '`', '```', '\\', '\\"', '"a b"', "'a b'", '""', ',', ',,', 'a,b'],
  ...[
    '<',
    '>',
    '|',
    '<>',
    '<|>',
    '<@U1|x>',
    '<#C1>',
    '<http://blog:80|blog:80>',
    '<!here>',
    '&lt;',
    '&amp;',
    '&',
  ],
  ...[
    '\u00a0',
    '\u200b',
    '\u202e',
    '\n',
    '\t',
    '\u0000',
    '😀',
    '\ud83d',
    'é',
    '$(id)',
    '%{x}',
    '%s',
    '../..',
  ],
];
const JOINTS = [' ', ' ', ' ', '  ', '', '\u00a0', '\n', ','];

/** A Wednesday at noon in UTC. */
const CLOCK = { now: Date.UTC(2026, 10, 25, 12), zone: 'Europe/Berlin' };

const random = randomFrom(20_240_611);

function randomText(): string {
  const count = random.below(10);
  return Array.from({ length: count }, () => random.pick(WORDS) + random.pick(JOINTS)).join('');
}

/** An example with a few characters taken out, doubled, replaced or swapped. */
function mutatedExample(): string {
  const letters = [...COMMANDS[random.pick(ACTION_NAMES)].example];
  for (let round = random.below(6); round >= 0; round -= 1) {
    const at = random.below(letters.length + 1);
    const kind = random.below(4);
    if (kind === 0) letters.splice(at, 1);
    else if (kind === 1) letters.splice(at, 0, random.pick(WORDS));
    else if (kind === 2) letters.splice(at, 1, String.fromCodePoint(random.below(0xd800)));
    else letters.splice(at, 2, letters[at + 1] ?? '', letters[at] ?? '');
  }
  return letters.join('');
}

/** What the parser makes of a text; anything but these two words is a complaint. */
function kindOf(text: string): string {
  try {
    const result = parseCommand(text, NETWORKS, CLOCK);
    if ('action' in result) return ACTION_NAMES.includes(result.action) ? 'command' : 'an unknown action';
    return result.message.trim() === '' ? 'a refusal without words' : 'refusal';
  } catch (error) {
    return String(error);
  }
}

test(`${ROUNDS} random and mutated texts are commands or refusals`, { timeout: 300_000 }, () => {
  const counts = { command: 0, refusal: 0 };
  const complaints: string[] = [];
  for (let round = 0; round < ROUNDS && complaints.length < 10; round += 1) {
    const text = round % 2 === 0 ? randomText() : mutatedExample();
    const kind = kindOf(text);
    if (kind === 'command' || kind === 'refusal') counts[kind] += 1;
    else complaints.push(`${JSON.stringify(text)}: ${kind}`);
  }
  expect(complaints).toEqual([]);
  // A fuzz that only ever sees refusals, or only commands, would look at half of the parser.
  expect(counts.command).toBeGreaterThan(ROUNDS / 20);
  expect(counts.refusal).toBeGreaterThan(ROUNDS / 20);
});

/** A change with random values, some of which look like clauses. */
function randomChange(): string {
  const names = [
    'blog',
    'on',
    'image',
    'because',
    'web1',
    'm1.small',
    'Debian 12',
    'a on b',
    'off',
    'x because y',
  ];
  const name = () => random.pick(names);
  const value = (clause: string) => {
    if (clause === 'until')
      return random
        .pick(['18:00', 'friday 18:00', '2026-12-24 18:00 UTC', name()])
        .replace(/^.* .*$/, '"$&"');
    if (clause === 'for' || clause === 'by') return random.pick(['2h', '90m', '1d', name()]);
    return random.below(2) === 0 ? name() : `"${name()}"`;
  };
  const action = random.pick(ACTION_NAMES.filter(isChange));
  const clauses = GRAMMARS[action].clauses.flatMap((clause) =>
    random.below(3) === 0
      ? [random.pick([`${clause} ${value(clause)}`, `--${clause}=${value(clause)}`])]
      : [],
  );
  const lead =
    action.endsWith('expose') || ['extend', 'repair', 'adopt'].includes(action)
      ? random.pick(['blog 80', 'web1/on:53/udp', 'server:public/Web.1 80', 'server:80 80', 'server:80'])
      : Array.from({ length: GRAMMARS[action].lead }, name).join(' ');
  return [action, lead, ...GRAMMARS[action].flags.filter(() => random.below(2) === 0), ...clauses].join(' ');
}

test('every change that is understood is understood the same in canonical words', {
  timeout: 120_000,
}, () => {
  const seen = new Map<string, number>();
  for (let round = 0; round < Math.min(ROUNDS, 1_000_000) / 10; round += 1) {
    const text = round % 2 === 0 ? randomChange() : mutatedExample();
    const command = parseCommand(text, NETWORKS, CLOCK);
    if (!('action' in command) || !isChange(command.action)) continue;
    const { reason: _reason, ...rest } = command as ChangeCommand;
    const words = canonicalCommand(command as ChangeCommand);
    expect(parseCommand(words, NETWORKS, CLOCK), `${JSON.stringify(text)} as ${words}`).toEqual(rest);
    seen.set(command.action, (seen.get(command.action) ?? 0) + 1);
  }
  for (const action of ACTION_NAMES.filter(isChange)) expect(seen.get(action), action).toBeGreaterThan(100);
});

test('the longest text that is looked at takes no noticeable time', () => {
  const nasty = [
    'expose '.padEnd(2_000, '"'),
    'expose '.padEnd(2_000, "'a "),
    `expose blog 80 because ${'" '.repeat(900)}`,
    '<'.repeat(2_000),
    `expose ${'x'.repeat(1_990)}`,
    'launch '.padEnd(2_000, 'because '),
    `host create web9 image ${'"x '.repeat(600)}`,
    `start ${' '.repeat(1_990)}`,
    'expose blog 80 from '.padEnd(2_000, '1.1.1.1,'),
    `expose blog 80 ${'"a'.repeat(900)}`,
    `${'a"b"'.repeat(499)}`,
  ];
  for (const text of nasty) {
    const begun = performance.now();
    parseCommand(text, NETWORKS, CLOCK);
    expect(performance.now() - begun, JSON.stringify(text.slice(0, 30))).toBeLessThan(2_000);
  }
});
