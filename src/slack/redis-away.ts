/** What people are told while Redis, where everything is kept, does not answer. Pure. */
import { messageOf } from '../errors.ts';
import { isRedisAway } from '../records/redis.ts';

/** Said before anything was written. */
export const REDIS_AWAY =
  ':zzz: Redis, where I keep everything, does not answer. Nothing was kept and nothing was begun: say it again in a moment.';

/**
 * What did not work, and what to do.
 * @param next where it is anything else than Redis
 * @param away where Redis went away on the way: then nobody knows what was kept
 */
export function redisAwayOr(error: unknown, next: string, away = next): string {
  if (!isRedisAway(error)) return `:x: That did not work: ${messageOf(error)}. ${next}`;
  return `:zzz: Redis, where I keep everything, went away on the way, so I cannot say what was kept. ${away}`;
}
