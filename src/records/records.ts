/** All registers together, on one connection and one key prefix. */
import { createAudit } from './audit.ts';
import { createDecisions } from './decisions.ts';
import { createDoors } from './doors.ts';
import { createHosts } from './hosts.ts';
import { createKnownHosts } from './known-hosts.ts';
import { createLocks } from './locks.ts';
import { createOutbox } from './outbox.ts';
import type { Redis } from './redis.ts';
import { createReplies } from './replies.ts';
import { createRequests } from './requests.ts';
import { createSeen } from './seen.ts';

export type Records = ReturnType<typeof createRecords>;

export function createRecords(redis: Redis, prefix: string) {
  return {
    requests: createRequests(redis, prefix),
    decisions: createDecisions(redis, prefix),
    doors: createDoors(redis, prefix),
    hosts: createHosts(redis, prefix),
    knownHosts: createKnownHosts(redis, prefix),
    audit: createAudit(redis, prefix),
    outbox: createOutbox(redis, prefix),
    locks: createLocks(redis, prefix),
    replies: createReplies(redis, prefix),
    /** What is done at most once a minute, whichever worker does it. */
    minutes: createSeen(redis, `${prefix}:minute`, 60),
  };
}
