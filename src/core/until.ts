/** Moments as people say them: `18:00`, `tomorrow 18:00`, `friday 18:00`, `2026-11-30 18:00`, each with `UTC` behind it or not. Pure. */
import { LONGEST, SHORTEST } from './door-end.ts';
import { type Refusal, refuse } from './refusal.ts';
import { clockIn, DAYS } from './rules/hours.ts';

/** The clock on the wall. */
export interface Clock {
  /** Milliseconds since 1970. */
  now: number;
  /** A name of the IANA time zone database. */
  zone: string;
}

const MINUTE_MS = 60_000;
const DAY_MS = 86_400_000;
const NEXT = 'Write it like `until 18:00`, `until friday 18:00` or `until 2026-11-30 18:00`.';

/** The moment behind `until`, in milliseconds since 1970. A time of the day is the next one. */
export function parseUntil(text: string, clock: Clock | undefined): number | Refusal {
  if (clock === undefined)
    return refuse('not_understood', '`until` cannot be said here.', 'Say how long: `for 2h`.');
  const words = /^(?:(\S+) +)?(\d{1,2}:\d{2})( +utc)?$/i.exec(text.trim());
  const minute = minuteOf(words?.[2] ?? '');
  if (words === null || minute === undefined)
    return refuse('not_understood', `\`${text}\` is no moment.`, NEXT);
  const zone = words[3] === undefined ? clock.zone : 'UTC';
  const at = momentOf(words[1]?.toLowerCase(), minute, { now: clock.now, zone });
  if (at === undefined) return refuse('not_understood', `\`${words[1]}\` is no day.`, NEXT);
  if (at - clock.now < SHORTEST * 1_000)
    return refuse('not_understood', `\`${text}\` (${zone}) is over, or less than a minute away.`, NEXT);
  if (at - clock.now > LONGEST * 1_000)
    return refuse('not_understood', `\`${text}\` is more than 366 days away.`, NEXT);
  return at;
}

function minuteOf(time: string): number | undefined {
  const [hours = 24, minutes = 60] = time.split(':').map(Number);
  return hours < 24 && minutes < 60 ? hours * 60 + minutes : undefined;
}

function momentOf(day: string | undefined, minute: number, { now, zone }: Clock): number | undefined {
  const today = clockIn(zone, now).date;
  if (day === undefined) {
    const at = atWall(today, minute, zone);
    return at > now ? at : atWall(dayAfter(today, 1), minute, zone);
  }
  if (day === 'today') return atWall(today, minute, zone);
  if (day === 'tomorrow') return atWall(dayAfter(today, 1), minute, zone);
  if (/^\d{4}-\d{2}-\d{2}$/.test(day)) return isDate(day) ? atWall(day, minute, zone) : undefined;
  const wanted = DAYS.findIndex((name) => day.length > 2 && WEEK[name].startsWith(day));
  if (wanted < 0) return undefined;
  const days = (wanted - DAYS.indexOf(clockIn(zone, now).day) + 7) % 7;
  const at = atWall(dayAfter(today, days), minute, zone);
  return at > now ? at : atWall(dayAfter(today, days + 7), minute, zone);
}

const WEEK = {
  mon: 'monday',
  tue: 'tuesday',
  wed: 'wednesday',
  thu: 'thursday',
  fri: 'friday',
  sat: 'saturday',
  sun: 'sunday',
} as const;

function isDate(text: string): boolean {
  const at = Date.parse(`${text}T00:00:00Z`);
  return !Number.isNaN(at) && new Date(at).toISOString().startsWith(text);
}

function dayAfter(date: string, days: number): string {
  return new Date(Date.parse(date) + days * DAY_MS).toISOString().slice(0, 10);
}

/** Twice: the offset of the first guess may be that of the other side of a change of clocks. */
function atWall(date: string, minute: number, zone: string): number {
  const wall = Date.parse(date) + minute * MINUTE_MS;
  let at = wall;
  for (let round = 0; round < 2; round += 1) {
    const seen = clockIn(zone, at);
    at -= Date.parse(seen.date) + seen.minute * MINUTE_MS - wall;
  }
  return at;
}
