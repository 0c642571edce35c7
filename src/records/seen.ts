/** What was seen before: signatures of Slack requests, so that none is carried out twice. */
import type { Redis } from './redis.ts';

export type Seen = ReturnType<typeof createSeen>;

/** A set that forgets after `seconds`. */
export function createSeen(redis: Redis, prefix: string, seconds: number) {
  return {
    /** True the first time only. */
    async first(mark: string): Promise<boolean> {
      return (await redis.set(`${prefix}:seen:${mark}`, '1', 'EX', seconds, 'NX')) === 'OK';
    },
  };
}
