/** Decisions in Redis. Approve, deny, cancel and expire compete for one key a plan; the first one wins. */
import type { Approval, Decision } from '../core/record.ts';
import type { Redis } from './redis.ts';

const KEEP_SECONDS = 90 * 86_400;

/**
 * Counts an approval by somebody new. ARGV: user, approval as JSON, how many it takes, seconds to keep, and the beginning of the decision
 * that the last of them makes. Answers what came of it, then the decision or the approvals so far.
 */
const APPROVE = `
local held = redis.call('GET', KEYS[1])
if held then return {'decided', held} end
local fresh = redis.call('HSETNX', KEYS[2], ARGV[1], ARGV[2])
redis.call('EXPIRE', KEYS[2], ARGV[4])
local all = redis.call('HVALS', KEYS[2])
if #all < tonumber(ARGV[3]) then
  return {fresh == 1 and 'counted' or 'repeated', '[' .. table.concat(all, ',') .. ']'}
end
local decision = ARGV[5] .. ',"approvals":[' .. table.concat(all, ',') .. ']}'
redis.call('SET', KEYS[1], decision, 'EX', ARGV[4])
return {'won', decision}`;

export type Decisions = ReturnType<typeof createDecisions>;

/** What came of an approval. */
export type Approved =
  /** It was the last that was missing. */
  | { kind: 'won'; decision: Decision }
  | { kind: 'decided'; holds: Decision }
  | { kind: 'counted' | 'repeated'; approvals: Approval[] };

/** Where the decision on one plan of a request is kept. */
export function decisionKey(prefix: string, requestId: string, fingerprint: string): string {
  return `${prefix}:decision:${requestId}:${fingerprint}`;
}

/** Where the approvals of a plan are kept, a field each person. */
export function approvalsKey(prefix: string, requestId: string, fingerprint: string): string {
  return `${prefix}:approvals:${requestId}:${fingerprint}`;
}

/** The decision in what Redis keeps. */
export function parseDecision(text: string | null): Decision | undefined {
  return text === null ? undefined : (JSON.parse(text) as Decision);
}

/** The approvals in what Redis keeps, the first one first. */
export function parseApprovals(values: readonly string[]): Approval[] {
  return values.map((text) => JSON.parse(text) as Approval).sort((a, b) => a.at - b.at);
}

/** The register of decisions. */
export function createDecisions(redis: Redis, prefix: string) {
  return {
    /** Decides, unless somebody did. Answers the decision that holds, and whether it is this one. */
    async decide(
      requestId: string,
      fingerprint: string,
      decision: Decision,
    ): Promise<{ won: boolean; holds: Decision }> {
      const key = decisionKey(prefix, requestId, fingerprint);
      const first = await redis.set(key, JSON.stringify(decision), 'EX', KEEP_SECONDS, 'NX');
      if (first === 'OK') return { won: true, holds: decision };
      // Whoever was first stands there: decisions are never changed, and outlive every request that waits for one.
      return { won: false, holds: parseDecision(await redis.get(key)) ?? decision };
    },

    /** Adds one approval; the one that completes the count decides. @param count how many people it takes */
    async approve(
      requestId: string,
      fingerprint: string,
      approval: Approval,
      count: number,
    ): Promise<Approved> {
      const { by, at } = approval;
      const opening = JSON.stringify({ verdict: 'approved', by, at }).slice(0, -1);
      const [kind, text] = (await redis.eval(
        APPROVE,
        2,
        decisionKey(prefix, requestId, fingerprint),
        approvalsKey(prefix, requestId, fingerprint),
        by,
        JSON.stringify(approval),
        count,
        KEEP_SECONDS,
        opening,
      )) as ['won' | 'decided' | 'counted' | 'repeated', string];
      if (kind === 'won') return { kind, decision: JSON.parse(text) as Decision };
      if (kind === 'decided') return { kind, holds: JSON.parse(text) as Decision };
      return { kind, approvals: JSON.parse(text) as Approval[] };
    },

    async get(requestId: string, fingerprint: string): Promise<Decision | undefined> {
      return parseDecision(await redis.get(decisionKey(prefix, requestId, fingerprint)));
    },
  };
}
