/** What the doctor found, as a private message: sign and word, so that nothing depends on colour. Pure. */
import { countInWords, type Finding, type FindingState, worstFirst } from '../../core/findings/finding.ts';
import type { View } from '../bolt.ts';
import { cut, lines, section } from './block-texts.ts';

const SIGNS: Readonly<Record<FindingState, string>> = {
  ok: ':white_check_mark: ok',
  warn: ':warning: *warn*',
  fail: ':x: *fail*',
  unknown: ':grey_question: unknown',
};

/** @param whose part of the examination it is */
export function findingsView(whose: string, findings: readonly Finding[]): View {
  const title = `*Doctor*, as ${whose} sees it: ${countInWords(findings) || 'nothing to see'}`;
  const rows = worstFirst(findings).map(rowOf);
  return { text: cut([title, ...rows].join('\n'), 3_000), blocks: [section(title), ...lines(rows)] };
}

/** The findings' own words may have marks; what hosts, clouds and files said was made harmless before. */
function rowOf({ state, about, seen, next }: Finding): string {
  const row = `${SIGNS[state]} · *${about}*: ${cut(seen, 600)}`;
  return next === undefined ? row : `${row}\n      ↳ ${cut(next, 600)}`;
}
