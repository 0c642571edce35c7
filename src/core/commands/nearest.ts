/** The right word nearest to a mistyped one. */
import { distance } from 'fastest-levenshtein';

/**
 * The `most` candidates that look like `word`: same beginning, or at most two letters off (one for words of three
 * letters or fewer), nearest first.
 */
export function nearest<T extends string>(word: string, candidates: readonly T[], most = 3): T[] {
  const wanted = word.toLowerCase();
  const tolerated = wanted.length <= 3 ? 1 : 2;
  return [...new Set(candidates)]
    .map((candidate) => ({ candidate, off: offBy(wanted, candidate.toLowerCase()) }))
    .filter(({ off }) => off <= tolerated)
    .sort((a, b) => a.off - b.off || a.candidate.localeCompare(b.candidate))
    .slice(0, most)
    .map(({ candidate }) => candidate);
}

function offBy(wanted: string, candidate: string): number {
  if (wanted.length >= 2 && candidate.startsWith(wanted)) return 0.5;
  if (isSwapped(wanted, candidate)) return 0.9;
  return distance(wanted, candidate);
}

/** `form` for `from`: two neighbours in the wrong order are one slip, and a likelier one than a letter too many. */
function isSwapped(wanted: string, candidate: string): boolean {
  const at = [...wanted].findIndex((letter, index) => letter !== candidate[index]);
  const [one = '', two = ''] = wanted.slice(at, at + 2);
  return at >= 0 && candidate === `${wanted.slice(0, at)}${two}${one}${wanted.slice(at + 2)}`;
}
