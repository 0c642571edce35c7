/** The buttons under a plan that waits. Pure. */
import { harmless } from '../../core/commands/chat-text.ts';
import { isDoorPlan, type Plan } from '../../core/plan.ts';
import type { RequestRecord } from '../../core/record.ts';
import type { Block } from '../bolt.ts';
import { cut } from './block-texts.ts';
import { cancelButton } from './cancel-button.ts';

export const APPROVE = 'approve_request';
export const DENY = 'deny_request';
export const DENY_WITH_REASON = 'deny_with_reason';

/** The block's id says which plan was shown: a click on an older one must not decide on a newer one. */
export function decisionButtons(record: RequestRecord, plan: Plan): Block {
  const dialog = dialogFor(plan);
  const { id } = record.asked;
  const cancel = cancelButton(record);
  return {
    type: 'actions',
    block_id: `plan-${plan.fingerprint}`,
    elements: [
      {
        type: 'button',
        action_id: APPROVE,
        style: 'primary',
        text: { type: 'plain_text', text: 'Approve' },
        value: id,
        ...(dialog && { confirm: dialog }),
      },
      {
        type: 'button',
        action_id: DENY,
        style: 'danger',
        text: { type: 'plain_text', text: 'Deny' },
        value: id,
      },
      {
        type: 'button',
        action_id: DENY_WITH_REASON,
        text: { type: 'plain_text', text: 'Deny, and say why…' },
        value: id,
      },
      ...(cancel === undefined ? [] : [cancel]),
    ],
  };
}

/** The fingerprint in the id of a block of buttons. */
export function planShown(blockId: string): string | undefined {
  return /^plan-([0-9a-f]{32})$/.exec(blockId)?.[1];
}

/** What cannot be brought back is asked about once more. Title 100, text 300 characters at most (Slack, "Confirmation dialog"). */
function dialogFor(plan: Plan) {
  if (isDoorPlan(plan) || !['delete', 'restore', 'host delete'].includes(plan.action)) return undefined;
  const text = `${plan.subject}: it ${harmless(plan.summary)}. Nothing brings back what is lost by it.`;
  return {
    title: { type: 'plain_text', text: 'Are you sure?' },
    text: { type: 'plain_text', text: cut(text, 300) },
    confirm: { type: 'plain_text', text: 'Approve' },
    deny: { type: 'plain_text', text: 'Not yet' },
    style: 'danger',
  } as const;
}
