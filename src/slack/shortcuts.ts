/** Commands by shortcut: from a message, into its thread; from anywhere, into a channel that is chosen. */
import { parseCommand } from '../core/command.ts';
import { placeForOne } from '../core/place.ts';
import { isRefusal } from '../core/refusal.ts';
import type { App, GlobalShortcut, MessageShortcut, ViewSubmitAction } from './bolt.ts';
import {
  CHANNEL_BLOCK,
  COMMAND_BLOCK,
  COMMAND_MODAL,
  commandModal,
  type ModalPlace,
  modalErrors,
  placeOf,
  VALUE,
} from './command-modal.ts';
import type { CommandTools } from './command-tools.ts';
import { answerTo, type Said } from './commands.ts';
import { openModal } from './open-modal.ts';
import { sayPrivately } from './say-privately.ts';

/** Names of the shortcuts in the app's manifest. */
export const MESSAGE_SHORTCUT = 'drawbridge_command';
export const GLOBAL_SHORTCUT = 'drawbridge_command_anywhere';

/** Registers both shortcuts and the modal that they open. */
export function registerShortcuts(app: App, tools: CommandTools): void {
  app.shortcut<MessageShortcut>(
    { type: 'message_action', callback_id: MESSAGE_SHORTCUT },
    async ({ ack, shortcut }) => {
      await ack();
      const { user, trigger_id } = shortcut;
      const modal = commandModal(threadOf(shortcut));
      await openModal({ trigger: trigger_id, user: user.id, modal, otherwise: NOT_OPENED }, tools);
    },
  );
  app.shortcut<GlobalShortcut>(
    { type: 'shortcut', callback_id: GLOBAL_SHORTCUT },
    async ({ ack, shortcut }) => {
      await ack();
      const { trigger_id, user } = shortcut;
      const opening = { trigger: trigger_id, user: user.id, modal: commandModal(), otherwise: NOT_OPENED };
      await openModal(opening, tools);
    },
  );
  app.view<ViewSubmitAction>(
    { type: 'view_submission', callback_id: COMMAND_MODAL },
    async ({ ack, body }) => {
      const said = saidIn(body);
      const command = parseCommand(said.text, tools.networks);
      if (isRefusal(command)) {
        tools.metrics.commands.inc({ action: 'not_understood' });
        return ack({ response_action: 'errors', errors: modalErrors(command) });
      }
      const stop = tools.metrics.ackSeconds.startTimer();
      await ack();
      stop();
      await carryOut(said, tools);
    },
  );
}

const NOT_OPENED =
  'Slack did not open the form in time. Try the shortcut again, or mention me with the command.';

function threadOf({ channel, message, message_ts, response_url }: MessageShortcut): ModalPlace {
  const { thread_ts } = message;
  const place = { channel: channel.id, responseUrl: response_url };
  if (typeof thread_ts === 'string') return { ...place, thread: thread_ts };
  return { ...place, thread: message_ts, opensThread: true };
}

/** What the modal says, as if it had been typed there. */
function saidIn({ view, user, response_urls }: ViewSubmitAction): Said {
  const { values } = view.state;
  const text = values[COMMAND_BLOCK]?.[VALUE]?.value ?? '';
  const place = placeOf(view.private_metadata);
  if (place !== undefined) return { user: user.id, text, ...place };
  const responseUrl = response_urls?.[0]?.response_url;
  const channel = values[CHANNEL_BLOCK]?.[VALUE]?.selected_conversation ?? user.id;
  return { user: user.id, text, channel, ...(responseUrl !== undefined && { responseUrl }) };
}

/** Every command gets an answer: the request's message, or a private word. */
async function carryOut(said: Said, tools: CommandTools): Promise<void> {
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
