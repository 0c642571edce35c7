/**
 * What Slack is still to be told. Each lane (a channel, or one person's private answers) is a list that is delivered in order,
 * by one process at a time, no faster than its pace; what could not be delivered stays at the head.
 */
import type { Answer } from '../core/answer.ts';
import type { DueWord } from '../core/due-words.ts';
import type { Listener } from '../core/world.ts';
import type { Redis } from './redis.ts';
import { type Clock, redisClock } from './redis-clock.ts';

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
  | /** Tell the owner of a door, in the thread of its request, that it is about to be closed. */ {
      kind: 'door_end';
      door: string;
      /** Of which end; milliseconds since 1970. */
      endsAt: number;
      channel: string;
      thread?: string;
    }
  | /** Ask somebody about the doors of theirs that are old or have no end. */ {
      kind: 'digest';
      user: string;
      /** When it was due, milliseconds since 1970. */
      due: number;
    }
  | /** Bring the message about one difference up to date. */ {
      kind: 'difference';
      place: string;
      key: string;
    }
  | /** Bring the message about closings that wait for an approval up to date. */ { kind: 'removals' }
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
  | /** Show in an open form what a worker saw. */ { kind: 'form'; view: string; news: FormNews }
);

/** The hosts were looked at; or an instance was, and what listens in it, undefined where that could not be seen. */
export type FormNews = 'hosts' | { host: string; instance: string; listeners?: readonly Listener[] };

/** An entry before it has its id. */
export type NewEntry = Entry extends infer E ? (E extends Entry ? Omit<E, 'id' | 'at'> : never) : never;

export interface Claim {
  lane: string;
  entry: Entry;
  /** The entry as it is kept, to settle it by. */
  raw: string;
  /** How long it has been waiting. */
  ageMs: number;
}

/**
 * ARGV[4] is what the entry brings up to date, ARGV[5] the entry's id. One that still waits will be rendered from what is true then, so a
 * second one behind it would have nothing to say; one that is being delivered may have been rendered already, and does not count.
 */
const ADD = `
if ARGV[4] ~= '' and redis.call('HSETNX', KEYS[4], ARGV[4], ARGV[5]) == 0 then return 0 end
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
    local entry = cjson.decode(head)
    local waits = ARGV[4] .. lane
    if entry.kind == 'request' and redis.call('HGET', waits, entry.request) == entry.id then
      redis.call('HDEL', waits, entry.request)
    end
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
    /** By lane: which requests have an entry that waits there. */
    shows: `${prefix}:outbox:shows:`,
    due: `${prefix}:outbox:due`,
    bell: `${prefix}:outbox:bell`,
  };
}

/** The outbox under one key prefix. */
export function createOutbox(redis: Redis, prefix: string, now: Clock = redisClock(redis)) {
  const { lanes, shows, due, bell } = outboxKeys(prefix);
  return {
    /** The channel of Redis on which every addition is announced. */
    bell,

    /** Puts an entry at the end of a lane; one that shows a request, at most once for each until it is delivered. */
    async add(lane: string, entry: NewEntry): Promise<void> {
      const id = crypto.randomUUID();
      const at = await now();
      const raw = JSON.stringify({ ...entry, id, at });
      const once = entry.kind === 'request' ? entry.request : '';
      await redis.eval(ADD, 4, lanes + lane, due, bell, shows + lane, lane, raw, at, once, id);
    },

    /** The head of a lane that is due, leased; undefined when there is none. */
    async claim(): Promise<Claim | undefined> {
      const at = await now();
      const claimed = (await redis.eval(CLAIM, 1, due, at, LEASE_MS, lanes, shows)) as
        | [string, string]
        | null;
      if (claimed === null) return undefined;
      const [lane, raw] = claimed;
      const entry = JSON.parse(raw) as Entry;
      return { lane, raw, entry, ageMs: at - entry.at };
    },

    /** Gives a lane back: the entry is done with (`sent`) or stays at the head (`kept`); the lane rests for `restMs`. */
    async settle({ lane, raw }: Claim, what: 'sent' | 'kept', restMs: number): Promise<void> {
      await redis.eval(SETTLE, 2, lanes + lane, due, lane, raw, what, (await now()) + restMs);
    },

    /** Milliseconds until the next lane is due; undefined when nothing waits. */
    async nextDue(): Promise<number | undefined> {
      const [, score] = await redis.zrange(due, '0', '0', 'WITHSCORES');
      return score === undefined ? undefined : Math.max(0, Number(score) - (await now()));
    },

    /** How long the oldest entry at the head of a lane has been waiting, in milliseconds; in one lane where it is named. */
    async oldestMs(lane?: string): Promise<number> {
      const names = lane === undefined ? await redis.zrange(due, '0', '-1') : [lane];
      const heads = await Promise.all(names.map((name) => redis.lindex(lanes + name, 0)));
      const since = heads.filter((head) => head !== null).map((head) => (JSON.parse(head) as Entry).at);
      return since.length === 0 ? 0 : Math.max(0, (await now()) - Math.min(...since));
    },

    /** How many entries wait, in all lanes. */
    async waiting(): Promise<number> {
      const names = await redis.zrange(due, '0', '-1');
      const counts = await Promise.all(names.map((lane) => redis.llen(lanes + lane)));
      return counts.reduce((sum, count) => sum + count, 0);
    },
  };
}
