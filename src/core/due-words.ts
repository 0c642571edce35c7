/** When the people who may decide are told again. Pure. */
import type { RequestRecord } from './record.ts';
import { waitedSeconds } from './waited-seconds.ts';

/** escalation: others may decide from now on. reminder: soon nobody may any more. */
export type DueWord = 'escalation' | 'reminder';

/** The last quarter of the wait, at most this long before its end, in milliseconds. */
const LAST_MS = 15 * 60_000;

/** What is due at a time, whether it was said already or not. @param now milliseconds since 1970 */
export function dueWords(record: RequestRecord, now: number): DueWord[] {
  const { state, decision, approval, waitsUntil } = record;
  if (state !== 'waiting' || decision !== undefined || approval === undefined) return [];
  if (waitsUntil === undefined || now >= waitsUntil) return [];
  const { waitSeconds, escalate } = approval.need;
  const last = Math.min(LAST_MS, (waitSeconds * 1_000) / 4);
  return [
    ...(escalate !== undefined && waitedSeconds(record, now) >= escalate.afterSeconds
      ? (['escalation'] as const)
      : []),
    ...(waitsUntil - now <= last ? (['reminder'] as const) : []),
  ];
}
