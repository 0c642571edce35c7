/** The modal in which a denial gets its reason. Pure. */
import type { Place } from '../../core/place.ts';
import { redact } from '../../core/redact.ts';
import type { ModalView } from '../bolt.ts';
import { cut } from './block-texts.ts';

export const DENY_MODAL = 'deny_request';
const REASON = 'reason';
const VALUE = 'value';
/** More is an essay, and the message has other things to say. */
const LONGEST = 500;

/** What the click was about, and where the answer goes. */
export interface Denying extends Place {
  request: string;
  /** The fingerprint of the plan that was shown. */
  shown?: string;
}

/** The reason may be left out. A title has 24 characters at most (Slack, "Modal views"). */
export function denyModal(denying: Denying): ModalView {
  return {
    type: 'modal',
    callback_id: DENY_MODAL,
    private_metadata: JSON.stringify(denying),
    title: { type: 'plain_text', text: cut(`Deny ${denying.request}`, 24) },
    submit: { type: 'plain_text', text: 'Deny' },
    close: { type: 'plain_text', text: 'Not yet' },
    blocks: [
      {
        type: 'input',
        block_id: REASON,
        optional: true,
        label: { type: 'plain_text', text: 'Why, for those who asked' },
        element: {
          type: 'plain_text_input',
          action_id: VALUE,
          multiline: true,
          max_length: LONGEST,
          focus_on_load: true,
        },
      },
    ],
  };
}

type Submitted = {
  private_metadata: string;
  state: { values: Record<string, Record<string, { value?: string | null }>> };
};

/** What was sent; without what looks like a secret, for the channel gets to see it. */
export function denialIn({ private_metadata, state }: Submitted) {
  const { request, shown, ...place } = JSON.parse(private_metadata) as Denying;
  const reason = state.values[REASON]?.[VALUE]?.value?.trim() ?? '';
  return {
    request,
    shown,
    place: place as Place,
    ...(reason !== '' && { reason: redact(reason.slice(0, LONGEST).split('\n')).join('\n') }),
  };
}
