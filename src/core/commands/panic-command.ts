/** `panic`, `panic web1`, `panic off web1`: every door at once, from the words behind the command. */

import type { PanicCommand } from '../panic.ts';
import type { Refusal } from '../refusal.ts';
import { reasonOf } from './clause-values.ts';
import type { Words } from './command-words.ts';
import { parseHostName } from './destination.ts';
import { GRAMMARS } from './grammar.ts';
import { extraWord } from './word-refusals.ts';

/** The command, or what of it was not understood. */
export function buildPanic(words: Words): PanicCommand | Refusal {
  const off = words.plain[0]?.toLowerCase() === 'off';
  const [where = 'all', ...rest] = words.plain.slice(off ? 1 : 0);
  if (rest.length > 0) return extraWord(rest, GRAMMARS.panic);
  const command: PanicCommand = { action: 'panic', ...(off && { off }), ...reasonOf(words) };
  if (where.toLowerCase() === 'all') return command;
  const host = parseHostName(where, 'host');
  return typeof host === 'string' ? { ...command, host } : host;
}
