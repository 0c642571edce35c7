/** The connection to Redis. The only file that knows ioredis. */
import { Redis } from 'ioredis';
import type { RedisConfig } from '../config.ts';
import { Fault } from '../errors.ts';
import type { Log } from '../log.ts';
import { within } from '../within.ts';

export type { Redis } from 'ioredis';

export interface RedisOptions {
  /** Commands wait for Redis to come back instead of failing: for workers, which have nobody waiting. */
  patient: boolean;
}

/**
 * Connects, and keeps reconnecting with a pause that grows to two seconds.
 * @throws Fault redis_unreachable when Redis does not answer within five seconds
 */
export async function connectRedis(config: RedisConfig, { patient }: RedisOptions, log: Log): Promise<Redis> {
  const redis = createRedis(config, { patient });
  redis.on('error', (error) => log.warn({ err: error }, 'redis connection'));
  try {
    await within(5_000, redis.connect());
  } catch (error) {
    redis.disconnect();
    const place = safePlace(config);
    throw new Fault('redis_unreachable', `Redis at ${place} does not answer; start it or correct REDIS_URL`, {
      cause: error,
    });
  }
  return redis;
}

function createRedis({ url, sentinels, sentinelName }: RedisConfig, { patient }: RedisOptions): Redis {
  const common = {
    lazyConnect: true,
    // BullMQ asks for null on connections that block (its documentation, "Going to production").
    maxRetriesPerRequest: patient ? null : 2,
    retryStrategy: (times: number) => Math.min(times * 50, 2_000),
    connectTimeout: 5_000,
  };
  if (sentinels === undefined || sentinelName === undefined) return new Redis(url.reveal(), common);
  return new Redis({ ...common, sentinels, name: sentinelName });
}

/** The place without its password, for people. */
function safePlace({ url, sentinels, sentinelName }: RedisConfig): string {
  if (sentinels !== undefined) return `${sentinelName} (Sentinel)`;
  return url.reveal().replace(/:\/\/[^@/]*@/, '://');
}
