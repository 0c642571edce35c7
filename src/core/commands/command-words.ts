/** Splits the text behind a command into words, clauses and the reason. Knows the form of a grammar, not the commands. */
import { parseArgsStringToArgv } from 'string-argv';
import { type Refusal, refuse } from '../refusal.ts';
import { CLAUSE_EXAMPLES, CLAUSES, type Clause, type Grammar } from './grammar.ts';
import { nearest } from './nearest.ts';

export interface Words {
  /** Names, ports and flags: whatever belongs to no clause. */
  plain: string[];
  clauses: Partial<Record<Clause, string[]>>;
}

/**
 * `blog 80 as 8080 from office because "a demo"` in parts. `--as 8080` and `--as=8080` are the same clause; `because` takes
 * the rest of the text, quotes or not, so that a reason may contain any word.
 */
export function splitWords(text: string, grammar: Grammar): Words | Refusal {
  const cut = cutReason(text, grammar);
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
    const isName = clause === undefined && words.plain.length < grammar.lead && !word.startsWith('--');
    const begun = isName ? undefined : clauseOf(word, grammar);
    const flag = flagOf(word, grammar);
    if (flag !== undefined) words.plain.push(...flag);
    else if (begun === undefined) {
      if (word.startsWith('--')) return unknownFlag(word, grammar);
      (clause === undefined ? words.plain : (words.clauses[clause] ?? [])).push(...piecesOf(word, clause));
    } else {
      if (words.clauses[begun.clause] !== undefined)
        return refuse('not_understood', `\`${begun.clause}\` is there twice.`, 'Say it once.');
      clause = begun.clause;
      words.clauses[clause] = begun.value === undefined ? [] : piecesOf(begun.value, clause);
    }
  }
  return emptyClause(words) ?? words;
}

/** The reason begins at the first `because` that is neither a name nor within quotes. */
function cutReason(text: string, { lead, clauses, flags }: Grammar): { before: string; reason?: string } {
  if (!clauses.includes('because')) return { before: text };
  const names = new RegExp(`^(?:\\s*(?!--)\\S+(?=\\s|$)){0,${lead}}`).exec(text)?.[0].length ?? 0;
  const rest = text.slice(names);
  const found = [...rest.matchAll(/"[^"]*"|(?:^|\s)(?:--)?because(?:[\s=]+|$)/gi)].find(
    ([match]) => !match.startsWith('"'),
  );
  if (found === undefined) return { before: text };
  const after = rest.slice(found.index + found[0].length).trim();
  const next = [...clauses, ...flags].join('|').replaceAll(' ', '[ -]');
  const quoted = new RegExp(`^(["'])([\\s\\S]*?)\\1(?=\\s+(?:--)?(?:${next})\\b|\\s*$)`).exec(after);
  const before = text.slice(0, names + found.index);
  if (quoted === null) return { before, reason: after };
  return { before: `${before} ${after.slice(quoted[0].length)}`, reason: quoted[2]?.trim() ?? '' };
}

function clauseOf(word: string, { clauses }: Grammar): { clause: Clause; value?: string } | undefined {
  const [name = '', ...rest] = word.split('=');
  const bare = name.replace(/^--/, '').toLowerCase();
  const clause = clauses.find((known) => known === bare);
  if (clause === undefined || (rest.length > 0 && !name.startsWith('--'))) return undefined;
  return rest.length === 0 ? { clause } : { clause, value: rest.join('=') };
}

/** The words of `--with-instances`; said without dashes they are plain words anyway. */
function flagOf(word: string, { flags }: Grammar): string[] | undefined {
  const said = word.toLowerCase();
  return flags.find((flag) => said === `--${flag.replaceAll(' ', '-')}`)?.split(' ');
}

function piecesOf(word: string, clause: Clause | undefined): string[] {
  const isList = clause === 'from' || clause === 'profile';
  return isList ? word.split(',').filter((piece) => piece !== '') : [word];
}

function unknownFlag(word: string, { clauses, flags }: Grammar): Refusal {
  const name = word.replace(/^--/, '').split('=')[0] ?? '';
  const own = [...clauses, ...flags.map((flag) => flag.replaceAll(' ', '-'))];
  const close = nearest(name, own)[0];
  if (close !== undefined)
    return refuse('not_understood', `\`${word}\` is not an option.`, `Did you mean \`--${close}\`?`);
  if (CLAUSES.some((clause) => clause === name.toLowerCase()))
    return refuse('not_understood', `\`${name.toLowerCase()}\` does not belong here.`);
  if (own.length === 0) return refuse('not_understood', `\`${word}\` is not an option.`);
  const all = own.map((each) => `\`--${each}\``).join(', ');
  return refuse('not_understood', `\`${word}\` is not an option.`, `The options are ${all}.`);
}

function emptyClause({ clauses }: Words): Refusal | undefined {
  const empty = CLAUSES.find((clause) => clauses[clause]?.length === 0);
  return (
    empty &&
    refuse(
      'not_understood',
      `Nothing stands behind \`${empty}\`.`,
      `Say it like \`${CLAUSE_EXAMPLES[empty]}\`.`,
    )
  );
}

function countOf(text: string, letter: string): number {
  return text.split(letter).length - 1;
}
