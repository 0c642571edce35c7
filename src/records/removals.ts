/** What Drawbridge closed of its own accord lately, and what it would close and is too much without an approval. */
import type { Redis } from './redis.ts';

/** Closings that wait together for one approval. */
export interface WaitingRemovals {
  /** Changes with what is in it, so that nobody approves what they did not see. */
  id: string;
  channel?: string;
  /** Key of the difference, and the door in words. */
  doors: readonly { place: string; key: string; line: string }[];
  /** Slack id of whoever approved it. */
  approvedBy?: string;
}

/** Marks ARGV[1]'s batch as approved by ARGV[2]; answers 1, or 0 where it is another one by now, or approved already. */
const APPROVE = `
local text = redis.call('GET', KEYS[1])
if not text then return 0 end
local batch = cjson.decode(text)
if batch.id ~= ARGV[1] or batch.approvedBy then return 0 end
batch.approvedBy = ARGV[2]
redis.call('SET', KEYS[1], cjson.encode(batch))
return 1`;

/** Takes one of ARGV[1] within ARGV[2] milliseconds; answers 1, or 0 when they are used up. */
const TAKE = `
local used = tonumber(redis.call('GET', KEYS[1]) or '0')
if used + tonumber(ARGV[3]) > tonumber(ARGV[1]) then return 0 end
redis.call('INCRBY', KEYS[1], ARGV[3])
if used == 0 then redis.call('PEXPIRE', KEYS[1], ARGV[2]) end
return 1`;

export type Removals = ReturnType<typeof createRemovals>;

/** The register of removals under one key prefix. */
export function createRemovals(redis: Redis, prefix: string) {
  const [waitingKey, usedKey] = [`${prefix}:removals`, `${prefix}:removals:used`];
  const messageKey = `${prefix}:removals:message`;
  return {
    async waiting(): Promise<WaitingRemovals | undefined> {
      const text = await redis.get(waitingKey);
      return text === null ? undefined : (JSON.parse(text) as WaitingRemovals);
    },

    async setWaiting(batch: WaitingRemovals | undefined): Promise<void> {
      if (batch === undefined) await redis.del(waitingKey);
      else await redis.set(waitingKey, JSON.stringify(batch));
    },

    /** True for the first approval of the batch as it is now. */
    async approve(id: string, by: string): Promise<boolean> {
      return (await redis.eval(APPROVE, 1, waitingKey, id, by)) === 1;
    },

    /** Whether `count` more may be done, of `most` within `windowMs`; they count from then on. */
    async take(count: number, most: number, windowMs: number): Promise<boolean> {
      return (await redis.eval(TAKE, 1, usedKey, most, windowMs, count)) === 1;
    },

    /** The message about what waits. */
    async message(): Promise<{ channel: string; ts: string } | undefined> {
      const text = await redis.get(messageKey);
      return text === null ? undefined : (JSON.parse(text) as { channel: string; ts: string });
    },

    async setMessage(message: { channel: string; ts: string } | undefined): Promise<void> {
      if (message === undefined) await redis.del(messageKey);
      else await redis.set(messageKey, JSON.stringify(message));
    },
  };
}
