/**
 * Job of the queue `sweep`: sees to it that every open request has the job it needs. A worker or bot that died between two
 * writes leaves a request without one; adding a job that is there already does nothing.
 */
import { messageOf } from '../src/errors.ts';
import { tellEnd } from '../src/records/tell-end.ts';
import type { Tools } from './tools.ts';

/** Looks at every request that has not ended. */
export async function resumeRequests({ records, queues, log }: Tools): Promise<void> {
  for (const id of await records.requests.open()) {
    try {
      await resume(id, { records, queues });
    } catch (error) {
      log.warn({ request: id, err: messageOf(error) }, 'resuming a request');
    }
  }
}

/** Long enough for whoever ended it to tell of it, if they live; in seconds. */
const TELLING_SECONDS = 10;

/** Tells of ends whose worker or bot died before it could. */
export async function tellEnds({ records, log }: Pick<Tools, 'records' | 'log'>): Promise<void> {
  for (const id of await records.requests.untold(TELLING_SECONDS)) {
    try {
      await tellEnd(id, records);
    } catch (error) {
      log.warn({ request: id, err: messageOf(error) }, 'telling of an end');
    }
  }
}

async function resume(id: string, { records, queues }: Pick<Tools, 'records' | 'queues'>): Promise<void> {
  const record = await records.requests.get(id);
  if (record === undefined) return records.requests.forget(id);
  if (record.state === 'planning') return queues.plan({ request: id }, true);
  if (record.plan === undefined) return;
  const payload = { request: id, fingerprint: record.plan.fingerprint };
  const held = record.state === 'waiting' && record.decision === undefined;
  const restMs = held ? (record.waitsUntil ?? 0) - Date.now() : 0;
  await queues.apply(payload, restMs);
  if (restMs <= 0) await queues.release(payload);
}
