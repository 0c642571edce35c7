/** The audit as files: JSON lines and CSV. Pure. */
import type { ChainedEntry } from './audit-chain.ts';
import { canonicalJson } from './canonical-json.ts';

export const EXPORT_FORMATS = ['json', 'csv'] as const;
export type ExportFormat = (typeof EXPORT_FORMATS)[number];

const COLUMNS = ['entry', 'time', 'kind', 'request', 'user', 'about', 'plan', 'what', 'hash'] as const;

/** What stands before the first entry. */
export function exportHeader(format: ExportFormat): string {
  return format === 'csv' ? csvRow(COLUMNS) : '';
}

/**
 * One entry with the end of its line. JSON has everything that the hash covers, with `at` in milliseconds since 1970; CSV
 * has the time as ISO 8601 in UTC.
 */
export function exportLine(entry: ChainedEntry, format: ExportFormat): string {
  if (format === 'json') return `${canonicalJson(entry)}\n`;
  const { seq, at, kind, request = '', user = '', about = '', plan = '', what, hash } = entry;
  return csvRow([String(seq), new Date(at).toISOString(), kind, request, user, about, plan, what, hash]);
}

/** RFC 4180: commas, lines end with CRLF, quotes where needed and doubled within. */
function csvRow(cells: readonly string[]): string {
  return `${cells.map(csvCell).join(',')}\r\n`;
}

/** Spreadsheets take a cell that begins like this for a formula; behind an apostrophe it is text (OWASP, "CSV Injection"). */
const FORMULA = /^[=+\-@\t\r]/;

function csvCell(text: string): string {
  const safe = FORMULA.test(text) ? `'${text}` : text;
  return /[",\r\n]/.test(safe) ? `"${safe.replaceAll('"', '""')}"` : safe;
}
