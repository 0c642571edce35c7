/** Where Redis is and how to log in there: directly, or through Sentinel, from the environment. */
import { z } from 'zod';
import { Secret } from './secret.ts';

/** With sentinels, user, password, database and TLS are those of the url; who the master is they say. */
export interface RedisConfig {
  url: Secret;
  sentinels?: { host: string; port: number }[];
  sentinelName?: string;
  /** Of the sentinels themselves. */
  sentinelUser?: string;
  sentinelPassword?: Secret;
}

export const redisEnvironment = {
  REDIS_URL: z
    .string()
    .refine(isRedisPlace, 'write redis://…, rediss://… or the path of a socket')
    .optional(),
  REDIS_SENTINELS: z
    .string()
    .regex(/^[^\s:,]+:\d+(,[^\s:,]+:\d+)*$/, 'write host:port,host:port')
    .optional(),
  REDIS_SENTINEL_NAME: z.string().optional(),
  REDIS_SENTINEL_USER: z.string().optional(),
  REDIS_SENTINEL_PASSWORD: z.string().optional(),
};

function isRedisPlace(text: string): boolean {
  return text.startsWith('/') || (/^rediss?:\/\//.test(text) && URL.canParse(text));
}

/** What goes with what; each with its remedy. @param env without empty variables */
export function redisProblems(env: Readonly<Record<string, string | undefined>>): string[] {
  const problems: string[] = [];
  if ((env.REDIS_SENTINELS === undefined) !== (env.REDIS_SENTINEL_NAME === undefined)) {
    problems.push('REDIS_SENTINELS and REDIS_SENTINEL_NAME belong together: set both or neither');
  }
  const forSentinels = env.REDIS_SENTINEL_PASSWORD ?? env.REDIS_SENTINEL_USER;
  if (forSentinels !== undefined && env.REDIS_SENTINELS === undefined)
    problems.push(
      'REDIS_SENTINEL_USER and REDIS_SENTINEL_PASSWORD are for sentinels: set REDIS_SENTINELS, or leave them out',
    );
  if (env.REDIS_SENTINEL_USER !== undefined && env.REDIS_SENTINEL_PASSWORD === undefined)
    problems.push('REDIS_SENTINEL_USER needs REDIS_SENTINEL_PASSWORD');
  if (env.REDIS_SENTINELS !== undefined && env.REDIS_URL?.startsWith('/') === true)
    problems.push(
      'REDIS_URL: with REDIS_SENTINELS write redis://user:password@master, for its password and database, or leave it out',
    );
  return problems;
}

type Environment = { [name in keyof typeof redisEnvironment]?: string | undefined };

/** undefined: no Redis is set. */
export function redisOf(env: Environment): RedisConfig | undefined {
  const sentinels = env.REDIS_SENTINELS?.split(',').map((each) => {
    const [host = '', port = '26379'] = each.split(':');
    return { host, port: Number(port) };
  });
  if (env.REDIS_URL === undefined && sentinels === undefined) return undefined;
  const url = new Secret(env.REDIS_URL ?? 'redis://');
  if (sentinels === undefined || env.REDIS_SENTINEL_NAME === undefined) return { url };
  const { REDIS_SENTINEL_NAME: sentinelName, REDIS_SENTINEL_USER: user } = env;
  const { REDIS_SENTINEL_PASSWORD: password } = env;
  return {
    ...{ url, sentinels, sentinelName },
    ...(user !== undefined && { sentinelUser: user }),
    ...(password !== undefined && { sentinelPassword: new Secret(password) }),
  };
}
