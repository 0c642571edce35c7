/** Edits a message of ours. */
import { type SlackClient, troubleOf, type View } from '../bolt.ts';

/** False when somebody deleted the message, and it has to be posted anew. */
export async function editMessage(
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
