/** When the people who may decide are told again. Pure. */
import type { RequestRecord } from './record.ts';

/** escalation: others may decide from now on. reminder: soon nobody may any more. */
export type DueWord = 'escalation' | 'reminder';

/** The last quarter of the wait, at most this long before its end, in milliseconds. */
const LAST_MS = 15 * 60_000;

/** What is due at a time, whether it was said already or not. @param now milliseconds since 1970 */
export function dueWords({ state, decision, approval, waitsUntil }: RequestRecord, now: number): DueWord[] {
  if (state !== 'waiting' || decision !== undefined || approval === undefined) return [];
  if (waitsUntil === undefined || now >= waitsUntil) return [];
  const { waitSeconds, escalate } = approval.need;
  const waited = now - (waitsUntil - waitSeconds * 1_000);
  const last = Math.min(LAST_MS, (waitSeconds * 1_000) / 4);
  return [
    ...(escalate !== undefined && waited >= escalate.afterSeconds * 1_000 ? (['escalation'] as const) : []),
    ...(waitsUntil - now <= last ? (['reminder'] as const) : []),
  ];
}
