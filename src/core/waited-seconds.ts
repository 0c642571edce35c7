/** How long a request has been waiting for a decision. Pure. */
import type { RequestRecord } from './record.ts';

/** In seconds, by the need that it was held for; 0 where it was not held. @param now milliseconds since 1970 */
export function waitedSeconds(
  { approval, waitsUntil }: Pick<RequestRecord, 'approval' | 'waitsUntil'>,
  now: number,
): number {
  if (approval === undefined || waitsUntil === undefined) return 0;
  return (now - waitsUntil) / 1_000 + approval.need.waitSeconds;
}
