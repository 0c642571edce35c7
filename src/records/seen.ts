/** What was seen before, so that it is done once: for good as far as anybody asks, or within a period. Redis counts the time. */
import type { Redis } from './redis.ts';

export type Seen = ReturnType<typeof createSeen>;

/** A set that forgets after `seconds`, or after as long as is said. */
export function createSeen(redis: Redis, prefix: string, seconds: number) {
  return {
    /** True the first time only. @param forMs how long it is remembered */
    async first(mark: string, forMs = seconds * 1_000): Promise<boolean> {
      return (await redis.set(`${prefix}:seen:${mark}`, '1', 'PX', forMs, 'NX')) === 'OK';
    },

    /** True while it is remembered. */
    async has(mark: string): Promise<boolean> {
      return (await redis.exists(`${prefix}:seen:${mark}`)) === 1;
    },
  };
}
