/** `audit blog since 2h as csv`: the command that looks into the audit, from its words; and written out again. */
import type { AuditTarget } from '../audit/audit-entry.ts';
import { EXPORT_FORMATS, type ExportFormat } from '../audit/audit-export.ts';
import type { AuditCommand } from '../audit/audit-query.ts';
import { isRefusal, type Refusal, refuse } from '../refusal.ts';
import { nameOf } from '../request.ts';
import { clauseText } from './clause-values.ts';
import type { Words } from './command-words.ts';
import { parseTarget } from './destination.ts';
import { GRAMMARS } from './grammar.ts';
import { extraWord } from './word-refusals.ts';

type Since = NonNullable<AuditCommand['since']>;

/** The command, or what of it was not understood. */
export function buildAudit(words: Words): AuditCommand | Refusal {
  const [word, ...left] = words.plain;
  if (left.length > 0) return extraWord(left, GRAMMARS.audit);
  const of = word === undefined ? undefined : parseAuditTarget(word);
  if (of !== undefined && isRefusal(of)) return of;
  const since = parsed(clauseText(words, 'since'), parseSince);
  if (typeof since === 'object' && isRefusal(since)) return since;
  const before = parsed(clauseText(words, 'before'), parseBefore);
  if (typeof before === 'object') return before;
  const as = parsed(clauseText(words, 'as'), parseFormat);
  if (typeof as === 'object') return as;
  return {
    action: 'audit',
    ...(of !== undefined && { of }),
    ...(since !== undefined && { since }),
    ...(before !== undefined && { before }),
    ...(as !== undefined && { as }),
  };
}

/** The command as it is typed. */
export function auditInWords({ of, since, before, as }: AuditCommand): string {
  const words = ['audit'];
  if (of !== undefined) words.push('request' in of ? of.request : 'user' in of ? `@${of.user}` : of.about);
  if (since !== undefined)
    words.push('since', 'ago' in since ? spanInWords(since.ago) : dayInWords(since.at));
  if (before !== undefined) words.push('before', String(before));
  if (as !== undefined) words.push('as', as);
  return words.join(' ');
}

/** `2h`, or `5400s` where no greater unit fits. */
function spanInWords(seconds: number): string {
  const [unit, size] = Object.entries(UNITS).findLast(([, each]) => seconds % each === 0) ?? ['s', 1];
  return `${seconds / size}${unit}`;
}

function dayInWords(at: number): string {
  return new Date(at).toISOString().slice(0, 16);
}

function parsed<T>(text: string | undefined, parse: (text: string) => T): T | undefined {
  return text === undefined ? undefined : parse(text);
}

function parseAuditTarget(word: string): AuditTarget | Refusal {
  if (word.startsWith('@')) {
    const user = word.slice(1);
    if (/^[UW][A-Z0-9_]+$/.test(user)) return { user };
    const next = 'Pick the name from Slack’s list while you type, or write the member ID: `@U012AB3CD`.';
    return refuse('not_understood', `\`${word}\` is not a person.`, next);
  }
  if (/^req-[a-z0-9]+$/i.test(word)) return { request: word.toLowerCase() };
  const target = parseTarget(word, 'server too');
  return isRefusal(target) ? target : { about: nameOf(target) };
}

const UNITS: Readonly<Record<string, number>> = { s: 1, m: 60, h: 3_600, d: 86_400, w: 604_800 };

function parseSince(text: string): Since | Refusal {
  const [, count, unit = ''] = /^(\d{1,6})([smhdw])$/i.exec(text) ?? [];
  const ago = Number(count) * (UNITS[unit.toLowerCase()] ?? 0);
  if (ago > 0) return { ago };
  const [, day, time = '00:00'] = /^(\d{4}-\d{2}-\d{2})(?:[t ](\d{2}:\d{2})z?)?$/i.exec(text) ?? [];
  const at = day === undefined ? Number.NaN : Date.parse(`${day}T${time}Z`);
  // Date.parse takes the 30th of February for the 2nd of March.
  if (Number.isFinite(at) && dayInWords(at) === `${day}T${time}`) return { at };
  const next = 'Write it like `2h` or `7d`, or a day like `2026-11-01` or `2026-11-01 12:30` (UTC).';
  return refuse('not_understood', `\`${text}\` is not a time.`, next);
}

function parseBefore(text: string): number | Refusal {
  if (/^[1-9]\d{0,14}$/.test(text)) return Number(text);
  const next = 'Say it like `before 1200`; `since` takes times.';
  return refuse('not_understood', `\`${text}\` is not the number of an entry.`, next);
}

function parseFormat(text: string): ExportFormat | Refusal {
  const format = EXPORT_FORMATS.find((known) => known === text.toLowerCase());
  if (format !== undefined) return format;
  const next = 'There are `as json` and `as csv`.';
  return refuse('not_understood', `\`${text}\` is not a form of the audit.`, next);
}
