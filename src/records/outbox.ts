/**
 * What Slack is still to be told. Each lane (a channel, or one person's private answers) is a list that is delivered in order,
 * by one process at a time, no faster than its pace; what could not be delivered stays at the head.
 */
import type { Answer } from '../core/answer.ts';
import type { DueWord } from '../core/due-words.ts';
import type { Redis } from './redis.ts';

export type Entry = { id: string; at: number } & (
  | /** Bring the one message of a request up to date. */ { kind: 'request'; request: string }
  | /** Take the message of a request back: it led nowhere, and only the requester needs to know why. */ {
      kind: 'withdraw';
      request: string;
    }
  | /** Say in its thread how a request ended, to the people concerned. */ { kind: 'ended'; request: string }
  | /** Tell those who may decide on a request, in its thread, that it waits. */ {
      kind: 'reminder';
      request: string;
      word: DueWord;
    }
  | /** Tell a channel what nobody asked for. */ { kind: 'notice'; channel: string; text: string }
  | /** Show a channel what is new in the audit. */ { kind: 'audit'; channel: string }
  | /** Show one person what they asked for. */ {
      kind: 'answer';
      user: string;
      channel: string;
      thread?: string;
      answer: Answer;
    }
  | /** Bring a person's Home up to date. */ { kind: 'home'; user: string }
);

/** An entry before it has its id. */
export type NewEntry = Entry extends infer E ? (E extends Entry ? Omit<E, 'id' | 'at'> : never) : never;

export interface Claim {
  lane: string;
  entry: Entry;
  /** The entry as it is kept, to settle it by. */
  raw: string;
}

const ADD = `
redis.call('RPUSH', KEYS[1], ARGV[2])
redis.call('ZADD', KEYS[2], 'NX', ARGV[3], ARGV[1])
redis.call('PUBLISH', KEYS[3], ARGV[1])
return 1`;

/** The first lane that is due and not empty, leased to the caller; lanes found empty are forgotten on the way. */
const CLAIM = `
while true do
  local lane = redis.call('ZRANGEBYSCORE', KEYS[1], '-inf', ARGV[1], 'LIMIT', 0, 1)[1]
  if not lane then return false end
  local head = redis.call('LINDEX', ARGV[3] .. lane, 0)
  if head then
    redis.call('ZADD', KEYS[1], ARGV[1] + ARGV[2], lane)
    return { lane, head }
  end
  redis.call('ZREM', KEYS[1], lane)
end`;

const SETTLE = `
if ARGV[3] == 'sent' and redis.call('LINDEX', KEYS[1], 0) == ARGV[2] then redis.call('LPOP', KEYS[1]) end
redis.call('ZADD', KEYS[2], ARGV[4], ARGV[1])
return redis.call('LLEN', KEYS[1])`;

/** A deliverer that died holds its lane no longer than this. Slack calls end well before. */
const LEASE_MS = 30_000;

export type Outbox = ReturnType<typeof createOutbox>;

/** Where the outbox is kept: the lanes, when each is due, and the channel on which additions are announced. */
export function outboxKeys(prefix: string) {
  return {
    lanes: `${prefix}:outbox:lane:`,
    due: `${prefix}:outbox:due`,
    bell: `${prefix}:outbox:bell`,
  };
}

/** The outbox under one key prefix. */
export function createOutbox(redis: Redis, prefix: string, now: () => number = Date.now) {
  const { lanes, due, bell } = outboxKeys(prefix);
  return {
    /** The channel of Redis on which every addition is announced. */
    bell,

    /** Puts an entry at the end of a lane. */
    async add(lane: string, entry: NewEntry): Promise<void> {
      const raw = JSON.stringify({ ...entry, id: crypto.randomUUID(), at: now() });
      await redis.eval(ADD, 3, lanes + lane, due, bell, lane, raw, now());
    },

    /** The head of a lane that is due, leased; undefined when there is none. */
    async claim(): Promise<Claim | undefined> {
      const claimed = (await redis.eval(CLAIM, 1, due, now(), LEASE_MS, lanes)) as [string, string] | null;
      if (claimed === null) return undefined;
      const [lane, raw] = claimed;
      return { lane, raw, entry: JSON.parse(raw) as Entry };
    },

    /** Gives a lane back: the entry is done with (`sent`) or stays at the head (`kept`); the lane rests for `restMs`. */
    async settle({ lane, raw }: Claim, what: 'sent' | 'kept', restMs: number): Promise<void> {
      await redis.eval(SETTLE, 2, lanes + lane, due, lane, raw, what, now() + restMs);
    },

    /** Milliseconds until the next lane is due; undefined when nothing waits. */
    async nextDue(): Promise<number | undefined> {
      const [, score] = await redis.zrange(due, '0', '0', 'WITHSCORES');
      return score === undefined ? undefined : Math.max(0, Number(score) - now());
    },

    /** How many entries wait, in all lanes. */
    async waiting(): Promise<number> {
      const names = await redis.zrange(due, '0', '-1');
      const counts = await Promise.all(names.map((lane) => redis.llen(lanes + lane)));
      return counts.reduce((sum, count) => sum + count, 0);
    },
  };
}
