/**
 * Whose Home is kept up to date: whoever opened it within a day. A change puts every such Home into its own lane of the outbox, at most
 * once, spread so that Slack's limit for all of them together holds.
 */
import { outboxKeys } from './outbox.ts';
import type { Redis } from './redis.ts';
import { type Clock, redisClock } from './redis-clock.ts';

/** A Home that nobody looked at for so long is brought up to date when it is opened. */
const WATCHED_MS = 86_400_000;
/** Changes come in groups; so long they are gathered. */
const GATHER_MS = 1_500;
/** views.publish may be called about a hundred times a minute in a workspace (Slack, "Rate limits", tier 4). */
const SPACING_MS = 650;
/** A mark that outlives its entry hinders no longer than this. */
const MARK_SECONDS = 3_600;

/** Every watched Home that does not wait yet gets an entry in its lane and a time of its own. */
const CHANGED = `
redis.call('ZREMRANGEBYSCORE', KEYS[1], '-inf', ARGV[2])
local now, added = tonumber(ARGV[1]), false
for _, user in ipairs(redis.call('ZRANGE', KEYS[1], 0, -1)) do
  if redis.call('SET', ARGV[6] .. user, '1', 'NX', 'EX', ARGV[7]) then
    local slot = math.max(now + tonumber(ARGV[3]), tonumber(redis.call('GET', KEYS[2]) or '0'))
    redis.call('SET', KEYS[2], string.format('%.0f', slot + tonumber(ARGV[4])), 'EX', 3600)
    local entry = '{"kind":"home","user":' .. cjson.encode(user) .. ',"id":"' .. ARGV[8] .. '","at":' .. ARGV[1] .. '}'
    redis.call('RPUSH', ARGV[5] .. 'home-' .. user, entry)
    redis.call('ZADD', KEYS[3], 'NX', string.format('%.0f', slot), 'home-' .. user)
    added = true
  end
end
if added then redis.call('PUBLISH', KEYS[4], 'homes') end
return 1`;

export type Homes = ReturnType<typeof createHomes>;

/** The register of Homes under one key prefix. */
export function createHomes(redis: Redis, prefix: string, now: Clock = redisClock(redis)) {
  const watchers = `${prefix}:homes`;
  const pages = `${prefix}:homes:pages`;
  const shown = `${prefix}:homes:shown`;
  const slot = `${prefix}:homes:slot`;
  const pause = `${prefix}:homes:pause`;
  const mark = `${prefix}:homes:waits:`;
  const { lanes, due, bell } = outboxKeys(prefix);
  return {
    /** Somebody looks at their Home, at one page of its doors; from now on it is kept up to date. */
    async open(user: string, page: number): Promise<void> {
      await redis
        .multi()
        .zadd(watchers, await now(), user)
        .hset(pages, user, page)
        .exec();
    },

    /** The page of doors that a person looks at, from 0. */
    async page(user: string): Promise<number> {
      return Number((await redis.hget(pages, user)) ?? 0);
    },

    /** Something that Homes show has changed. */
    async changed(): Promise<void> {
      const at = await now();
      const times = [at, at - WATCHED_MS, GATHER_MS, SPACING_MS];
      const rest = [lanes, mark, MARK_SECONDS, crypto.randomUUID()];
      await redis.eval(CHANGED, 4, watchers, slot, due, bell, ...times, ...rest);
    },

    /** A Home is about to be rendered: what changes from now on counts anew. */
    async begin(user: string): Promise<void> {
      await redis.del(mark + user);
    },

    /** What a Home showed last, as a digest, so that nothing is published twice. */
    async shown(user: string): Promise<string | null> {
      return redis.hget(shown, user);
    },

    async setShown(user: string, digest: string): Promise<void> {
      await redis.hset(shown, user, digest);
    },

    /** Slack wants no Home published for so long, by any process. */
    async rest(ms: number): Promise<void> {
      await redis.set(pause, '1', 'PX', Math.max(1, Math.ceil(ms)));
    },

    /** How long Homes have to rest still, in milliseconds. */
    async restsFor(): Promise<number> {
      return Math.max(0, await redis.pttl(pause));
    },
  };
}
