/** Delivers one entry of the outbox to Slack. Renders from the records at that moment, so what is late is still true. */
import { createHash } from 'node:crypto';
import type { RequestRecord } from '../../core/record.ts';
import type { Claim, Entry } from '../../records/outbox.ts';
import { troubleOf } from '../bolt.ts';
import type { Delivered, DeliverTools } from '../deliver-tools.ts';
import { deliverForm } from '../form/show-form.ts';
import { deliverHome } from '../home/publish-home.ts';
import { sayPrivately } from '../say-privately.ts';
import { answerView, textView } from '../views/answer-view.ts';
import { endedView } from '../views/outcome-line.ts';
import { reminderView } from '../views/reminder-view.ts';
import { requestView } from '../views/request-view.ts';
import { deliverAudit } from './deliver-audit.ts';
import { deliverDifference, deliverRemovals } from './deliver-differences.ts';
import { deliverDigest, deliverDoorEnd } from './deliver-door-words.ts';
import { editMessage } from './edit-message.ts';
import { postMessage } from './post-message.ts';

/** Delivers it, or finds that nothing has to be said any more. */
export async function deliver(
  { entry, ageMs }: Pick<Claim, 'entry' | 'ageMs'>,
  tools: DeliverTools,
): Promise<Delivered> {
  switch (entry.kind) {
    case 'request':
      return deliverRequest(entry.request, tools);
    case 'withdraw':
      return withdraw(entry.request, tools);
    case 'ended':
      return deliverEnded(entry.request, tools);
    case 'reminder':
      return deliverReminder(entry, tools);
    case 'door_end':
      return deliverDoorEnd(entry, tools);
    case 'digest':
      return deliverDigest(entry, tools);
    case 'answer':
      await sayPrivately(entry.user, entry, answerView(entry.answer, entry), tools);
      return 'sent';
    case 'home':
      return deliverHome(entry.user, tools);
    case 'audit':
      return deliverAudit(entry.channel, tools);
    case 'form':
      return deliverForm(entry, ageMs, tools);
    case 'difference':
      return deliverDifference(entry, tools);
    case 'removals':
      return deliverRemovals(tools);
    case 'notice':
      return deliverNotice(entry, tools);
  }
}

/** Posts the message of a request the first time and edits it from then on. */
export async function deliverRequest(
  id: string,
  { client, records, policy, dress }: DeliverTools,
): Promise<Delivered> {
  const { requests } = records;
  const record = await requests.get(id);
  if (record === undefined || isPrivate(record)) return 'nothing';
  const view = dress(requestView(record, policy()));
  const digest = createHash('sha256').update(JSON.stringify(view)).digest('base64');
  if ((await requests.shown(id)) === digest) return 'nothing';
  const message = await requests.message(id);
  if (message === undefined || !(await editMessage(client, message, view))) {
    await requests.setMessage(id, await postMessage(client, record.asked, view));
  }
  await requests.setShown(id, digest);
  return 'sent';
}

/** Refused before anybody was asked to decide: that is between Drawbridge and the requester, or nobody's where a difference was gone again. */
function isPrivate({ asked, outcome, plan }: RequestRecord): boolean {
  return outcome?.kind === 'refused' && plan === undefined && asked.byItself !== 'end';
}

async function withdraw(id: string, { client, records }: DeliverTools): Promise<Delivered> {
  const message = await records.requests.message(id);
  if (message === undefined) return 'nothing';
  await client.chat.delete(message).catch((error) => {
    const trouble = troubleOf(error);
    if (trouble.kind !== 'refused' || trouble.error !== 'message_not_found') throw error;
  });
  return 'sent';
}

async function deliverEnded(id: string, { client, records, dress }: DeliverTools): Promise<Delivered> {
  const [record, message] = await Promise.all([records.requests.get(id), records.requests.message(id)]);
  if (record === undefined) return 'nothing';
  const { channel, thread = message?.ts } = record.asked;
  await postMessage(client, { channel, ...(thread !== undefined && { thread }) }, dress(endedView(record)));
  return 'sent';
}

async function deliverReminder(
  { request, word }: Extract<Entry, { kind: 'reminder' }>,
  { client, records, policy, dress }: DeliverTools,
): Promise<Delivered> {
  const [record, message] = await Promise.all([
    records.requests.get(request),
    records.requests.message(request),
  ]);
  const view = record && reminderView(record, word, policy(), Date.now());
  if (record === undefined || view === undefined) return 'nothing';
  const { channel, thread = message?.ts } = record.asked;
  await postMessage(client, { channel, ...(thread !== undefined && { thread }) }, dress(view));
  return 'sent';
}

async function deliverNotice(
  { channel, text }: Extract<Entry, { kind: 'notice' }>,
  { client, dress }: DeliverTools,
): Promise<Delivered> {
  await postMessage(client, { channel }, dress(textView(text)));
  return 'sent';
}
