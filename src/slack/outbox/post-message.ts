/** Posts a message for everybody in a channel, or in one of its threads. */
import type { Place } from '../../core/place.ts';
import { type SlackClient, troubleOf, type View } from '../bolt.ts';

/** Refusals that concern the thread only; the channel itself may still take the message. */
const NO_THREAD = new Set([
  'thread_not_found',
  'cannot_reply_to_message',
  'restricted_action_thread_locked',
  'restricted_action_non_threadable_channel',
]);

/** Where it stands now. Troubles are thrown as Slack's SDK throws them. */
export async function postMessage(
  client: SlackClient,
  { channel, thread }: Pick<Place, 'channel' | 'thread'>,
  view: View,
): Promise<{ channel: string; ts: string }> {
  try {
    const { ts = '', channel: posted = channel } = await client.chat.postMessage({
      channel,
      ...(thread !== undefined && { thread_ts: thread }),
      ...view,
      unfurl_links: false,
    });
    return { channel: posted, ts };
  } catch (error) {
    const trouble = troubleOf(error);
    if (thread === undefined || trouble.kind !== 'refused' || !NO_THREAD.has(trouble.error)) throw error;
    return postMessage(client, { channel }, view);
  }
}
