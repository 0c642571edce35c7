/** All registers together, on one connection and one key prefix. */
import { createAudit } from './audit.ts';
import { createDecisions } from './decisions.ts';
import { createDoors } from './doors.ts';
import { createHomes } from './homes.ts';
import { createHosts } from './hosts.ts';
import { createKnownHosts } from './known-hosts.ts';
import { createLocks } from './locks.ts';
import { createOutbox, type NewEntry } from './outbox.ts';
import type { Redis } from './redis.ts';
import { createReplies } from './replies.ts';
import { createRequests } from './requests.ts';
import { createSeen } from './seen.ts';

export type Records = ReturnType<typeof createRecords>;

export function createRecords(redis: Redis, prefix: string) {
  const homes = createHomes(redis, prefix);
  const outbox = createOutbox(redis, prefix);
  return {
    requests: createRequests(redis, prefix),
    decisions: createDecisions(redis, prefix),
    doors: createDoors(redis, prefix),
    hosts: createHosts(redis, prefix),
    knownHosts: createKnownHosts(redis, prefix),
    audit: createAudit(redis, prefix),
    homes,
    outbox: {
      ...outbox,
      /** Whatever changes a request or a door says so here, and Homes show both. */
      async add(lane: string, entry: NewEntry): Promise<void> {
        await outbox.add(lane, entry);
        if (entry.kind !== 'answer' && entry.kind !== 'home') await homes.changed();
      },
    },
    locks: createLocks(redis, prefix),
    replies: createReplies(redis, prefix),
    /** What is done at most once a minute, whichever worker does it. */
    minutes: createSeen(redis, `${prefix}:minute`, 60),
  };
}
