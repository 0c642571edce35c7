/** Commands by shortcut: from a message, into its thread; from anywhere, into a channel that is chosen. */
import { parseCommand } from '../core/commands/command.ts';
import { isBare } from '../core/commands/command-name.ts';
import { isRefusal } from '../core/refusal.ts';
import { answerPrivately } from './answer-privately.ts';
import type { App, GlobalShortcut, MessageShortcut, ViewSubmitAction } from './bolt.ts';
import type { CommandTools } from './command-tools.ts';
import type { Said } from './commands.ts';
import { loadingView } from './form/form-view.ts';
import { fillForm } from './form/open-form.ts';
import { openModal } from './open-modal.ts';
import {
  CHANNEL_BLOCK,
  COMMAND_BLOCK,
  COMMAND_MODAL,
  commandModal,
  type ModalPlace,
  modalErrors,
  placeOf,
  VALUE,
} from './views/command-modal.ts';

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
      if (isBare(said.text, 'expose')) {
        const { text: _none, responseUrl: _url, ...where } = said;
        await ack({ response_action: 'update', view: loadingView(where) });
        return fillForm({ id: body.view.id }, where, tools);
      }
      const command = parseCommand(said.text, tools.networks, tools.clock());
      if (isRefusal(command)) {
        tools.metrics.commands.inc({ action: 'not_understood' });
        return ack({ response_action: 'errors', errors: modalErrors(command) });
      }
      const stop = tools.metrics.ackSeconds.startTimer();
      await ack();
      stop();
      await answerPrivately(said, tools);
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
