/** Hours of the week in a time zone. Pure. */

export const DAYS = ['mon', 'tue', 'wed', 'thu', 'fri', 'sat', 'sun'] as const;
export type Day = (typeof DAYS)[number];

export interface Hours {
  days: readonly Day[];
  /** Minutes since midnight, `to` not included. `from` behind `to` is the night: it begins on a day of `days`. */
  from: number;
  to: number;
  /** A name of the IANA time zone database. */
  zone: string;
}

const DAY_MINUTES = 24 * 60;

/** @param at milliseconds since 1970 */
export function isIn({ days, from, to, zone }: Hours, at: number): boolean {
  const { day, minute } = clockIn(zone, at);
  const today = days.includes(day);
  if (from < to) return today && minute >= from && minute < to;
  const yesterday = days.includes(DAYS[(DAYS.indexOf(day) + 6) % 7] ?? day);
  return (today && minute >= from) || (yesterday && minute < to);
}

/** Whether it is a zone that this machine knows. */
export function isZone(zone: string): boolean {
  try {
    return new Intl.DateTimeFormat('en', { timeZone: zone }) !== undefined;
  } catch {
    return false;
  }
}

/** The wall clock of a zone: the day of the week, minutes since midnight, and the date, `2026-11-23`. */
export function clockIn(timeZone: string, at: number): { day: Day; minute: number; date: string } {
  const parts = Object.fromEntries(
    formatOf(timeZone)
      .formatToParts(at)
      .map(({ type, value }) => [type, value]),
  );
  const day = DAYS.find((name) => name === parts.weekday?.toLowerCase()) ?? 'mon';
  const date = `${parts.year}-${parts.month}-${parts.day}`;
  return { day, date, minute: (Number(parts.hour) * 60 + Number(parts.minute)) % DAY_MINUTES };
}

/** Making one takes longer than using it a hundred times. */
const formats = new Map<string, Intl.DateTimeFormat>();

function formatOf(timeZone: string): Intl.DateTimeFormat {
  const known = formats.get(timeZone);
  if (known !== undefined) return known;
  const format = new Intl.DateTimeFormat('en-GB', {
    timeZone,
    weekday: 'short',
    year: 'numeric',
    month: '2-digit',
    day: '2-digit',
    hour: '2-digit',
    minute: '2-digit',
    hourCycle: 'h23',
  });
  formats.set(timeZone, format);
  return format;
}
