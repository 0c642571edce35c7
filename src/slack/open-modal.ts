/** Opens a modal, which has to happen before anything that takes time. */
import { messageOf } from '../errors.ts';
import type { ModalView } from './bolt.ts';
import type { CommandTools } from './command-tools.ts';
import { textView } from './views/answer-view.ts';

export interface Opening {
  /** Holds for three seconds and once (Slack, "Modals"). */
  trigger: string;
  user: string;
  modal: ModalView;
  /** What the person is told where Slack did not open it. */
  otherwise: string;
}

/** The view as Slack opened it; undefined where it did not. Never throws. */
export async function openModal(
  { trigger, user, modal, otherwise }: Opening,
  { client, log }: CommandTools,
): Promise<{ id: string; hash?: string } | undefined> {
  try {
    const { view } = await client.views.open({ trigger_id: trigger, view: modal });
    if (view?.id === undefined) return undefined;
    return { id: view.id, ...(view.hash !== undefined && { hash: view.hash }) };
  } catch (error) {
    log.warn({ err: messageOf(error), user }, 'opening a modal');
    await client.chat
      .postMessage({ channel: user, ...textView(otherwise) })
      .catch((again) => log.warn({ err: messageOf(again), user }, 'saying so'));
    return undefined;
  }
}
