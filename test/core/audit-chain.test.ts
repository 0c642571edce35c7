/** The chain of the audit: whatever is changed, taken out or moved is found; and its two forms as a file. */
import { createHash } from 'node:crypto';
import { describe, expect, it, test } from 'vitest';
import {
  type AuditHead,
  type ChainedEntry,
  type Check,
  chained,
  checkEnd,
  checkNext,
  findingInWords,
  hashOf,
  NO_ENTRIES,
  UNCHECKED,
} from '../../src/core/audit/audit-chain.ts';
import { type AuditEntry, auditListsOf } from '../../src/core/audit/audit-entry.ts';
import { exportHeader, exportLine } from '../../src/core/audit/audit-export.ts';
import { subjectOf } from '../../src/core/audit/audit-subject.ts';
import { canonicalJson } from '../../src/core/audit/canonical-json.ts';
import { parseCommand } from '../../src/core/commands/command.ts';
import type { Command } from '../../src/core/request.ts';
import { randomFrom } from '../support/random.ts';

const AT = Date.UTC(2026, 10, 1, 12);

function chainOf(count: number): { entries: ChainedEntry[]; head: AuditHead } {
  const entries: ChainedEntry[] = [];
  let head = NO_ENTRIES;
  for (let index = 0; index < count; index += 1) {
    const entry: AuditEntry = { kind: 'asked', user: 'U0ALICE', what: `command ${index}`, at: AT + index };
    const made = chained(head, entry);
    entries.push(made);
    head = { count: made.seq, hash: made.hash };
  }
  return { entries, head };
}

function checked(entries: readonly (ChainedEntry | undefined)[], head: AuditHead): Check {
  return checkEnd(entries.reduce(checkNext, UNCHECKED), head);
}

const found = (entries: readonly (ChainedEntry | undefined)[], head: AuditHead) =>
  checked(entries, head).found;

describe('the hash of an entry', () => {
  it('is SHA-256 over the hash before and the canonical JSON, and can be made anywhere else', () => {
    const text = '{"at":5,"kind":"asked","seq":1,"user":"U1","what":"expose blog 80"}';
    const entry = chained(NO_ENTRIES, { user: 'U1', what: 'expose blog 80', kind: 'asked', at: 5 });
    expect(entry.seq).toBe(1);
    expect(entry.hash).toBe(
      createHash('sha256')
        .update('0'.repeat(64) + text)
        .digest('hex'),
    );
  });

  it('does not depend on the order of the keys, and on nothing but them', () => {
    const [entry] = chainOf(1).entries as [ChainedEntry];
    const turned = Object.fromEntries(Object.entries(entry).reverse()) as unknown as ChainedEntry;
    expect(hashOf(NO_ENTRIES.hash, turned)).toBe(entry.hash);
    expect(canonicalJson({ b: [1, { d: 'x', c: null }], a: undefined })).toBe('{"b":[1,{"c":null,"d":"x"}]}');
  });

  it('depends on every part of the entry and on the entry before', () => {
    const base = { ...chained(NO_ENTRIES, { kind: 'asked', what: 'a', at: 1 }), user: 'U1' };
    const others: (AuditEntry & { seq: number })[] = [
      { ...base, kind: 'looked' },
      { ...base, what: 'b' },
      { ...base, at: 2 },
      { ...base, seq: 2 },
      { ...base, user: 'U2' },
      { ...base, about: 'blog' },
      { ...base, plan: 'f' },
      { ...base, request: 'req-1' },
    ];
    const hashes = [base, ...others].map((each) => hashOf(NO_ENTRIES.hash, each));
    hashes.push(hashOf('1'.repeat(64), base));
    expect(new Set(hashes).size).toBe(hashes.length);
  });
});

