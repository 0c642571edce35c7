/** Carries out what was said elsewhere than behind `/lxd`, and tells the person where they said it. */
import { placeForOne } from '../core/place.ts';
import type { CommandTools } from './command-tools.ts';
import { answerTo, type Said } from './commands.ts';
import { sayPrivately } from './say-privately.ts';

/** Every command gets an answer: the request's message, or a private word. Never throws. */
export async function answerPrivately(said: Said, tools: CommandTools): Promise<void> {
  try {
    const view = await answerTo(said, tools);
    if (view === undefined) return;
    const place = placeForOne(said);
    if (said.responseUrl !== undefined)
      await tools.records.replies.put(said.user, place.channel, said.responseUrl, place.thread);
    await sayPrivately(said.user, place, view, tools);
  } catch (error) {
    tools.log.error({ err: error, user: said.user }, 'answering a command');
  }
}
