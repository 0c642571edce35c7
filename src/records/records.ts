/** All registers together, on one connection and one key prefix. */

import { within } from '../within.ts';
import { createAudit } from './audit.ts';
import { createDecisions } from './decisions.ts';
import { createDifferences } from './differences.ts';
import { createDoors } from './doors.ts';
import { createDurations } from './durations.ts';
import { createForms } from './forms.ts';
import { createHomes } from './homes.ts';
import { createHosts } from './hosts.ts';
import { createInventory } from './inventory.ts';
import { createKnownHosts } from './known-hosts.ts';
import { createLocks } from './locks.ts';
import { createOutbox, type NewEntry } from './outbox.ts';
import { createPanic } from './panic.ts';
import { createQuarantine } from './quarantine.ts';
import type { Redis } from './redis.ts';
import { createRiskReader, readRedisFacts } from './redis-facts.ts';
import { createRemovals } from './removals.ts';
import { createReplies } from './replies.ts';
import { createRequests } from './requests.ts';
import { createSeen } from './seen.ts';
import { createTaken } from './taken.ts';

/** People wait for what Redis says; longer than this they are told that it is away, in milliseconds. */
const PATIENCE_MS = 2_000;

export type Records = ReturnType<typeof createRecords>;

/** @param takeoverMs how long after the death of a process its locks fall */
export function createRecords(redis: Redis, prefix: string, takeoverMs?: number) {
  const homes = createHomes(redis, prefix);
  const outbox = createOutbox(redis, prefix);
  return {
    requests: createRequests(redis, prefix),
    decisions: createDecisions(redis, prefix),
    doors: createDoors(redis, prefix),
    differences: createDifferences(redis, prefix),
    removals: createRemovals(redis, prefix),
    quarantine: createQuarantine(redis, prefix),
    durations: createDurations(redis, prefix),
    hosts: createHosts(redis, prefix),
    inventory: createInventory(redis, prefix),
    forms: createForms(redis, prefix),
    knownHosts: createKnownHosts(redis, prefix),
    panic: createPanic(redis, prefix),
    audit: createAudit(redis, prefix),
    homes,
    outbox: {
      ...outbox,
      /** Whatever changes a request or a door says so here, and Homes show both. */
      async add(lane: string, entry: NewEntry): Promise<void> {
        await outbox.add(lane, entry);
        if (!['answer', 'home', 'form'].includes(entry.kind)) await homes.changed();
      },
    },
    locks: createLocks(redis, prefix, takeoverMs),
    replies: createReplies(redis, prefix),
    taken: createTaken(redis, prefix),
    /** Whether Redis answers now, as against in a while. */
    answers: () =>
      within(PATIENCE_MS, redis.ping()).then(
        () => true,
        () => false,
      ),
    /** What Redis says of itself. */
    redisFacts: () => readRedisFacts(redis),
    /** How it may lose what it is given, as of a minute ago at most. */
    redisRisks: createRiskReader(redis),
    /** What is done at most once a minute, whichever worker does it. */
    minutes: createSeen(redis, `${prefix}:minute`, 60),
    /** What people were told of Drawbridge's own accord: once. */
    told: createSeen(redis, `${prefix}:told`, 30 * 86_400),
    /** Doors that their owners still need. The next digest, a week later, asks again. */
    kept: createSeen(redis, `${prefix}:kept`, 6 * 86_400),
  };
}