describe('a chain', () => {
  const { entries, head } = chainOf(8);
  const at = (seq: number): ChainedEntry => entries[seq - 1] as ChainedEntry;

  it('holds when nothing was done to it, also when it is empty', () => {
    expect(checked(entries, head)).toEqual({ rows: 8, head, at: AT + 7 });
    expect(found([], NO_ENTRIES)).toBeUndefined();
  });

  it('shows an entry that was changed, by its number and time', () => {
    const forged = entries.with(4, { ...at(5), user: 'U0BOB' });
    expect(found(forged, head)).toEqual({ what: 'changed', seq: 5, at: AT + 4 });
    expect(found(entries.with(2, undefined as unknown as ChainedEntry), head)).toEqual({
      what: 'changed',
      seq: 3,
    });
  });

  it('shows one that was changed with its own hash made anew, at the next', () => {
    const forged = { ...at(5), user: 'U0BOB' };
    const fitting = { ...forged, hash: hashOf(at(4).hash, forged) };
    expect(found(entries.with(4, fitting), head)).toMatchObject({ what: 'changed', seq: 6 });
    const last = { ...at(8), user: 'U0BOB' };
    expect(found(entries.with(7, { ...last, hash: hashOf(at(7).hash, last) }), head)).toMatchObject({
      what: 'not_the_head',
      seq: 8,
    });
  });

  it('shows one that is missing, at the beginning, in between and at the end', () => {
    for (const seq of [1, 4, 7, 8])
      expect(found(entries.toSpliced(seq - 1, 1), head)).toMatchObject({ what: 'missing', seq });
    expect(found([], head)).toEqual({ what: 'missing', seq: 1 });
  });

  it('shows those that changed places, or stand there twice', () => {
    expect(found(entries.with(2, at(4)).with(3, at(3)), head)).toMatchObject({ what: 'reordered', seq: 3 });
    expect(found(entries.toSpliced(3, 0, at(2)), head)).toMatchObject({ what: 'reordered', seq: 2 });
    expect(found([...entries.slice(1), at(1)], head)).toMatchObject({ what: 'reordered', seq: 1, at: AT });
  });

  it('shows what stands behind its end', () => {
    const more = chained(head, { kind: 'asked', what: 'forged', at: AT });
    expect(found([...entries, more], head)).toMatchObject({ what: 'not_the_head', seq: 9 });
  });

  it('holds after no random change whatever', () => {
    const random = randomFrom(20_261_101);
    for (let round = 0; round < 2_000; round += 1) {
      const forged = [...entries];
      const index = random.below(forged.length);
      const other = random.below(forged.length);
      const kind = random.below(4);
      const entry = forged[index] as ChainedEntry;
      if (kind === 0) forged.splice(index, 1);
      else if (kind === 1) forged[index] = { ...entry, what: `${entry.what}!` };
      else if (kind === 2) forged.splice(other, 0, entry);
      else {
        if (index === other) continue;
        forged[index] = forged[other] as ChainedEntry;
        forged[other] = entry;
      }
      expect(found(forged, head), `${kind} at ${index}, ${other}`).toBeDefined();
    }
  });

  it('is told about in words with number and time', () => {
    expect(findingInWords({ what: 'changed', seq: 5, at: AT })).toBe(
      'entry 5 of 2026-11-01T12:00:00.000Z was changed, or does not follow from the one before it',
    );
    expect(findingInWords({ what: 'missing', seq: 5, at: AT })).toBe(
      'entry 5 is missing; the one before it is of 2026-11-01T12:00:00.000Z',
    );
    expect(findingInWords({ what: 'missing', seq: 1 })).toBe('entry 1 is missing');
    expect(findingInWords({ what: 'reordered', seq: 2, at: Number.NaN })).toBe(
      'entry 2 does not stand where it was written',
    );
  });
});

describe('the lists in which an entry stands', () => {
  test.each<[Omit<AuditEntry, 'at' | 'kind' | 'what'>, string[]]>([
    [{}, []],
    [{ request: 'req-1', user: 'U1' }, ['request:req-1', 'user:U1']],
    [{ about: 'blog' }, ['about:blog']],
    [{ about: 'web1/blog' }, ['about:web1/blog', 'about:blog']],
    [{ about: 'server:public/web' }, ['about:server:public/web', 'about:server:web']],
  ])('of %j', (parts, lists) => {
    expect(auditListsOf({ kind: 'asked', what: '', ...parts })).toEqual(lists);
  });

  test.each([
    ['expose web1/blog 80', 'web1/blog'],
    ['plan delete blog', 'blog'],
    ['expose server:web 80', 'server:web'],
    ['host drain web9', 'web9'],
    ['logs blog', 'blog'],
    ['doors', undefined],
    ['requests req-1', undefined],
  ])('%s is about %s', (text, about) => {
    expect(subjectOf(parseCommand(text, {}) as Command).about).toBe(about);
  });
});

describe('as a file', () => {
  const entry = (what: string): ChainedEntry =>
    chained(NO_ENTRIES, { kind: 'asked', user: 'U1', about: 'blog', what, at: AT });

  it('JSON lines hold all that the hash covers', () => {
    const line = exportLine(entry('a "b", c'), 'json');
    expect(line.endsWith('}\n')).toBe(true);
    const back = JSON.parse(line) as ChainedEntry;
    expect(back).toEqual(entry('a "b", c'));
    expect(hashOf(NO_ENTRIES.hash, back)).toBe(back.hash);
    expect(exportHeader('json')).toBe('');
  });

  it('CSV has a header, times in UTC and lines that end with CRLF', () => {
    expect(exportHeader('csv')).toBe('entry,time,kind,request,user,about,plan,what,hash\r\n');
    const made = entry('expose blog 80');
    expect(exportLine(made, 'csv')).toBe(
      `1,2026-11-01T12:00:00.000Z,asked,,U1,blog,,expose blog 80,${made.hash}\r\n`,
    );
  });

  it.each([
    ['a,b', '"a,b"'],
    ['a "b"', '"a ""b"""'],
    ['a\nb', '"a\nb"'],
    ['=1+1', "'=1+1"],
    ['+1', "'+1"],
    ['-1', "'-1"],
    ['@SUM(A1)', "'@SUM(A1)"],
    ['\t=1', "'\t=1"],
    ['\r=1', '"\'\r=1"'],
    ['=HYPERLINK("http://x","y")', '"\'=HYPERLINK(""http://x"",""y"")"'],
    ['a=1', 'a=1'],
    ['', ''],
  ])('the cell %j is written as %j', (what, cell) => {
    const made = entry(what);
    expect(exportLine(made, 'csv')).toBe(
      `1,2026-11-01T12:00:00.000Z,asked,,U1,blog,,${cell},${made.hash}\r\n`,
    );
  });
});
