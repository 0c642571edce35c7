/** The audit: an append-only stream of who asked, who decided, what was done and what was seen. */
import type { Redis } from './redis.ts';

export type AuditKind =
  | 'asked'
  | 'refused'
  | 'planned'
  | 'decided'
  | 'step_begun'
  | 'step_done'
  | 'step_failed'
  | 'step_undone'
  | 'proof'
  | 'ended'
  | 'host_vanished'
  | 'host_back'
  | 'policy_changed'
  | 'policy_broken';

export interface AuditEntry {
  kind: AuditKind;
  /** Absent for commands that never became a request. */
  request?: string;
  /** Slack id of whoever caused it. */
  user?: string;
  /** One line for people. */
  what: string;
  /** Milliseconds since 1970. */
  at: number;
}

export type Audit = ReturnType<typeof createAudit>;

/** The whole stream, and a short one for each request, written together. */
export function createAudit(redis: Redis, prefix: string, now: () => number = Date.now) {
  const whole = `${prefix}:audit`;
  const ofRequest = (id: string) => `${prefix}:audit:${id}`;
  return {
    async add(entry: Omit<AuditEntry, 'at'>): Promise<void> {
      const text = JSON.stringify({ ...entry, at: now() });
      const both = redis.multi().xadd(whole, '*', 'entry', text);
      if (entry.request !== undefined) both.xadd(ofRequest(entry.request), '*', 'entry', text);
      await both.exec();
    },

    /** All that happened to one request, the oldest first. */
    async of(request: string): Promise<AuditEntry[]> {
      const rows = await redis.xrange(ofRequest(request), '-', '+');
      return rows.map(([, fields]) => JSON.parse(fields[1] ?? '{}') as AuditEntry);
    },
  };
}
