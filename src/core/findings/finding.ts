/** What the doctor finds: one thing each, how it is, what was seen, and what to do about it. */

/** unknown: it could not be seen, which breaks nothing by itself. */
export type FindingState = 'ok' | 'warn' | 'fail' | 'unknown';

export interface Finding {
  state: FindingState;
  /** `Redis: append-only file`, `host web1`. */
  about: string;
  seen: string;
  /** The next move; there for everything that is not ok. */
  next?: string;
}

export function ok(about: string, seen: string): Finding {
  return { state: 'ok', about, seen };
}

export function warn(about: string, seen: string, next: string): Finding {
  return { state: 'warn', about, seen, next };
}

export function fail(about: string, seen: string, next: string): Finding {
  return { state: 'fail', about, seen, next };
}

export function unknown(about: string, seen: string, next: string): Finding {
  return { state: 'unknown', about, seen, next };
}

const ORDER: readonly FindingState[] = ['fail', 'warn', 'unknown', 'ok'];

/** What is worst comes first; within that the order stays. */
export function worstFirst(findings: readonly Finding[]): Finding[] {
  return ORDER.flatMap((state) => findings.filter((each) => each.state === state));
}

/** `1 fail, 2 warn, 9 ok` */
export function countInWords(findings: readonly Finding[]): string {
  return ORDER.map((state) => [findings.filter((each) => each.state === state).length, state] as const)
    .filter(([count]) => count > 0)
    .map(([count, state]) => `${count} ${state}`)
    .join(', ');
}

/** Clocks may differ by this much, in milliseconds: HTTP tells them by the second, and nothing here is decided by less. */
const CLOCK_MS = 5_000;

/** `its clock is 2 min behind` where that matters; undefined where it does not. @param offMs more than 0: it is ahead */
export function clockTrouble(offMs: number): string | undefined {
  const seconds = Math.round(Math.abs(offMs) / 1_000);
  if (Math.abs(offMs) <= CLOCK_MS) return undefined;
  const much = seconds < 120 ? `${seconds} s` : `${Math.round(seconds / 60)} min`;
  return `its clock is ${much} ${offMs > 0 ? 'ahead' : 'behind'}`;
}
