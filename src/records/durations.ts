/** How long each kind of step took the last times, whichever worker carried it out. */
import { median } from '../core/estimate.ts';
import type { Redis } from './redis.ts';

/** As many of each kind are kept. */
const MOST = 20;
/** What nobody does for so long is not how long it takes any more: 180 days. */
const KEEP_SECONDS = 180 * 86_400;

export type Durations = ReturnType<typeof createDurations>;

/** Under one key prefix. */
export function createDurations(redis: Redis, prefix: string) {
  const keyOf = (kind: string) => `${prefix}:durations:${kind}`;
  return {
    async note(kind: string, ms: number): Promise<void> {
      const key = keyOf(kind);
      const all = redis
        .multi()
        .lpush(key, Math.round(ms))
        .ltrim(key, 0, MOST - 1);
      await all.expire(key, KEEP_SECONDS).exec();
    },

    /** In milliseconds, in the order of the kinds; undefined where nothing is known. */
    async usual(kinds: readonly string[]): Promise<(number | undefined)[]> {
      const asked = redis.pipeline();
      for (const kind of kinds) asked.lrange(keyOf(kind), 0, -1);
      return ((await asked.exec()) ?? []).map(([error, times]) => {
        if (error !== null) throw error;
        return median((times as string[]).map(Number));
      });
    },
  };
}
