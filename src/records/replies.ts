/** Where a private answer may be sent for a minute: Slack's response_url, kept apart from job data because it is a key. */
import type { Redis } from './redis.ts';

const KEEP_SECONDS = 60;

export type Replies = ReturnType<typeof createReplies>;

export function createReplies(redis: Redis, prefix: string) {
  const keyOf = (user: string, channel: string, thread: string) =>
    `${prefix}:reply:${user}:${channel}${thread === '' ? '' : `:${thread}`}`;
  return {
    async put(user: string, channel: string, url: string, thread = ''): Promise<void> {
      await redis.set(keyOf(user, channel, thread), url, 'EX', KEEP_SECONDS);
    },

    /** The newest url for this person in this channel or thread, or undefined when it is too old to be used. */
    async get(user: string, channel: string, thread = ''): Promise<string | undefined> {
      return (await redis.get(keyOf(user, channel, thread))) ?? undefined;
    },
  };
}
