/** Refusals for words that a command cannot do anything with. */

import { type Refusal, refuse } from '../refusal.ts';
import { CLAUSES, type Grammar } from './grammar.ts';
import { nearest } from './nearest.ts';

/** For words that are left over behind those that were understood: a clause of other commands, a mistyped one, or neither. */
export function extraWord(left: readonly string[], { clauses, flags }: Grammar): Refusal {
  const [word = ''] = left;
  if (isClause(word)) return notHere(word);
  const close = nearest(word, [...clauses, ...flags])[0];
  const next = close === undefined ? undefined : `Did you mean \`${close}\`?`;
  return refuse('not_understood', `I did not understand \`${word}\`.`, next);
}

/** For commands without clauses, which take at most `most` words; undefined when there are no more. */
export function tooMany(words: readonly string[], most: number): Refusal | undefined {
  const extra = words[most];
  if (extra === undefined) return undefined;
  const clause = words.find(isClause);
  return clause === undefined
    ? refuse('not_understood', `\`${extra}\` is one word too many.`)
    : notHere(clause);
}

function isClause(word: string): boolean {
  return CLAUSES.some((clause) => clause === word.toLowerCase());
}

function notHere(word: string): Refusal {
  return refuse('not_understood', `\`${word.toLowerCase()}\` does not belong here.`);
}
