/** The message about one difference between a door and the road as it is, and the one about closings that wait. Pure. */
import { harmless } from '../../core/commands/chat-text.ts';
import { differenceInWords, keyOfDifference, type Remedy } from '../../core/differences/difference.ts';
import { privateSideOf, publicSideOf } from '../../core/step-words.ts';
import type { Noted } from '../../records/differences.ts';
import type { WaitingRemovals } from '../../records/removals.ts';
import type { View } from '../bolt.ts';
import { clock, context, cut, DAY, lines, section } from './block-texts.ts';

export const MEND_DOOR: Readonly<Record<Remedy, string>> = {
  repair: 'repair_difference',
  adopt: 'adopt_difference',
  close: 'close_difference',
};
export const APPROVE_REMOVALS = 'approve_removals';

const LABELS: Readonly<Record<Remedy, string>> = { repair: 'Re-apply', adopt: 'Adopt', close: 'Close' };

/** One that is mended has no buttons any more. */
export function differenceView(noted: Noted): View {
  const { name, door, owner, mendedAt, since, doing, closed } = noted;
  // It may name what somebody else made.
  const detail = harmless(noted.detail, 1_000);
  const side = door.publicAddress === undefined ? door.id : publicSideOf(door);
  const what = `*${side}* → \`${privateSideOf(door)}\``;
  const whose = owner === undefined ? '' : `<@${owner}> `;
  const heading = differenceInWords(name);
  if (mendedAt !== undefined) {
    const text = `:white_check_mark: ${closed ? 'Closed' : 'Mended'}: ${what}.`;
    const when = `${heading}: ${detail}. Found ${clock(since, DAY)}, ${closed ? 'closed' : 'mended'} ${clock(mendedAt, DAY)}.`;
    return { text: cut(text, 3_000), blocks: [section(text), context(when)] };
  }
  const text = `:warning: ${whose}${what} is not as it should be. ${heading}: ${detail}.`;
  const own =
    doing === 'close'
      ? 'I ask for it to be closed by myself.'
      : doing === 'repair'
        ? 'I ask for it to be put again by myself, as it was approved.'
        : 'Nothing is done about it until somebody says so; each button asks for it as its command would.';
  const value = `${noted.place} ${keyOfDifference(noted)}`;
  const elements = noted.remedies.map((remedy) => button(remedy, value, `${LABELS[remedy]} ${side}`));
  return {
    text: cut(text, 3_000),
    blocks: [section(text), context(own), { type: 'actions', elements }],
  };
}

function button(remedy: Remedy, value: string, label: string) {
  return {
    type: 'button',
    action_id: MEND_DOOR[remedy],
    text: { type: 'plain_text', text: LABELS[remedy] },
    value,
    accessibility_label: cut(label, 75),
    ...(remedy === 'close' && { style: 'danger' as const }),
  } as const;
}

/** undefined batch: nothing waits any more. */
export function removalsView(batch: WaitingRemovals | undefined): View {
  if (batch === undefined) {
    const text =
      ':white_check_mark: The doors that were to be closed are closed, or are as they should be again.';
    return { text, blocks: [section(text)] };
  }
  const { doors, approvedBy, id } = batch;
  const count = `${doors.length} doors`;
  const text =
    approvedBy === undefined
      ? `:octagonal_sign: ${count} would be closed by myself, and that is more than I may without a word. None of them has been.`
      : `:white_check_mark: <@${approvedBy}> approved the closing of ${count}; each is looked at once more before it is closed.`;
  const approve = {
    type: 'button',
    action_id: APPROVE_REMOVALS,
    style: 'danger',
    text: { type: 'plain_text', text: `Close these ${doors.length}` },
    value: id,
    accessibility_label: `Approve the closing of ${count}`,
  } as const;
  return {
    text,
    blocks: [
      section(text),
      ...lines(doors.map(({ line }) => `• ${line}`)),
      ...(approvedBy === undefined ? [{ type: 'actions' as const, elements: [approve] }] : []),
    ],
  };
}
