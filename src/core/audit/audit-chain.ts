/**
 * The chain of the audit: each entry carries a number and the hash of itself and of the entry before, so that nothing can be
 * changed, taken out or moved without all later hashes changing. Pure.
 */
import { createHash } from 'node:crypto';
import type { AuditEntry } from './audit-entry.ts';
import { canonicalJson } from './canonical-json.ts';

export interface ChainedEntry extends AuditEntry {
  /** 1 for the first entry, without gaps. */
  seq: number;
  /** SHA-256 as 64 hex digits, over the hash of the entry before and the canonical JSON of this one without its hash. */
  hash: string;
}

/** The last entry: how many there are, and its hash. */
export interface AuditHead {
  count: number;
  hash: string;
}

/** Where every chain begins: what the first entry has for the hash before it. */
export const NO_ENTRIES: AuditHead = { count: 0, hash: '0'.repeat(64) };

/** The entry that follows after a head. */
export function chained(head: AuditHead, entry: AuditEntry): ChainedEntry {
  const numbered = { ...entry, seq: head.count + 1 };
  return { ...numbered, hash: hashOf(head.hash, numbered) };
}

/** @param entry with its number; a hash that it has already does not count */
export function hashOf(before: string, entry: AuditEntry & { seq: number; hash?: string }): string {
  const { hash: _own, ...content } = entry;
  return createHash('sha256').update(before).update(canonicalJson(content)).digest('hex');
}

/** The first thing that is wrong with a chain. */
export interface Finding {
  /** not_the_head: it is the last one, and not the one that the head names. */
  what: 'changed' | 'missing' | 'reordered' | 'not_the_head';
  /** The number of the entry. */
  seq: number;
  /** When it happened, in milliseconds since 1970; of a missing one, when the one before happened. */
  at?: number;
}

/** How far a chain was looked at. */
export interface Check {
  /** Rows that were looked at. */
  rows: number;
  /** The last entry up to which all is well. */
  head: AuditHead;
  /** When that entry happened. */
  at?: number;
  found?: Finding;
}

/** Nothing looked at yet. */
export const UNCHECKED: Check = { rows: 0, head: NO_ENTRIES };

/**
 * Looks at the next entry in the order in which they are kept. Behind the first fault only one question is left: whether
 * an entry that was missed comes later.
 * @param entry undefined for what cannot be read as an entry
 */
export function checkNext(check: Check, entry: ChainedEntry | undefined): Check {
  const rows = check.rows + 1;
  const { head, found, at } = check;
  if (found !== undefined) {
    const comesLater = found.what === 'missing' && entry?.seq === found.seq;
    return { ...check, rows, ...(comesLater && { found: { ...found, what: 'reordered', at: entry.at } }) };
  }
  const expected = head.count + 1;
  const broken = (finding: Finding): Check => ({ ...check, rows, found: finding });
  if (entry === undefined || !Number.isInteger(entry.seq)) return broken({ what: 'changed', seq: expected });
  if (entry.seq > expected)
    return broken({ what: 'missing', seq: expected, ...(at !== undefined && { at }) });
  if (entry.seq < expected) return broken({ what: 'reordered', seq: entry.seq, at: entry.at });
  if (entry.hash !== hashOf(head.hash, entry))
    return broken({ what: 'changed', seq: expected, at: entry.at });
  return { rows, head: { count: entry.seq, hash: entry.hash }, at: entry.at };
}

/** Looks whether the entries end where the head that is kept beside them says. */
export function checkEnd(check: Check, head: AuditHead): Check {
  const { found, head: seen, at } = check;
  if (found !== undefined || (seen.count === head.count && seen.hash === head.hash)) return check;
  const when = at === undefined ? {} : { at };
  if (head.count > seen.count) return { ...check, found: { what: 'missing', seq: seen.count + 1, ...when } };
  return { ...check, found: { what: 'not_the_head', seq: seen.count, ...when } };
}

/** `entry 5 of 2026-11-25T10:00:00.000Z was changed, or the one before it was`: one line for people. */
export function findingInWords({ what, seq, at }: Finding): string {
  const when = at === undefined || !Number.isFinite(at) ? undefined : new Date(at).toISOString();
  if (what === 'missing')
    return `entry ${seq} is missing${when === undefined ? '' : `; the one before it is of ${when}`}`;
  const entry = `entry ${seq}${when === undefined ? '' : ` of ${when}`}`;
  if (what === 'reordered') return `${entry} does not stand where it was written`;
  if (what === 'not_the_head') return `${entry} is the last one, and not the one that the head names`;
  return `${entry} was changed, or does not follow from the one before it`;
}
