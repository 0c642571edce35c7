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
    const setting = config.sentinels === undefined ? 'REDIS_URL' : 'REDIS_SENTINELS and REDIS_SENTINEL_NAME';
    const message = `Redis at ${place} does not answer; start it or correct ${setting}`;
    throw new Fault('redis_unreachable', message, { cause: error });
  }
  return redis;
}

/** Whoever owes an answer for so long is given up, and asked anew; in milliseconds. */
const SILENT_MS = 15_000;

function createRedis(config: RedisConfig, { patient }: RedisOptions): Redis {
  const common = {
    lazyConnect: true,
    // BullMQ asks for null on connections that block (its documentation, "Going to production").
    maxRetriesPerRequest: patient ? null : 2,
    retryStrategy: (times: number) => Math.min(times * 50, 2_000),
    connectTimeout: 5_000,
    // A Redis that hangs, or whose machine is gone, keeps its connections. BullMQ waits for ten seconds at most on one that blocks.
    socketTimeout: SILENT_MS,
  };
  const { sentinels, sentinelName, url } = config;
  if (sentinels === undefined || sentinelName === undefined) return new Redis(url.reveal(), common);
  return new Redis({ ...common, ...throughSentinels(config), sentinels, name: sentinelName });
}

/** The url says how to log in to the master; where that is the sentinels say. */
function throughSentinels({ url, sentinelUser, sentinelPassword }: RedisConfig) {
  const place = URL.canParse(url.reveal()) ? new URL(url.reveal()) : undefined;
  const [username, password] = [place?.username ?? '', place?.password ?? ''].map(decodeURIComponent);
  const db = Number(place?.pathname.slice(1));
  const tls = place?.protocol === 'rediss:';
  return {
    ...(username !== '' && { username }),
    ...(password !== '' && { password }),
    ...(Number.isInteger(db) && { db }),
    ...(tls && { tls: {}, sentinelTLS: {}, enableTLSForSentinelMode: true }),
    ...(sentinelUser !== undefined && { sentinelUsername: sentinelUser }),
    ...(sentinelPassword !== undefined && { sentinelPassword: sentinelPassword.reveal() }),
    // One that came back as a replica takes no writes: look for the master again, and say the same to it.
    reconnectOnError: (error: Error): false | 2 => (error.message.startsWith('READONLY') ? 2 : false),
  };
}

/** True where Redis gave no answer, as against one that somebody does not like. */
export function isRedisAway(error: unknown): boolean {
  if (!(error instanceof Error)) return false;
  return (
    error.name === 'MaxRetriesPerRequestError' ||
    /^(Connection is closed|Command timed out|no answer within|LOADING |READONLY |MASTERDOWN |Stream isn't writeable)/.test(
      error.message,
    )
  );
}

/** The place without its password, for people. */
function safePlace({ url, sentinels, sentinelName }: RedisConfig): string {
  if (sentinels !== undefined) return `${sentinelName} (Sentinel)`;
  // Up to the last @: a password may have one, and slashes, though it should not.
  return url.reveal().replace(/:\/\/.*@/, '://');
}
