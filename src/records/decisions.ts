/** Decisions in Redis. Approve, deny, cancel and expire compete for one key a plan; the first one wins. */
import type { Decision } from '../core/record.ts';
import type { Redis } from './redis.ts';

const KEEP_SECONDS = 90 * 86_400;

export type Decisions = ReturnType<typeof createDecisions>;

/** Where the decision on one plan of a request is kept. */
export function decisionKey(prefix: string, requestId: string, fingerprint: string): string {
  return `${prefix}:decision:${requestId}:${fingerprint}`;
}

/** The decision in what Redis keeps. */
export function parseDecision(text: string | null): Decision | undefined {
  return text === null ? undefined : (JSON.parse(text) as Decision);
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

    async get(requestId: string, fingerprint: string): Promise<Decision | undefined> {
      return parseDecision(await redis.get(decisionKey(prefix, requestId, fingerprint)));
    },
  };
}
