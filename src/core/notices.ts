/** When Drawbridge speaks of its own accord: weekly digests, and the hours in which nobody is to be disturbed. Pure. */
import { clockIn, DAYS, type Day, type Hours, isIn } from './rules/hours.ts';

/** Once a week, in the wall clock of a time zone. */
export interface DigestTime {
  day: Day;
  /** Minutes since midnight. */
  at: number;
  /** A name of the IANA time zone database. */
  zone: string;
}

export interface Notices {
  /** Absent: there are no digests. */
  digest?: DigestTime;
  /** Absent: all hours are good. */
  quiet?: Hours;
}

const MINUTE_MS = 60_000;
const DAY_MS = 86_400_000;
/** A digest that could not be sent for so many days waits for the next week. */
const LATEST_DAYS = 3;

/** Whether what merely asks for attention has to wait. @param now milliseconds since 1970, as all times here */
export function isQuiet(quiet: Hours | undefined, now: number): boolean {
  return quiet !== undefined && isIn(quiet, now);
}

/** Whether a warning waits: it is quiet now, and will no longer be a minute before what it warns of. */
export function waitsForMorning(quiet: Hours | undefined, now: number, until: number): boolean {
  if (quiet === undefined || !isIn(quiet, now)) return false;
  for (let at = now + MINUTE_MS; at <= until - MINUTE_MS; at += MINUTE_MS) if (!isIn(quiet, at)) return true;
  return false;
}

export interface Digest {
  /** The day in its zone, `2026-11-23`: there is one digest for each. */
  key: string;
  /** When it was due; an hour off where clocks were changed since. */
  at: number;
}

/** The digest that is due, whether it was sent or not. */
export function dueDigest({ day, at, zone }: DigestTime, now: number): Digest | undefined {
  const clock = clockIn(zone, now);
  const days = (DAYS.indexOf(clock.day) - DAYS.indexOf(day) + 7) % 7;
  if ((days === 0 && clock.minute < at) || days > LATEST_DAYS) return undefined;
  const key = new Date(Date.parse(clock.date) - days * DAY_MS).toISOString().slice(0, 10);
  return { key, at: now - days * DAY_MS - (clock.minute - at) * MINUTE_MS };
}
