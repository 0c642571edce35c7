/** Whether a worker has taken something up, for somebody who waits to hear of it. */
import type { Redis } from './redis.ts';

/** Nobody waits longer. */
const KEEP_SECONDS = 600;

export type Taken = ReturnType<typeof createTaken>;

/** Under one key prefix. */
export function createTaken(redis: Redis, prefix: string) {
  const keyOf = (id: string) => `${prefix}:taken:${id}`;
  return {
    async mark(id: string): Promise<void> {
      await redis.set(keyOf(id), '1', 'EX', KEEP_SECONDS);
    },

    async has(id: string): Promise<boolean> {
      return (await redis.exists(keyOf(id))) === 1;
    },
  };
}
