/** The word in a thread that a door is about to be closed. Pure. */
import type { Door } from '../../core/record.ts';
import { privateSideOf, publicSideOf } from '../../core/step-words.ts';
import type { View } from '../bolt.ts';
import { clock, cut, section } from './block-texts.ts';
import { closeButton, extendButton } from './door-buttons.ts';

/** undefined where it has another end by now, or none. @param now milliseconds since 1970 */
export function doorEndView(door: Door, endsAt: number, now: number): View | undefined {
  if (door.endsAt !== endsAt || endsAt <= now) return undefined;
  const what = `*${publicSideOf(door)}* → \`${privateSideOf(door)}\``;
  const text = `:hourglass: <@${door.owner}> ${what} will be closed at ${clock(endsAt)}, unless somebody extends it.`;
  return {
    text: cut(text, 3_000),
    blocks: [section(text), { type: 'actions', elements: [extendButton(door, endsAt), closeButton(door)] }],
  };
}
