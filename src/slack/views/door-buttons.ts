/** Buttons about one open door, wherever it is shown. Pure. */
import { extensionOf } from '../../core/door-end.ts';
import type { Door } from '../../core/record.ts';
import { spanInWords } from '../../core/span.ts';
import { privateSideOf, publicSideOf } from '../../core/step-words.ts';
import { cut } from './block-texts.ts';

export const CLOSE_DOOR = 'close_door';
export const EXTEND_DOOR = 'extend_door';
export const KEEP_DOOR = 'keep_door';

/** Closing asks once more. */
export function closeButton(door: Door) {
  return {
    type: 'button',
    action_id: CLOSE_DOOR,
    style: 'danger',
    text: { type: 'plain_text', text: 'Close' },
    value: door.id,
    accessibility_label: cut(`Close ${publicSideOf(door)}`, 75),
    confirm: {
      title: { type: 'plain_text', text: 'Close this door?' },
      text: { type: 'plain_text', text: cut(`${publicSideOf(door)} → ${privateSideOf(door)}`, 300) },
      confirm: { type: 'plain_text', text: 'Close it' },
      deny: { type: 'plain_text', text: 'Keep it' },
      style: 'danger',
    },
  } as const;
}

/** Its value says which end was shown, so that it moves that one only. */
export function extendButton(door: Door, endsAt: number) {
  const span = spanInWords(extensionOf(door));
  return {
    type: 'button',
    action_id: EXTEND_DOOR,
    text: { type: 'plain_text', text: `Extend by ${span}` },
    value: `${door.id}:${endsAt}`,
    accessibility_label: cut(`Extend ${publicSideOf(door)} by ${span}`, 75),
  } as const;
}

/** For a digest. */
export function keepButton(door: Door) {
  return {
    type: 'button',
    action_id: KEEP_DOOR,
    text: { type: 'plain_text', text: 'Keep' },
    value: door.id,
    accessibility_label: cut(`Keep ${publicSideOf(door)}`, 75),
  } as const;
}
