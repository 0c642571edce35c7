/**
 * The audit: who asked, who decided, what was done and what was seen. A chain that is only ever appended to (core/audit/audit-chain.ts),
 * and beside it lists of where the entries on one thing stand.
 */
import type { AuditHead, ChainedEntry } from '../core/audit/audit-chain.ts';
import { type AuditEntry, type AuditTarget, auditListOf } from '../core/audit/audit-entry.ts';
import { isSecretName, redact } from '../core/redact.ts';
import { createAppender, parseHead } from './append-audit.ts';
import { auditKeys } from './audit-keys.ts';
import type { Redis } from './redis.ts';
import { type AuditSearch, type FoundEntries, searchAudit } from './search-audit.ts';

export type { AuditEntry, AuditKind } from '../core/audit/audit-entry.ts';

/** An entry before it has its time. */
export type NewAuditEntry = Omit<AuditEntry, 'at'>;

export type Audit = ReturnType<typeof createAudit>;

/** How many entries are read at once. */
const PAGE = 500;

/** The audit under one key prefix. */
export function createAudit(redis: Redis, prefix: string, now: () => number = Date.now) {
  const keys = auditKeys(prefix);
  const append = createAppender(redis, keys);

  async function rowsAfter(seq: number, most: number): Promise<(ChainedEntry | undefined)[]> {
    const rows = await redis.xrange(keys.chain, `(${seq}-0`, '+', 'COUNT', most);
    return rows.map(([, fields]) => entryOf(fields));
  }

  return {
    /** Answers when the entry is kept. What looks like a secret in its words is cut out before. */
    async add(entry: NewAuditEntry): Promise<void> {
      await append({ ...withoutSecrets(entry), at: now() });
    },

    /** All that happened to one request, the oldest first. */
    async of(request: string): Promise<AuditEntry[]> {
      const seqs = await redis.lrange(keys.listOf(auditListOf({ request })), 0, -1);
      const entries = await entriesAt(redis, keys.chain, seqs.map(Number));
      return entries.map(({ seq: _seq, hash: _hash, ...entry }) => entry);
    },

    /** The newest entries that fit, the newest first. */
    async search(search: AuditSearch): Promise<FoundEntries> {
      return searchAudit(search, {
        list: async (target: AuditTarget) =>
          (await redis.lrange(keys.listOf(auditListOf(target)), 0, -1)).map(Number),
        at: (seqs) => entriesAt(redis, keys.chain, seqs),
        async before(seq, most) {
          const last = seq === undefined ? '+' : `(${seq}-0`;
          const rows = await redis.xrevrange(keys.chain, last, '-', 'COUNT', most);
          return rows.map(([, fields]) => entryOf(fields)).filter((entry) => entry !== undefined);
        },
      });
    },

    /** Entries behind a number, the oldest first. */
    async after(seq: number, most: number): Promise<ChainedEntry[]> {
      return (await rowsAfter(seq, most)).filter((entry) => entry !== undefined);
    },

    /**
     * Every row in the order in which they are kept, in pages; undefined for what cannot be read as an entry.
     * @param upTo the id in the stream of the last one, as `end` says it
     */
    async *rows(upTo = '+'): AsyncGenerator<(ChainedEntry | undefined)[]> {
      let last = '-';
      for (;;) {
        const rows = await redis.xrange(keys.chain, last, upTo, 'COUNT', PAGE);
        if (rows.length === 0) return;
        yield rows.map(([, fields]) => entryOf(fields));
        last = `(${rows.at(-1)?.[0] ?? ''}`;
      }
    },

    /** The last entry, as it is kept beside the chain. */
    async head(): Promise<AuditHead> {
      return parseHead((await redis.get(keys.head)) ?? '');
    },

    /** The same, and the id in the stream of the last row, both of one moment: others go on writing. */
    async end(): Promise<{ head: AuditHead; upTo: string }> {
      const answers = await redis.multi().get(keys.head).xrevrange(keys.chain, '+', '-', 'COUNT', 1).exec();
      const [head, rows] = (answers ?? []).map(([error, answer]) => {
        if (error !== null) throw error;
        return answer;
      }) as [string | null, [string, string[]][]];
      return { head: parseHead(head ?? ''), upTo: rows[0]?.[0] ?? '0-0' };
    },

    /** The number of the last entry that was mirrored; undefined before the first. */
    async mirrored(): Promise<number | undefined> {
      const text = await redis.get(keys.mirrored);
      return text === null ? undefined : Number(text);
    },

    async setMirrored(seq: number): Promise<void> {
      await redis.set(keys.mirrored, seq);
    },

    /** The policy as it was last noted, in lines; undefined before the first time. */
    async notedPolicy(): Promise<string[] | undefined> {
      const text = await redis.get(keys.policy);
      return text === null ? undefined : (JSON.parse(text) as string[]);
    },

    async setNotedPolicy(lines: readonly string[]): Promise<void> {
      await redis.set(keys.policy, JSON.stringify(lines));
    },
  };
}

/** On one line. A fingerprint looks like a secret and is none; what stands in its place without being one is left out. */
function withoutSecrets({ what, about, plan, ...rest }: NewAuditEntry): NewAuditEntry {
  return {
    ...rest,
    ...(about !== undefined && !isSecretName(about) && { about }),
    ...(plan !== undefined && /^[0-9a-f]{32}$/.test(plan) && { plan }),
    what: redact(what.split(/\r\n|[\r\n\u2028\u2029]/)).join(' '),
  };
}

async function entriesAt(redis: Redis, chain: string, seqs: readonly number[]): Promise<ChainedEntry[]> {
  const entries: ChainedEntry[] = [];
  for (let from = 0; from < seqs.length; from += PAGE) {
    const asked = redis.pipeline();
    for (const seq of seqs.slice(from, from + PAGE)) asked.xrange(chain, `${seq}-0`, `${seq}-0`);
    for (const [error, rows] of (await asked.exec()) ?? []) {
      if (error !== null) throw error;
      const entry = entryOf((rows as [string, string[]][])[0]?.[1] ?? []);
      if (entry !== undefined) entries.push(entry);
    }
  }
  return entries;
}

/** Undefined for what Drawbridge did not write so. */
function entryOf([, text = '', , hash = '']: readonly string[]): ChainedEntry | undefined {
  try {
    const content = JSON.parse(text) as unknown;
    if (content === null || typeof content !== 'object' || Array.isArray(content)) return undefined;
    return { ...content, hash } as ChainedEntry;
  } catch {
    // verify counts it as changed.
    return undefined;
  }
}
