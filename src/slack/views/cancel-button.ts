/** The button Cancel of a request, wherever it stands. Pure. */
import { isCancellable } from '../../core/cancellable.ts';
import type { RequestRecord } from '../../core/record.ts';
import type { Block } from '../bolt.ts';

export const CANCEL = 'cancel_request';

/** The button, while it makes sense to press it. It asks once more: it stands beside others, and thumbs are broad. */
export function cancelButton(record: RequestRecord) {
  if (!isCancellable(record)) return undefined;
  const running = record.state === 'applying';
  const text = running
    ? 'What it has done so far is taken back. The message shows what was, and what stays.'
    : 'Nothing has been changed yet, and nothing will be.';
  return {
    type: 'button',
    action_id: CANCEL,
    text: { type: 'plain_text', text: 'Cancel' },
    value: record.asked.id,
    confirm: {
      title: { type: 'plain_text', text: 'Cancel this request?' },
      text: { type: 'plain_text', text },
      confirm: { type: 'plain_text', text: 'Cancel it' },
      deny: { type: 'plain_text', text: 'Keep it' },
      style: 'danger',
    },
  } as const;
}

/** A row with nothing but the button, or no row. */
export function cancelRow(record: RequestRecord): Block[] {
  const button = cancelButton(record);
  return button === undefined ? [] : [{ type: 'actions', block_id: 'cancel', elements: [button] }];
}
