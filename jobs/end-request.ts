/** Ends a request: outcome, audit, the last state of its message and a word to the people concerned. */

import { outcomeInWords } from '../src/core/outcome-words.ts';
import { placeForOne } from '../src/core/place.ts';
import type { Outcome } from '../src/core/record.ts';
import type { RequestState } from '../src/core/request.ts';
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
  const by = 'by' in outcome ? { user: outcome.by } : {};
  await records.audit.add({ kind: 'ended', request: id, ...by, what: outcomeInWords(outcome) });
  await tell(id, outcome, { records });
  metrics.ended.inc({ outcome: outcome.kind });
  log.info({ request: id, outcome: outcome.kind }, 'request ended');
  return true;
}

/** A refusal before there was a plan is the requester's own; everything else is told where it was asked. */
async function tell(id: string, outcome: Outcome, { records }: Pick<Tools, 'records'>): Promise<void> {
  const record = await records.requests.get(id);
  if (record === undefined) return;
  const { requester, channel } = record.asked;
  if (outcome.kind === 'refused' && record.plan === undefined) {
    await records.outbox.add(channel, { kind: 'withdraw', request: id });
    await records.outbox.add(`private-${requester}`, {
      kind: 'answer',
      user: requester,
      ...placeForOne(record.asked),
      answer: outcome,
    });
    return;
  }
  await records.outbox.add(channel, { kind: 'request', request: id });
  await records.outbox.add(channel, { kind: 'ended', request: id });
}

/** Has the message of a request brought up to date. */
export async function showRequest(id: string, { records }: Pick<Tools, 'records'>): Promise<void> {
  const record = await records.requests.get(id);
  if (record !== undefined) await records.outbox.add(record.asked.channel, { kind: 'request', request: id });
}
