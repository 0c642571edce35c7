/** Splits a command's text into words, clauses and the reason. Knows the grammar, not the commands. */
import { parseArgsStringToArgv } from 'string-argv';
import { nearest } from './nearest.ts';
import { type Refusal, refuse } from './refusal.ts';

export const CLAUSES = ['as', 'from', 'via', 'because'] as const;
export type Clause = (typeof CLAUSES)[number];

export interface Words {
  /** The words before the first clause. */
  plain: string[];
  clauses: Partial<Record<Clause, string[]>>;
}

/**
 * `expose blog 80 as 8080 from office because "a demo"` in parts. `--as 8080` and `--as=8080` are the same clause;
 * `because` takes the rest of the text, quotes or not, so that a reason may contain any word.
 */
export function splitWords(text: string): Words | Refusal {
  const cut = cutReason(text);
  if (countOf(cut.before, '"') % 2 === 1) {
    return refuse(
      'not_understood',
      'A quote is opened and never closed.',
      'Close it, or leave quotes out: they are not needed.',
    );
  }
  const words: Words = { plain: [], clauses: {} };
  if (cut.reason !== undefined) words.clauses.because = cut.reason === '' ? [] : [cut.reason];
  let clause: Clause | undefined;
  for (const word of parseArgsStringToArgv(cut.before.replace(/'/g, '"'))) {
    const begun = clauseOf(word);
    if (begun === undefined) {
      if (word.startsWith('--')) return unknownFlag(word);
      (clause === undefined ? words.plain : (words.clauses[clause] ?? [])).push(...piecesOf(word, clause));
      continue;
    }
    if (words.clauses[begun.clause] !== undefined) {
      return refuse('not_understood', `\`${begun.clause}\` is there twice.`, 'Say it once.');
    }
    clause = begun.clause;
    words.clauses[clause] = begun.value === undefined ? [] : piecesOf(begun.value, clause);
  }
  return emptyClause(words) ?? words;
}

function cutReason(text: string): { before: string; reason?: string } {
  const match = /(^|\s)(?:--)?because(?:[\s=]+|$)/i.exec(text);
  if (match === null) return { before: text };
  const after = text.slice(match.index + match[0].length).trim();
  const quoted = /^(["'])([\s\S]*?)\1(?=\s+(?:--)?(?:as|from|via)\b|\s*$)/.exec(after);
  const before = text.slice(0, match.index);
  if (quoted === null) return { before, reason: after };
  return { before: `${before} ${after.slice(quoted[0].length)}`, reason: quoted[2]?.trim() ?? '' };
}

function clauseOf(word: string): { clause: Clause; value?: string } | undefined {
  const [name = '', ...rest] = word.split('=');
  const bare = name.replace(/^--/, '').toLowerCase();
  const clause = CLAUSES.find((known) => known === bare);
  if (clause === undefined || (rest.length > 0 && !name.startsWith('--'))) return undefined;
  return rest.length === 0 ? { clause } : { clause, value: rest.join('=') };
}

function piecesOf(word: string, clause: Clause | undefined): string[] {
  return clause === 'from' ? word.split(',').filter((piece) => piece !== '') : [word];
}

function unknownFlag(word: string): Refusal {
  const name = word.replace(/^--/, '').split('=')[0] ?? '';
  const close = nearest(name, CLAUSES)[0];
  return refuse(
    'not_understood',
    `\`${word}\` is not an option.`,
    close === undefined
      ? `The options are ${CLAUSES.map((clause) => `\`--${clause}\``).join(', ')}.`
      : `Did you mean \`--${close}\`?`,
  );
}

function emptyClause({ clauses }: Words): Refusal | undefined {
  const empty = CLAUSES.find((clause) => clauses[clause]?.length === 0);
  return (
    empty &&
    refuse('not_understood', `Nothing stands behind \`${empty}\`.`, `Say it like \`${EXAMPLES[empty]}\`.`)
  );
}

const EXAMPLES: Record<Clause, string> = {
  as: 'as 8080',
  from: 'from 10.0.0.0/8',
  via: 'via proxy',
  because: 'because the customer looks at it today',
};

function countOf(text: string, letter: string): number {
  return text.split(letter).length - 1;
}
