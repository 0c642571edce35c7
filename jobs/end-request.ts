/** Ends a request: outcome, audit, the last state of its message and a word to the people concerned. */
import type { Outcome } from '../src/core/record.ts';
import type { RequestState } from '../src/core/request.ts';
import { tellEnd } from '../src/records/tell-end.ts';
import type { Tools } from './tools.ts';

/** True when this call ended it; false when it had ended before. */
export async function endRequest(
  id: string,
  outcome: Outcome,
  from: RequestState[],
  { records, metrics, log }: Tools,
): Promise<boolean> {
  const ended = await records.requests.move(id, from, 'ended', { outcome, endedAt: Date.now() });
  if (!ended) return false;
  await tellEnd(id, records);
  metrics.ended.inc({ outcome: outcome.kind });
  log.info({ request: id, outcome: outcome.kind }, 'request ended');
  return true;
}

/** Has the message of a request brought up to date. */
export async function showRequest(id: string, { records }: Pick<Tools, 'records'>): Promise<void> {
  const record = await records.requests.get(id);
  if (record !== undefined) await records.outbox.add(record.asked.channel, { kind: 'request', request: id });
}
