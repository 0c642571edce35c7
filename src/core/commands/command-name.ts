/** The first words of a text: which command it is. */

import { type Refusal, refuse } from '../refusal.ts';
import type { ActionName } from '../request.ts';
import { plainText } from './chat-text.ts';
import { ACTION_NAMES, COMMANDS } from './help.ts';
import { nearest } from './nearest.ts';

export interface Named {
  action: ActionName;
  /** What stands behind the command's name. */
  rest: string;
}

/** An empty text, and options alone, are help. A refusal comes with its example. */
export function commandName(text: string): Named | Refusal {
  const [first, rest] = firstWord(text);
  if (first === '' || first.startsWith('--')) return { action: 'help', rest: text };
  if (first === 'host') return hostCommandName(rest);
  const action = ACTION_NAMES.find((known) => known === first);
  return action === undefined ? unknownCommand(first) : { action, rest };
}

/** True for a command without a word behind it; `''` is no command at all. */
export function isBare(text: string, command: 'expose' | ''): boolean {
  const [first, rest] = firstWord(plainText(text));
  return first === command && rest.trim() === '';
}

/** A refusal of something that was not understood, with one example of the command behind it. */
export function withExample(refusal: Refusal, action: ActionName): Refusal {
  if (refusal.reason !== 'not_understood') return refusal;
  const example = `Example: \`/lxd ${COMMANDS[action].example}\``;
  return { ...refusal, next: refusal.next === undefined ? example : `${refusal.next} ${example}` };
}

const HOST_COMMANDS = ACTION_NAMES.filter((name) => name.startsWith('host '));
/** `host` for all four of them. */
const FIRST_WORDS = [...new Set(ACTION_NAMES.map((name) => name.split(' ')[0] ?? name))];

function hostCommandName(text: string): Named | Refusal {
  const [second, rest] = firstWord(text);
  const action = HOST_COMMANDS.find((known) => known === `host ${second}`);
  if (action !== undefined) return { action, rest };
  const verbs = HOST_COMMANDS.map((known) => known.slice('host '.length));
  const close = HOST_COMMANDS.find((known) => known === `host ${nearest(second, verbs)[0]}`);
  const all = HOST_COMMANDS.map((known) => `\`${known}\``).join(', ');
  const next = close === undefined ? `There are ${all}; \`hosts\` shows them.` : `Did you mean \`${close}\`?`;
  const message = second === '' ? 'What about a host?' : `I do not know the command \`host ${second}\`.`;
  return withExample(refuse('not_understood', message, next), close ?? 'host create');
}

/** In small letters and without quotes, and what stands behind it. */
function firstWord(text: string): [word: string, rest: string] {
  const [, word = '', rest = ''] = /^\s*(\S*)\s*([\s\S]*)$/.exec(text) ?? [];
  return [word.replace(/["']/g, '').toLowerCase(), rest];
}

function unknownCommand(name: string): Refusal {
  const message = `I do not know the command \`${name}\`.`;
  const close = nearest(name, FIRST_WORDS)[0];
  if (close === undefined) return refuse('not_understood', message, 'Try `/lxd help`.');
  const action = ACTION_NAMES.find((known) => known === close) ?? 'host create';
  return withExample(refuse('not_understood', message, `Did you mean \`${close}\`?`), action);
}
