/** `@drawbridge expose blog 80`: the same commands by a mention, also in threads, where Slack has no slash commands. */
import { placeForOne } from '../core/place.ts';
import { messageOf } from '../errors.ts';
import { isRedisAway } from '../records/redis.ts';
import type { Seen } from '../records/seen.ts';
import type { App } from './bolt.ts';
import type { CommandTools } from './command-tools.ts';
import { answerTo } from './commands.ts';
import { REDIS_AWAY, redisAwayOr } from './redis-away.ts';
import { sayPrivately } from './say-privately.ts';
import { textView } from './views/answer-view.ts';

export interface MentionTools extends CommandTools {
  /** Remembers events for longer than Slack repeats them: three times, the last after five minutes ("Events API"). */
  seen: Seen;
  /** The bot's own user in Slack. */
  botUser: string;
}

interface Mention {
  id: string;
  user: string;
  text: string;
  channel: string;
  thread: string;
  opensThread?: true;
  edited: boolean;
}

/** Registers the event `app_mention`. */
export function registerMentions(app: App, tools: MentionTools): void {
  app.event('app_mention', async ({ event, body }) => {
    const { user, bot_id, text, channel, ts, thread_ts } = event;
    // A bot that answers bots may answer itself for ever.
    if (user === undefined || bot_id !== undefined || user === tools.botUser) return;
    const inThread = thread_ts === undefined ? { opensThread: true as const } : {};
    const edited = 'edited' in event && event.edited !== undefined;
    const place = { channel, thread: thread_ts ?? ts, ...inThread };
    await take({ id: body.event_id, user, text, ...place, edited }, tools);
  });
}

/** Every mention gets an answer, whatever happens. */
async function take(mention: Mention, tools: MentionTools): Promise<void> {
  const { id, edited, ...said } = mention;
  try {
    if (!(await tools.seen.first(`event-${id}`))) return;
    const view = edited
      ? textView('I take a message as it was first sent. Send a new one to ask for something else.')
      : await answerTo({ ...said, text: textBehind(said.text, tools.botUser) }, tools);
    if (view !== undefined) await sayPrivately(said.user, placeForOne(said), view, tools);
  } catch (error) {
    tools.log.error({ err: error, user: said.user }, 'taking a mention');
    const sorry = isRedisAway(error)
      ? REDIS_AWAY
      : redisAwayOr(error, 'Nothing was begun; try again in a moment.');
    await sayPrivately(said.user, placeForOne(said), textView(sorry), tools).catch((again) =>
      tools.log.warn({ err: messageOf(again), user: said.user }, 'saying so'),
    );
  }
}

/** What stands behind the mention of the bot; what stands before it is talk. */
export function textBehind(text: string, botUser: string): string {
  const mention = new RegExp(`<@${botUser}(\\|[^>]*)?>`).exec(text);
  const behind = mention === null ? text : text.slice(mention.index + mention[0].length);
  return behind.replace(/^[\s:,]+/, '').trim();
}
