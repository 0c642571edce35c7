/** The values of clauses that are one text. */

import { redact } from '../redact.ts';
import type { Words } from './command-words.ts';
import type { Clause } from './grammar.ts';

/** What stands behind a clause, its words joined by blanks. */
export function clauseText({ clauses }: Words, clause: Clause): string | undefined {
  return clauses[clause]?.join(' ');
}

/** The reason, at most 300 characters of it and without what looks like a secret: a channel gets to see what was typed for one's own eyes. */
export function reasonOf(words: Words): { reason?: string } {
  const reason = clauseText(words, 'because');
  return reason === undefined ? {} : { reason: redact([reason.slice(0, 300)]).join() };
}
