/** Tells one person something where they asked: by the command's own response_url, by an ephemeral message, or directly. */
import type { Place } from '../core/place.ts';
import { troubleOf, type View } from './bolt.ts';
import type { DeliverTools } from './deliver-tools.ts';

/** Refusals that say that this person and the bot do not meet in that channel. */
export const NOT_THERE = new Set([
  'not_in_channel',
  'channel_not_found',
  'user_not_in_channel',
  'is_archived',
]);

/** Troubles are thrown as Slack's SDK throws them. */
export async function sayPrivately(
  user: string,
  { channel, thread }: Place,
  view: View,
  { client, records, dress }: Pick<DeliverTools, 'client' | 'records' | 'dress'>,
): Promise<void> {
  const dressed = dress(view);
  // A word to one person must not depend on the memory of an url.
  const url = await records.replies.get(user, channel, thread).catch(() => undefined);
  // An answer by url stands in the channel, so in a thread it comes second.
  if (thread === undefined && url !== undefined && (await responded(url, dressed))) return;
  try {
    await client.chat.postEphemeral({
      channel,
      user,
      ...(thread !== undefined && { thread_ts: thread }),
      ...dressed,
    });
  } catch (error) {
    const trouble = troubleOf(error);
    if (trouble.kind !== 'refused' || !NOT_THERE.has(trouble.error)) throw error;
    if (thread !== undefined && url !== undefined && (await responded(url, dressed))) return;
    await client.chat.postMessage({ channel: user, ...dressed, unfurl_links: false });
  }
}

async function responded(url: string, view: View): Promise<boolean> {
  const body = JSON.stringify({ response_type: 'ephemeral', replace_original: false, ...view });
  const headers = { 'content-type': 'application/json' };
  try {
    const response = await fetch(url, { method: 'POST', headers, body, signal: AbortSignal.timeout(5_000) });
    return response.ok;
  } catch {
    // The other ways to this person are tried next.
    return false;
  }
}
