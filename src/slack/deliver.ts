/** Delivers one entry of the outbox to Slack. Renders from the records at that moment, so what is late is still true. */
import { createHash } from 'node:crypto';
import type { Policy } from '../core/policy.ts';
import type { RequestRecord } from '../core/record.ts';
import type { Entry } from '../records/outbox.ts';
import type { Records } from '../records/records.ts';
import { answerView, textView } from './answer-view.ts';
import { type SlackClient, troubleOf, type View } from './bolt.ts';
import { deliverAudit } from './deliver-audit.ts';
import { endedView } from './outcome-line.ts';
import { requestView } from './request-view.ts';

export interface DeliverTools {
  client: SlackClient;
  records: Records;
  policy: Policy;
  /** The last touch on every message. */
  dress: (view: View) => View;
}

/** sent: Slack took it. nothing: there was nothing new to say. Troubles are thrown as Slack's SDK throws them. */
export type Delivered = 'sent' | 'nothing';

export async function deliver(entry: Entry, tools: DeliverTools): Promise<Delivered> {
  switch (entry.kind) {
    case 'request':
      return deliverRequest(entry.request, tools);
    case 'withdraw':
      return withdraw(entry.request, tools);
    case 'ended':
      return deliverEnded(entry.request, tools);
    case 'answer':
      return deliverAnswer(entry, tools);
    case 'audit':
      return deliverAudit(entry.channel, tools);
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
  const view = dress(requestView(record, policy));
  const digest = createHash('sha256').update(JSON.stringify(view)).digest('base64');
  if ((await requests.shown(id)) === digest) return 'nothing';
  const message = await requests.message(id);
  if (message === undefined || !(await edited(client, message, view))) {
    const { channel } = record.asked;
    const { ts = '', channel: posted = channel } = await client.chat.postMessage({
      channel,
      ...view,
      unfurl_links: false,
    });
    await requests.setMessage(id, { channel: posted, ts });
  }
  await requests.setShown(id, digest);
  return 'sent';
}

/** False when somebody deleted the message, and it has to be posted anew. */
async function edited(
  client: SlackClient,
  { channel, ts }: { channel: string; ts: string },
  view: View,
): Promise<boolean> {
  try {
    await client.chat.update({ channel, ts, ...view });
    return true;
  } catch (error) {
    const trouble = troubleOf(error);
    if (trouble.kind === 'refused' && trouble.error === 'message_not_found') return false;
    throw error;
  }
}

/** Refused before anybody was asked to decide: that is between Drawbridge and the requester. */
function isPrivate({ outcome, plan }: RequestRecord): boolean {
  return outcome?.kind === 'refused' && plan === undefined;
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
  const thread = message === undefined ? {} : { thread_ts: message.ts };
  await client.chat.postMessage({
    channel: record.asked.channel,
    ...thread,
    ...dress(endedView(record)),
    unfurl_links: false,
  });
  return 'sent';
}

async function deliverNotice(
  { channel, text }: Extract<Entry, { kind: 'notice' }>,
  { client, dress }: DeliverTools,
): Promise<Delivered> {
  await client.chat.postMessage({ channel, ...dress(textView(text)), unfurl_links: false });
  return 'sent';
}

/** By the command's own response_url within its minute, which works where the bot is no member; by chat.postEphemeral later. */
async function deliverAnswer(
  entry: Extract<Entry, { kind: 'answer' }>,
  { client, records, dress }: DeliverTools,
): Promise<Delivered> {
  const { user, channel } = entry;
  const view = dress(answerView(entry.answer));
  const url = await records.replies.get(user, channel);
  if (url !== undefined && (await responded(url, view))) return 'sent';
  await client.chat.postEphemeral({ channel, user, ...view });
  return 'sent';
}

async function responded(url: string, view: View): Promise<boolean> {
  const body = JSON.stringify({ response_type: 'ephemeral', replace_original: false, ...view });
  const headers = { 'content-type': 'application/json' };
  try {
    const response = await fetch(url, { method: 'POST', headers, body, signal: AbortSignal.timeout(5_000) });
    return response.ok;
  } catch {
    // The other way to this person is tried next.
    return false;
  }
}
