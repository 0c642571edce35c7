/** The text behind `/lxd` as a command, or a refusal that says what was not understood. Pure. */

import { isRefusal, type Refusal, refuse } from '../refusal.ts';
import type { ActionName, ChangeCommand, Command } from '../request.ts';
import type { Networks } from '../sources.ts';
import type { Clock } from '../until.ts';
import { buildAudit } from './audit-command.ts';
import { plainText } from './chat-text.ts';
import { commandName, withExample } from './command-name.ts';
import { splitWords, type Words } from './command-words.ts';
import { parseTarget } from './destination.ts';
import { buildExpose, buildExtend, buildMending, buildUnexpose } from './expose-commands.ts';
import { GRAMMARS, isChange } from './grammar.ts';
import { buildHostCommand } from './host-command.ts';
import { buildInstanceCommand, buildLogs } from './instance-command.ts';
import { buildPanic } from './panic-command.ts';
import { buildWhy } from './why-command.ts';
import { tooMany } from './word-refusals.ts';

/** Commands about another command. */
type Asking = 'plan' | 'policy';

/** The longest text that is looked at; Slack itself cuts messages at 40,000 characters. */
const LONGEST = 2_000;

/**
 * @param text what Slack delivers behind the command's name
 * @param networks the names that may stand behind `from`
 * @param clock what `until` is read by
 */
export function parseCommand(text: string, networks: Networks, clock?: Clock): Command | Refusal {
  if (text.length > LONGEST)
    return refuse('not_understood', 'That is too long to be a command.', 'Try `help`.');
  const named = commandName(plainText(text));
  if (isRefusal(named)) return named;
  const { action, rest } = named;
  if (action === 'plan' || action === 'policy') return parseIf(action, rest, networks, clock);
  const command = parseRest(action, rest, networks, clock);
  return isRefusal(command) ? withExample(command, action) : command;
}

/** Every change can be planned, and the policy asked about it; the rest changes nothing anyway. */
function parseIf(what: Asking, text: string, networks: Networks, clock?: Clock): Command | Refusal {
  const named = commandName(text);
  if (isRefusal(named)) return named;
  const { action, rest } = named;
  if (text.trim() === '')
    return withExample(
      refuse('not_understood', what === 'plan' ? 'Plan what?' : 'The policy on what?'),
      what,
    );
  if (!isChange(action)) {
    const message = `\`${what} ${action}\` is not possible: \`${action}\` changes nothing.`;
    return withExample(refuse('not_understood', message), what);
  }
  const of = parseRest(action, rest, networks, clock);
  return isRefusal(of) ? withExample(of, what) : { action: what, of: of as ChangeCommand };
}

function parseRest(
  action: Exclude<ActionName, Asking>,
  rest: string,
  networks: Networks,
  clock?: Clock,
): Command | Refusal {
  const words = splitWords(rest, GRAMMARS[action]);
  return isRefusal(words) ? words : build(action, words, networks, clock);
}

function build(
  action: Exclude<ActionName, Asking>,
  words: Words,
  networks: Networks,
  clock?: Clock,
): Command | Refusal {
  const { plain } = words;
  switch (action) {
    case 'expose':
      return buildExpose(words, networks, clock);
    case 'unexpose':
      return buildUnexpose(words);
    case 'extend':
      return buildExtend(words, clock);
    case 'repair':
    case 'adopt':
      return buildMending(action, words);
    case 'why':
      return buildWhy(words, networks);
    case 'host create':
    case 'host adopt':
    case 'host drain':
    case 'host delete':
      return buildHostCommand(action, words);
    case 'panic':
      return buildPanic(words);
    case 'doors':
      return tooMany(plain, 1) ?? optional(words, (filter) => ({ action, filter }), { action });
    case 'list':
      return tooMany(plain, 1) ?? optional(words, (host) => ({ action, host }), { action });
    case 'requests':
      return tooMany(plain, 1) ?? optional(words, (id) => ({ action, id }), { action });
    case 'help':
      return tooMany(plain, 2) ?? optional(words, (topic) => ({ action, topic }), { action });
    case 'hosts':
    case 'doctor':
      return tooMany(plain, 0) ?? { action };
    case 'info':
      return tooMany(plain, 1) ?? buildInfo(words);
    case 'logs':
      return buildLogs(words);
    case 'audit':
      return buildAudit(words);
    case 'cancel':
      return tooMany(plain, 1) ?? required(words, 'the request', (id) => ({ action, id }));
    default:
      return buildInstanceCommand(action, words);
  }
}

function buildInfo(words: Words): Command | Refusal {
  const target = parseTarget(words.plain[0]);
  return isRefusal(target) ? target : { action: 'info', target };
}

function optional(words: Words, withWord: (word: string) => Command, without: Command): Command {
  return words.plain[0] === undefined ? without : withWord(words.plain.join(' '));
}

function required(words: Words, what: string, withWord: (word: string) => Command): Command | Refusal {
  return words.plain[0] === undefined ? refuse('not_understood', `Name ${what}.`) : withWord(words.plain[0]);
}
