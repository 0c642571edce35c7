/** The modal in which a shortcut asks for a command. Pure. */

import type { Place } from '../../core/place.ts';
import type { Refusal } from '../../core/refusal.ts';
import type { Block, ModalView } from '../bolt.ts';
import { cut } from './block-texts.ts';

export const COMMAND_MODAL = 'drawbridge_command';
export const COMMAND_BLOCK = 'command';
export const CHANNEL_BLOCK = 'channel';
/** What a person types or chooses in a block. */
export const VALUE = 'value';

/** Where the command will count as said; absent where the person chooses the channel. */
export interface ModalPlace extends Place {
  /** For private answers where the bot is no member. */
  responseUrl?: string;
}

/** @param place the thread of a message, or undefined to have a channel chosen */
export function commandModal(place?: ModalPlace): ModalView {
  return {
    type: 'modal',
    callback_id: COMMAND_MODAL,
    private_metadata: place === undefined ? '' : JSON.stringify(place),
    title: { type: 'plain_text', text: 'Drawbridge' },
    submit: { type: 'plain_text', text: 'Send' },
    close: { type: 'plain_text', text: 'Cancel' },
    blocks: [commandInput(), ...(place === undefined ? [channelInput()] : [])],
  };
}

/** The place that a modal was opened for. */
export function placeOf(metadata: string): ModalPlace | undefined {
  return metadata === '' ? undefined : (JSON.parse(metadata) as ModalPlace);
}

/** What was not understood, under the input; Slack shows it as plain text. */
export function modalErrors({ message, next = '' }: Refusal): Record<string, string> {
  return { [COMMAND_BLOCK]: cut(`${message} ${next}`.replace(/`/g, '"').trim(), 1_000) };
}

function commandInput(): Block {
  return {
    type: 'input',
    block_id: COMMAND_BLOCK,
    label: { type: 'plain_text', text: 'Command' },
    hint: { type: 'plain_text', text: 'As behind /lxd. “help” lists them all.' },
    element: {
      type: 'plain_text_input',
      action_id: VALUE,
      placeholder: { type: 'plain_text', text: 'expose blog 80' },
      focus_on_load: true,
    },
  };
}

function channelInput(): Block {
  return {
    type: 'input',
    block_id: CHANNEL_BLOCK,
    label: { type: 'plain_text', text: 'Channel in which the request is shown' },
    element: {
      type: 'conversations_select',
      action_id: VALUE,
      default_to_current_conversation: true,
      response_url_enabled: true,
      filter: { include: ['public', 'private'], exclude_bot_users: true },
    },
  };
}
