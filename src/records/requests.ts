/** Requests in Redis: one hash each, moved from state to state by one small script so that no two processes disagree. */
import type { Plan } from '../core/plan.ts';
import type { Outcome, RequestRecord } from '../core/record.ts';
import type { Asked, RequestState } from '../core/request.ts';
import { createCancelWishes } from './cancel-wishes.ts';
import { approvalsKey, decisionKey, parseApprovals, parseDecision } from './decisions.ts';
import type { Redis } from './redis.ts';
import { requestFrom } from './request-from.ts';
import { createStepStates } from './step-states.ts';

/** Kept for 90 days after the last change; the audit stream keeps what happened for ever. */
const KEEP_SECONDS = 90 * 86_400;

/** Moves a hash from one of the states in ARGV[2] to ARGV[3] and sets fields; answers 1, or 0 when it is elsewhere. */
const MOVE = `
local state = redis.call('HGET', KEYS[1], 'state')
if not state or not string.find(',' .. ARGV[2] .. ',', ',' .. state .. ',', 1, true) then return 0 end
redis.call('HSET', KEYS[1], 'state', ARGV[3])
for i = 6, #ARGV, 2 do
  if ARGV[i + 1] == '' then redis.call('HDEL', KEYS[1], ARGV[i]) else redis.call('HSET', KEYS[1], ARGV[i], ARGV[i + 1]) end
end
redis.call('EXPIRE', KEYS[1], ARGV[4])
if ARGV[3] == 'ended' then
  redis.call('ZREM', KEYS[2], ARGV[1])
  redis.call('ZADD', KEYS[3], ARGV[5], ARGV[1])
end
return 1`;

/** What a move sets beside the state; `null` takes a field away. */
export interface RequestFields {
  plan?: Plan;
  approval?: RequestRecord['approval'] | null;
  waitsUntil?: number | null;
  changed?: string[] | null;
  outcome?: Outcome;
  endedAt?: number;
}

/** Where the one message of a request stands in Slack. */
export interface RequestMessage {
  channel: string;
  ts: string;
  /** Its address, once somebody needed it. */
  link?: string;
}

export type Requests = ReturnType<typeof createRequests>;

/** The register of requests under one key prefix. */
export function createRequests(redis: Redis, prefix: string) {
  const keyOf = (id: string) => `${prefix}:request:${id}`;
  const openKey = `${prefix}:requests:open`;
  const untoldKey = `${prefix}:requests:untold`;
  const allKey = `${prefix}:requests`;
  const ofKey = (requester: string) => `${prefix}:requests:of:${requester}`;

  async function get(id: string): Promise<RequestRecord | undefined> {
    const fields = await redis.hgetall(keyOf(id));
    const record = fields.asked === undefined ? undefined : requestFrom(fields);
    if (record?.plan === undefined) return record;
    const { fingerprint } = record.plan;
    const decision = parseDecision(await redis.get(decisionKey(prefix, id, fingerprint)));
    if (decision !== undefined) return { ...record, decision };
    if ((record.approval?.need.count ?? 1) === 1) return record;
    const approvals = parseApprovals(await redis.hvals(approvalsKey(prefix, id, fingerprint)));
    return approvals.length === 0 ? record : { ...record, approvals };
  }

  return {
    ...createCancelWishes(redis, keyOf),
    ...createStepStates(redis, keyOf),
    get,

    /** False when the id is taken. */
    async create(asked: Asked): Promise<boolean> {
      const fresh = await redis.hsetnx(keyOf(asked.id), 'asked', JSON.stringify(asked));
      if (fresh === 0) return false;
      await redis
        .multi()
        .hset(keyOf(asked.id), { state: 'planning' })
        .expire(keyOf(asked.id), KEEP_SECONDS)
        .zadd(openKey, asked.at, asked.id)
        .zadd(allKey, asked.at, asked.id)
        .zremrangebyscore(allKey, 0, asked.at - KEEP_SECONDS * 1_000)
        .zadd(ofKey(asked.requester), asked.at, asked.id)
        .zremrangebyscore(ofKey(asked.requester), 0, asked.at - KEEP_SECONDS * 1_000)
        .expire(ofKey(asked.requester), KEEP_SECONDS)
        .exec();
      return true;
    },

    /** Takes back a request of which nobody has seen anything yet. */
    async forget(id: string): Promise<void> {
      const requester = (await get(id))?.asked.requester ?? '';
      const all = redis.multi().del(keyOf(id)).zrem(openKey, id).zrem(allKey, id);
      await all.zrem(ofKey(requester), id).exec();
    },

    /** Moves a request on; false when it is in none of the states named, and then nothing is set. */
    async move(
      id: string,
      from: RequestState[],
      to: RequestState,
      fields: RequestFields = {},
    ): Promise<boolean> {
      const pairs = Object.entries(fields).flatMap(([field, value]) => [
        field,
        value === null ? '' : JSON.stringify(value),
      ]);
      const moved = await redis.eval(
        MOVE,
        3,
        keyOf(id),
        openKey,
        untoldKey,
        id,
        from.join(','),
        to,
        KEEP_SECONDS,
        Math.floor(Date.now() / 1_000),
        ...pairs,
      );
      return moved === 1;
    },

    /** Counts how often a worker took the request up; a request that always kills its worker must end some day. */
    async countRun(id: string): Promise<number> {
      return redis.hincrby(keyOf(id), 'runs', 1);
    },

    /** True the first time something of this name is marked. */
    async markOnce(id: string, name: string): Promise<boolean> {
      return (await redis.hsetnx(keyOf(id), `once:${name}`, '1')) === 1;
    },

    async message(id: string): Promise<RequestMessage | undefined> {
      const text = await redis.hget(keyOf(id), 'message');
      return text === null ? undefined : (JSON.parse(text) as RequestMessage);
    },

    async setMessage(id: string, message: RequestMessage): Promise<void> {
      await redis.hset(keyOf(id), 'message', JSON.stringify(message));
    },

    /** What the message showed last, as a digest, so that nothing is sent twice. */
    async shown(id: string): Promise<string | null> {
      return redis.hget(keyOf(id), 'shown');
    },

    async setShown(id: string, digest: string): Promise<void> {
      await redis.hset(keyOf(id), 'shown', digest);
    },

    /** What has to follow its end has been done. */
    async told(id: string): Promise<void> {
      await redis.zrem(untoldKey, id);
    },

    async isUntold(id: string): Promise<boolean> {
      return (await redis.zscore(untoldKey, id)) !== null;
    },

    /** Ids of requests that ended at least so many seconds ago and whose end was not told. */
    async untold(seconds: number): Promise<string[]> {
      return redis.zrangebyscore(untoldKey, 0, Math.floor(Date.now() / 1_000) - seconds);
    },

    /** Ids of requests that have not ended, oldest first. */
    async open(): Promise<string[]> {
      return redis.zrange(openKey, '0', '-1');
    },

    /** The newest requests, or those of one requester, newest first. */
    async latest(count: number, requester?: string): Promise<RequestRecord[]> {
      const key = requester === undefined ? allKey : ofKey(requester);
      const ids = await redis.zrevrange(key, 0, count - 1);
      const records = await Promise.all(ids.map(get));
      return records.filter((record) => record !== undefined);
    },
  };
}
