/** How long doors stay open, and what is said about their ends. Pure. */
import { type Refusal, refuse } from './refusal.ts';
import { momentInWords, parseSpan, spanInWords } from './span.ts';

/** The shortest and the longest time for which a door is opened, in seconds. */
export const SHORTEST = 60;
export const LONGEST = 366 * 86_400;

/**
 * The seconds behind `for` or `by`; undefined where the clause is absent.
 * @param clause for the refusal, which shows how it is written
 */
export function parseDuration(text: string | undefined, clause: 'for' | 'by'): number | Refusal | undefined {
  if (text === undefined) return undefined;
  const seconds = parseSpan(text);
  const next = `Write it like \`${clause} 30m\`, \`${clause} 2h\` or \`${clause} 7d\`.`;
  if (seconds === undefined) return refuse('not_understood', `\`${text}\` is not a length of time.`, next);
  if (seconds >= SHORTEST && seconds <= LONGEST) return seconds;
  return refuse('not_understood', `\`${text}\` is out of range: from a minute to 366 days.`, next);
}

/** `after 2 h` or `at 2026-11-25 18:00 UTC`; undefined where it is open until somebody closes it. */
export function doorEndInWords({
  forSeconds,
  until,
}: {
  forSeconds?: number;
  until?: number;
}): string | undefined {
  if (until !== undefined) return `at ${momentInWords(until)}`;
  return forSeconds === undefined ? undefined : `after ${spanInWords(forSeconds)}`;
}

const MINUTE_MS = 60_000;
/** The longest that one press of a button adds, in seconds. */
const MOST_AT_ONCE = 7 * 86_400;

/** By how much a button moves the end: by the time for which the door was opened, a week at most. In seconds. */
export function extensionOf({ forSeconds = 3_600 }: { forSeconds?: number }): number {
  return Math.min(forSeconds, MOST_AT_ONCE);
}

/**
 * Whether it is time to warn: ten minutes before the end, or a tenth of the time where that is shorter, but a minute at least.
 * @param now milliseconds since 1970
 */
export function isWarningDue(
  { endsAt, forSeconds = 3_600 }: { endsAt: number; forSeconds?: number },
  now: number,
): boolean {
  const before = Math.min(10 * MINUTE_MS, Math.max(MINUTE_MS, forSeconds * 100));
  return now >= endsAt - before && now < endsAt;
}

/** What was last seen of a door's host. `since`: since when it has answered, or has not. */
export interface HostSeen {
  answers: boolean;
  since?: number;
}

/**
 * When a closing that did not close is asked for again: after a minute, then less and less often; at once where the host has come back.
 * @param tries how often it was asked for
 * @param endedAt when the last of them ended; times are milliseconds since 1970
 */
export function asksAgainAt(tries: number, endedAt: number, host?: HostSeen): number {
  const isBack = host?.answers === true && (host.since ?? 0) > endedAt;
  if (isBack) return endedAt + MINUTE_MS;
  const minutes = tries > 12 ? 1_440 : Math.min(60, 2 ** (tries - 1));
  return endedAt + minutes * MINUTE_MS;
}
