/** Spans and moments as people write and read them: `2h`, `90 min`, `2026-11-25 18:00 UTC`. Pure. */

const UNITS = [
  { letter: 's', names: /^s(ec(ond)?s?)?$/i, size: 1, word: 's' },
  { letter: 'm', names: /^m(in(ute)?s?)?$/i, size: 60, word: 'min' },
  { letter: 'h', names: /^(h|hours?)$/i, size: 3_600, word: 'h' },
  { letter: 'd', names: /^(d|days?)$/i, size: 86_400, word: 'd' },
] as const;

/** Seconds in `2h`, `90 min`, `1h30m` or `2 days`; undefined for what is no span. */
export function parseSpan(text: string): number | undefined {
  if (!/^(\s*\d{1,9}\s*[a-z]+)+\s*$/i.test(text)) return undefined;
  let seconds = 0;
  for (const [, count, name = ''] of text.matchAll(/(\d+)\s*([a-z]+)/gi)) {
    const unit = UNITS.find(({ names }) => names.test(name));
    if (unit === undefined) return undefined;
    seconds += Number(count) * unit.size;
  }
  return seconds;
}

/** `2h`: in the greatest unit that fits without a rest. What `parseSpan` takes back. */
export function spanText(seconds: number): string {
  const { letter, size } = unitOf(seconds);
  return `${seconds / size}${letter}`;
}

/** `2 h`, `90 min`, `7 d` */
export function spanInWords(seconds: number): string {
  const { word, size } = unitOf(seconds);
  return `${seconds / size} ${word}`;
}

/** `2026-11-25 18:00 UTC`. @param at milliseconds since 1970 */
export function momentInWords(at: number): string {
  return `${new Date(at).toISOString().slice(0, 16).replace('T', ' ')} UTC`;
}

function unitOf(seconds: number): (typeof UNITS)[number] {
  return UNITS.findLast(({ size }) => seconds % size === 0) ?? UNITS[0];
}
