/** The values of clauses that are one text. */
import type { Words } from './command-words.ts';
import type { Clause } from './grammar.ts';

/** What stands behind a clause, its words joined by blanks. */
export function clauseText({ clauses }: Words, clause: Clause): string | undefined {
  return clauses[clause]?.join(' ');
}

/** The reason, at most 300 characters of it. */
export function reasonOf(words: Words): { reason?: string } {
  const reason = clauseText(words, 'because');
  return reason === undefined ? {} : { reason: reason.slice(0, 300) };
}
