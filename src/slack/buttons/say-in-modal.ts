/** Answers a click where there is no channel to answer in: a modal at once, because its trigger holds for three seconds only. */
import { messageOf } from '../../errors.ts';
import type { ModalView, View } from '../bolt.ts';
import type { CommandTools } from '../command-tools.ts';
import { REDIS_AWAY, redisAwayOr } from '../redis-away.ts';
import { textView } from '../views/answer-view.ts';

/** Opens a modal, works, and shows what came of it there, or else in a direct message. Never throws. */
export async function sayInModal(
  user: string,
  trigger: string,
  work: () => Promise<View>,
  tools: CommandTools,
): Promise<void> {
  const { client, dress, log } = tools;
  const modal = await client.views
    .open({ trigger_id: trigger, view: modalOf(textView(':hourglass_flowing_sand: One moment…')) })
    .then(({ view }) => view?.id)
    .catch(() => undefined);
  const view = dress(await answerOf(work, user, tools));
  try {
    if (modal === undefined) throw new Error('the modal did not open');
    await client.views.update({ view_id: modal, view: modalOf(view) });
  } catch {
    // It was closed meanwhile, or never opened.
    await client.chat
      .postMessage({ channel: user, ...view, unfurl_links: false })
      .catch((error) => log.warn({ err: messageOf(error), user }, 'answering a click'));
  }
}

async function answerOf(
  work: () => Promise<View>,
  user: string,
  { log, records }: CommandTools,
): Promise<View> {
  try {
    if (!(await records.answers())) return textView(REDIS_AWAY);
    return await work();
  } catch (error) {
    log.error({ err: error, user }, 'handling a click');
    return textView(redisAwayOr(error, 'Look at your Home, or click again.'));
  }
}

function modalOf({ blocks }: View): ModalView {
  return {
    type: 'modal',
    title: { type: 'plain_text', text: 'Drawbridge' },
    close: { type: 'plain_text', text: 'Close' },
    blocks,
  };
}
