/** The open doors on a Home, a page of them at a time, each with its button Close. Pure. */
import { harmless } from '../core/chat-text.ts';
import type { Door } from '../core/record.ts';
import { sourcesInWords } from '../core/sources.ts';
import { privateSideOf, publicSideOf } from '../core/step-words.ts';
import { clock, context, cut, section } from './block-texts.ts';
import type { Block } from './bolt.ts';

export const CLOSE_DOOR = 'close_door';
export const NEWER = 'home_newer';
export const OLDER = 'home_older';

export interface HomeDoors {
  /** All that are open, newest first. */
  doors: readonly Door[];
  /** The page of doors, from 0; beyond the last one it is the last one. */
  page: number;
  /** This person may ask to have doors closed. */
  mayClose: boolean;
}

/** A block each, of the hundred that a Home may have. */
export const DOORS_A_PAGE = 25;
const DAY = '{date_short_pretty} {time}';

/** A title, the doors of the page, and the way to other pages. */
export function homeDoors({ doors, page, mayClose }: HomeDoors): Block[] {
  const title = section(`:door: *Open doors*, ${doors.length}`);
  if (doors.length === 0)
    return [{ type: 'divider' }, title, context('None. Open one: `/lxd expose blog 80`')];
  const last = Math.ceil(doors.length / DOORS_A_PAGE) - 1;
  const at = Math.max(0, Math.min(page, last));
  const first = at * DOORS_A_PAGE;
  const shown = doors.slice(first, first + DOORS_A_PAGE);
  const blocks = shown.map((door) => doorBlock(door, mayClose));
  if (last === 0) return [{ type: 'divider' }, title, ...blocks];
  const range = context(`${first + 1} to ${first + shown.length} of ${doors.length}, the newest first`);
  return [{ type: 'divider' }, title, ...blocks, range, pageButtons(at, last)];
}

function doorBlock(door: Door, mayClose: boolean): Block {
  const text = cut(doorText(door), 800);
  if (!mayClose) return section(text);
  return {
    type: 'section',
    text: { type: 'mrkdwn', text },
    accessory: {
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
    },
  };
}

function doorText(door: Door): string {
  const states = {
    proven: ':white_check_mark: proven',
    checked: 'checked, not proven',
    broken: ':warning: did not answer',
  };
  const { sources, road, owner, approver, openedAt, proof, reason } = door;
  const approved = approver === undefined ? 'no approval needed' : `approved by <@${approver}>`;
  const rows = [
    `*${publicSideOf(door)}* → \`${privateSideOf(door)}\` for ${harmless(sourcesInWords(sources), 200)} via ${road}`,
    `<@${owner}>, ${approved} · since ${clock(openedAt, DAY)}, until it is closed`,
    `${states[proof.state]}: ${harmless(proof.seen, 120)}`,
    ...(reason === undefined ? [] : [`> ${harmless(reason, 100)}`]),
  ];
  return rows.join('\n');
}

/** The value of a button is the page that it leads to. */
function pageButtons(at: number, last: number): Block {
  const button = (action_id: string, text: string, page: number) =>
    ({ type: 'button', action_id, text: { type: 'plain_text', text }, value: String(page) }) as const;
  return {
    type: 'actions',
    elements: [
      ...(at > 0 ? [button(NEWER, 'Newer', at - 1)] : []),
      ...(at < last ? [button(OLDER, 'Older', at + 1)] : []),
    ],
  };
}
