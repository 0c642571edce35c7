/** One clock for all processes: that of Redis. Those of machines differ and jump, and what one of them wrote another one waits for. */
import type { Redis } from './redis.ts';

/** Milliseconds since 1970. */
export type Clock = () => number | Promise<number>;

/** The clock of Redis (its command TIME: seconds and microseconds). */
export function redisClock(redis: Redis): Clock {
  return async () => {
    const [seconds, microseconds] = await redis.time();
    return Number(seconds) * 1_000 + Math.floor(Number(microseconds) / 1_000);
  };
}
