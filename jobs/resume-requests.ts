/**
 * Job of the queue `sweep`: sees to it that every open request has the job it needs. A worker or bot that died between two
 * writes leaves a request without one; adding a job that is there already does nothing.
 */
import { messageOf } from '../src/errors.ts';
import type { Tools } from './tools.ts';

/** How often the sweep runs, in milliseconds. */
export const SWEEP_EVERY_MS = 10_000;

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

async function resume(id: string, { records, queues }: Pick<Tools, 'records' | 'queues'>): Promise<void> {
  const record = await records.requests.get(id);
  if (record === undefined) return records.requests.forget(id);
  if (record.state === 'planning') return queues.plan({ request: id });
  if (record.plan === undefined) return;
  const payload = { request: id, fingerprint: record.plan.fingerprint };
  const held = record.state === 'waiting' && record.decision === undefined;
  await queues.apply(payload, held ? (record.waitsUntil ?? 0) - Date.now() : 0);
  if (!held) await queues.release(payload);
}
