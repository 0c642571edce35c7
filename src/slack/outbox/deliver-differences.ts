/** Delivers the messages about doors that differ: one for each difference, edited as it changes. */
import { createHash } from 'node:crypto';
import type { Entry } from '../../records/outbox.ts';
import type { Delivered, DeliverTools } from '../deliver-tools.ts';
import { differenceView, removalsView } from '../views/difference-view.ts';
import { editMessage } from './edit-message.ts';
import { postMessage } from './post-message.ts';

/** One that was mended before anybody was told of it is not told. */
export async function deliverDifference(
  { place, key }: Extract<Entry, { kind: 'difference' }>,
  { client, records, dress }: DeliverTools,
): Promise<Delivered> {
  const { differences } = records;
  const noted = await differences.get(place, key);
  if (noted?.channel === undefined) return 'nothing';
  const message = await differences.message(place, key);
  const isMended = noted.mendedAt !== undefined;
  if (message === undefined && isMended) {
    await differences.remove(place, key);
    return 'nothing';
  }
  const view = dress(differenceView(noted));
  const shown = createHash('sha256').update(JSON.stringify(view)).digest('base64');
  if (message?.shown === shown) return 'nothing';
  const isEdited = message !== undefined && (await editMessage(client, message, view));
  if (isMended) await differences.remove(place, key);
  else {
    const posted = isEdited ? message : await postMessage(client, { channel: noted.channel }, view);
    await differences.setMessage(place, key, { channel: posted.channel, ts: posted.ts, shown });
  }
  return 'sent';
}

/** There is one such message at most; the next batch gets another. */
export async function deliverRemovals({ client, records, dress }: DeliverTools): Promise<Delivered> {
  const { removals } = records;
  const [batch, message] = [await removals.waiting(), await removals.message()];
  const view = dress(removalsView(batch));
  if (message !== undefined && (await editMessage(client, message, view))) {
    if (batch === undefined) await removals.setMessage(undefined);
    return 'sent';
  }
  if (batch?.channel === undefined) return 'nothing';
  const { channel, ts } = await postMessage(client, { channel: batch.channel }, view);
  await removals.setMessage({ channel, ts });
  return 'sent';
}
