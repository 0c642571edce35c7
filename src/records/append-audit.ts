/**
 * Appends to the audit's chain. Hashes are made here, since Redis has no SHA-256; a script appends only where the head is still the
 * one that they were made for, and says what it is otherwise. Of all processes that append at once, one gets on each time.
 */
import { setTimeout as sleep } from 'node:timers/promises';
import { type AuditHead, type ChainedEntry, chained, NO_ENTRIES } from '../core/audit/audit-chain.ts';
import { type AuditEntry, auditListsOf } from '../core/audit/audit-entry.ts';
import { canonicalJson } from '../core/audit/canonical-json.ts';
import { Fault } from '../errors.ts';
import type { AuditKeys } from './audit-keys.ts';
import type { Redis } from './redis.ts';

/**
 * KEYS: chain, head, then the lists of each entry. ARGV: the head expected, the head then, a name of the batch, and for each entry
 * its number, its text, its hash and how many lists it stands in. Answers 1, or the head that is there instead. A batch whose
 * answer was lost on the way is sent again by the client, and then found by its name.
 */
const APPEND = `
local head = redis.call('GET', KEYS[2]) or ''
if head ~= ARGV[1] then
  local row = redis.call('XRANGE', KEYS[1], ARGV[4] .. '-0', ARGV[4] .. '-0')[1]
  if row and row[2][6] == ARGV[3] then return 1 end
  return head
end
local key = 3
for i = 4, #ARGV, 4 do
  redis.call('XADD', KEYS[1], ARGV[i] .. '-0', 'entry', ARGV[i + 1], 'hash', ARGV[i + 2], 'batch', ARGV[3])
  for _ = 1, tonumber(ARGV[i + 3]) do
    redis.pcall('RPUSH', KEYS[key], ARGV[i])
    key = key + 1
  end
end
redis.call('SET', KEYS[2], ARGV[2])
return 1`;

/** Entries that wait while others are written go together, at most as many as this. */
const BATCH = 100;
/** Whoever did not get on as often as this meets something else than other processes. */
const MOST_TRIES = 2_000;

interface Waiting {
  entry: AuditEntry;
  done: () => void;
  failed: (error: unknown) => void;
}

/**
 * A function that appends one entry; it answers when the entry is kept.
 * @throws Fault audit_broken where the head does not fit the chain; whatever Redis says where it does not answer
 */
export function createAppender(redis: Redis, keys: AuditKeys): (entry: AuditEntry) => Promise<void> {
  const waiting: Waiting[] = [];
  let running = false;
  let head = NO_ENTRIES;

  async function drain(): Promise<void> {
    running = true;
    while (waiting.length > 0) {
      const batch = waiting.splice(0, BATCH);
      try {
        head = await append(redis, keys, head, batch);
        for (const { done } of batch) done();
      } catch (error) {
        for (const { failed } of batch) failed(error);
      }
    }
    running = false;
  }

  return (entry) =>
    new Promise((done, failed) => {
      waiting.push({ entry, done, failed });
      if (!running) void drain();
    });
}

/** The head behind the batch. */
async function append(
  redis: Redis,
  keys: AuditKeys,
  last: AuditHead,
  batch: readonly Waiting[],
): Promise<AuditHead> {
  const name = crypto.randomUUID();
  let head = last;
  for (let tries = 0; tries < MOST_TRIES; tries += 1) {
    const entries: ChainedEntry[] = [];
    let next = head;
    for (const { entry } of batch) {
      const made = chained(next, entry);
      entries.push(made);
      next = { count: made.seq, hash: made.hash };
    }
    const answer = await send(redis, keys, { head, next, name, entries });
    if (answer === 1) return next;
    head = parseHead(answer);
    if (tries > 3) await sleep(Math.random() * Math.min(tries, 25));
  }
  throw new Fault('lock_lost', 'writing the audit: other processes were always first', { retryable: true });
}

interface Batch {
  head: AuditHead;
  next: AuditHead;
  name: string;
  entries: readonly ChainedEntry[];
}

async function send(
  redis: Redis,
  keys: AuditKeys,
  { head, next, name, entries }: Batch,
): Promise<1 | string> {
  const lists = entries.map((entry) => auditListsOf(entry).map(keys.listOf));
  const rows = entries.flatMap(({ hash, ...content }, index) => [
    String(content.seq),
    canonicalJson(content),
    hash,
    String(lists[index]?.length ?? 0),
  ]);
  const all = [keys.chain, keys.head, ...lists.flat()];
  try {
    return (await redis.eval(APPEND, all.length, ...all, headText(head), headText(next), name, ...rows)) as 1;
  } catch (error) {
    if (!String(error).includes('XADD')) throw error;
    const message =
      'the audit in Redis goes on behind its head, so nothing can be written; `npm run audit -- verify` says more';
    throw new Fault('audit_broken', message, { cause: error });
  }
}

function headText({ count, hash }: AuditHead): string {
  return count === 0 ? '' : `${count} ${hash}`;
}

/** The head in what Redis keeps; of nothing, that of an empty chain. */
export function parseHead(text: string): AuditHead {
  const [count = '', hash = ''] = text.split(' ');
  return text === '' ? NO_ENTRIES : { count: Number(count), hash };
}
