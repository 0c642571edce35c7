/** Looks entries up in the audit: the newest that fit, wherever they are listed. */
import type { ChainedEntry } from '../core/audit/audit-chain.ts';
import type { AuditTarget } from '../core/audit/audit-entry.ts';

export interface AuditSearch {
  of?: AuditTarget;
  /** Not older than this, in milliseconds since 1970. */
  since?: number;
  /** Only entries with a smaller number. */
  before?: number;
  most: number;
}

export interface FoundEntries {
  /** The newest first. */
  entries: ChainedEntry[];
  /** True when there are more that fit. */
  more: boolean;
}

/** What is asked of Redis on the way. */
export interface AuditLists {
  /** The numbers of the entries that are listed for a target, in any order. */
  list(target: AuditTarget): Promise<number[]>;
  /** The entries with these numbers, in this order; those that are gone are left out. */
  at(seqs: readonly number[]): Promise<ChainedEntry[]>;
  /** The newest entries below a number, the newest first. */
  before(seq: number | undefined, most: number): Promise<ChainedEntry[]>;
}

const PAGE = 200;
/** Entries are in the order in which they were written, and their times come from clocks of several machines. */
const CLOCKS_APART_MS = 600_000;

/** The newest entries that fit, the newest first. */
export async function searchAudit(search: AuditSearch, lists: AuditLists): Promise<FoundEntries> {
  const { since = Number.NEGATIVE_INFINITY, most } = search;
  const entries: ChainedEntry[] = [];
  for await (const page of pagesOf(search, lists)) {
    entries.push(...page.filter(({ at }) => at >= since));
    if (entries.length > most) return { entries: entries.slice(0, most), more: true };
    if (page.length > 0 && page.every(({ at }) => at < since - CLOCKS_APART_MS)) break;
  }
  return { entries, more: false };
}

/** All entries of a target, or all there are, page by page. */
async function* pagesOf({ of, before }: AuditSearch, lists: AuditLists): AsyncGenerator<ChainedEntry[]> {
  if (of === undefined) {
    let last = before;
    for (;;) {
      const page = await lists.before(last, PAGE);
      if (page.length === 0) return;
      yield page;
      last = page.at(-1)?.seq;
    }
  }
  const limit = before ?? Number.POSITIVE_INFINITY;
  const seqs = (await seqsOf(of, lists)).filter((seq) => seq < limit);
  for (let from = 0; from < seqs.length; from += PAGE) yield lists.at(seqs.slice(from, from + PAGE));
}

/** The newest first. What is about an instance is all of the requests that are about it, as well. */
async function seqsOf(of: AuditTarget, lists: AuditLists): Promise<number[]> {
  const own = await lists.list(of);
  if (!('about' in of)) return sorted(own);
  const requests = new Set((await lists.at(own)).map(({ request }) => request));
  const all = new Set(own);
  for (const request of requests) {
    if (request === undefined) continue;
    for (const seq of await lists.list({ request })) all.add(seq);
  }
  return sorted([...all]);
}

function sorted(seqs: number[]): number[] {
  return seqs.sort((a, b) => b - a);
}
