/**
 * Empties the outbox: lanes side by side, each in order, at most one message a second in each (Slack, "Rate limits"). What Slack does not
 * take now stays at the head of its lane and is tried again; any number of postmen may run.
 */
import { setTimeout as sleep } from 'node:timers/promises';
import { messageOf } from '../../errors.ts';
import type { Log } from '../../log.ts';
import type { Claim } from '../../records/outbox.ts';
import type { Redis } from '../../records/redis.ts';
import { troubleOf } from '../bolt.ts';
import type { DeliverTools } from '../deliver-tools.ts';
import { deliver } from './deliver.ts';

const PACE_MS = 1_000;
const LONGEST_PAUSE_MS = 60_000;
/** Refusals that somebody can mend by inviting the bot; worth waiting for. */
const MENDABLE = new Set([
  'not_in_channel',
  'is_archived',
  'missing_scope',
  'invalid_auth',
  'account_inactive',
  'token_revoked',
]);
/** One Home is published no more often than this. */
const HOME_PACE_MS = 3_000;
/** What could not be said for a day is not said any more. */
const STALE_MS = 86_400_000;
/** How long to look away when nothing is due and nobody rings. */
const IDLE_MS = 1_000;

export interface PostmanOptions extends DeliverTools {
  /** A connection that may listen; it is duplicated. */
  redis: Redis;
  log: Log;
}

export interface Postman {
  /** Takes no more entries and waits for those under way. */
  stop(): Promise<void>;
}

/** Starts delivering. */
export function startPostman(options: PostmanOptions): Postman {
  const { records, log } = options;
  const failures = new Map<string, number>();
  const underWay = new Set<Promise<void>>();
  let stopped = false;
  let wake = new AbortController();

  const ears = options.redis.duplicate();
  ears.on('error', (error) => log.debug({ err: error }, 'listening for messages'));
  ears.on('message', () => wake.abort());
  ears.subscribe(records.outbox.bell).catch((error) => log.warn({ err: error }, 'listening for messages'));

  async function loop(): Promise<void> {
    while (!stopped) {
      const claim = await records.outbox.claim().catch(() => undefined);
      if (claim === undefined) {
        await rest();
        continue;
      }
      const work = handle(claim, options, failures).finally(() => underWay.delete(work));
      underWay.add(work);
    }
  }

  async function rest(): Promise<void> {
    const due = await records.outbox.nextDue().catch(() => undefined);
    await sleep(Math.max(5, Math.min(due ?? IDLE_MS, IDLE_MS)), undefined, { signal: wake.signal }).catch(
      () => undefined,
    );
    if (wake.signal.aborted) wake = new AbortController();
  }

  const running = loop();
  return {
    async stop() {
      stopped = true;
      wake.abort();
      await running;
      await Promise.all(underWay);
      ears.disconnect();
    },
  };
}

async function handle(claim: Claim, options: PostmanOptions, failures: Map<string, number>): Promise<void> {
  const { log, records } = options;
  const { lane, entry, ageMs } = claim;
  try {
    const delivered = await deliver(claim, options);
    failures.delete(lane);
    if (typeof delivered === 'object') return await records.outbox.settle(claim, 'kept', delivered.laterMs);
    const pace = entry.kind === 'home' ? HOME_PACE_MS : PACE_MS;
    await records.outbox.settle(claim, 'sent', delivered === 'sent' ? pace : 0);
  } catch (error) {
    const failed = (failures.get(lane) ?? 0) + 1;
    failures.set(lane, failed);
    const next = afterTrouble(error, failed, ageMs);
    if (next.what === 'sent')
      log.error({ err: messageOf(error), lane, entry: entry.kind }, 'Slack refused a message; it is dropped');
    else
      log.warn(
        { err: messageOf(error), lane, restMs: next.restMs },
        'Slack did not take a message; it is kept',
      );
    await records.outbox.settle(claim, next.what, next.restMs).catch(() => undefined);
  }
}

/** `sent` drops the entry: Slack will never take it, or nobody needs it any more. */
function afterTrouble(
  error: unknown,
  failed: number,
  ageMs: number,
): { what: 'sent' | 'kept'; restMs: number } {
  const trouble = troubleOf(error);
  if (ageMs > STALE_MS) return { what: 'sent', restMs: PACE_MS };
  if (trouble.kind === 'slow_down') return { what: 'kept', restMs: Math.max(PACE_MS, trouble.restMs) };
  if (trouble.kind === 'refused' && !MENDABLE.has(trouble.error)) return { what: 'sent', restMs: PACE_MS };
  return { what: 'kept', restMs: Math.min(LONGEST_PAUSE_MS, PACE_MS * 2 ** Math.min(failed - 1, 6)) };
}
