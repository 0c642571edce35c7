/** Which open doors their owners are asked about once a week. Pure. */
import type { Door } from './record.ts';

const WEEK_MS = 7 * 86_400_000;

/** Open for more than a week, or without an end. @param at when the digest was due, milliseconds since 1970 */
export function isDoubtful({ openedAt, endsAt }: Pick<Door, 'openedAt' | 'endsAt'>, at: number): boolean {
  return openedAt <= at && (endsAt === undefined || at - openedAt > WEEK_MS);
}
