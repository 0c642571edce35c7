/** Places in Slack. Pure. */

/** Where in Slack something was asked, and is answered. */
export interface Place {
  channel: string;
  /** The message whose thread it is; absent in the channel itself. */
  thread?: string;
  /** Nobody had answered in that thread yet. */
  opensThread?: true;
}

/** The place alone, of something that has one. */
export function placeOnly({ channel, thread, opensThread }: Place): Place {
  return { channel, ...(thread !== undefined && { thread }), ...(opensThread && { opensThread }) };
}

/** Where a word for one person is seen: Slack shows such words in no thread that nobody has answered in ("chat.postEphemeral"). */
export function placeForOne({ channel, thread, opensThread }: Place): Place {
  return thread === undefined || opensThread ? { channel } : { channel, thread };
}
