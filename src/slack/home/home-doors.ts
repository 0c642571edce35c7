/** The open doors on a Home, a page of them at a time, each with its buttons. Pure. */
import { harmless } from '../../core/commands/chat-text.ts';
import type { Door } from '../../core/record.ts';
import { sourcesInWords } from '../../core/sources.ts';
import { privateSideOf, publicSideOf } from '../../core/step-words.ts';
import type { Block } from '../bolt.ts';
import { clock, context, cut, DAY, mentions, section } from '../views/block-texts.ts';
import { closeButton, extendButton } from '../views/door-buttons.ts';

export const NEWER = 'home_newer';
export const OLDER = 'home_older';

export interface HomeDoors {
  /** All that are open, newest first. */
  doors: readonly Door[];
  /** The page of doors, from 0; beyond the last one it is the last one. */
  page: number;
  /** This person may ask to have doors closed, or kept open for longer. */
  mayClose: boolean;
}

/** A block each, two where there is an end, of the hundred that a Home may have. */
export const DOORS_A_PAGE = 25;

/** A title, the doors of the page, and the way to other pages. */
export function homeDoors({ doors, page, mayClose }: HomeDoors): Block[] {
  const title = section(`:door: *Open doors*, ${doors.length}`);
  if (doors.length === 0)
    return [{ type: 'divider' }, title, context('None. Open one: `/lxd expose blog 80`')];
  const last = Math.ceil(doors.length / DOORS_A_PAGE) - 1;
  const at = Math.max(0, Math.min(page, last));
  const first = at * DOORS_A_PAGE;
  const shown = doors.slice(first, first + DOORS_A_PAGE);
  const blocks = shown.flatMap((door) => doorBlocks(door, mayClose));
  if (last === 0) return [{ type: 'divider' }, title, ...blocks];
  const range = context(`${first + 1} to ${first + shown.length} of ${doors.length}, the newest first`);
  return [{ type: 'divider' }, title, ...blocks, range, pageButtons(at, last)];
}

/** Close stands beside the door as ever; what has an end gets the other button under it, where a thumb tells them apart. */
function doorBlocks(door: Door, mayChange: boolean): Block[] {
  const text = cut(doorText(door), 800);
  if (!mayChange) return [section(text)];
  const { endsAt } = door;
  return [
    { type: 'section', text: { type: 'mrkdwn', text }, accessory: closeButton(door) },
    ...(endsAt === undefined ? [] : [extension(door, endsAt)]),
  ];
}

function extension(door: Door, endsAt: number): Block {
  return { type: 'actions', elements: [extendButton(door, endsAt)] };
}

function doorText(door: Door): string {
  const states = {
    proven: ':white_check_mark: proven',
    checked: 'checked, not proven',
    broken: ':warning: did not answer',
  };
  const { sources, road, owner, approvers, openedAt, endsAt, proof, reason } = door;
  const end = endsAt === undefined ? 'until it is closed' : `until ${clock(endsAt, DAY)}`;
  const approved = approvers === undefined ? 'no approval needed' : `approved by ${mentions(approvers)}`;
  const rows = [
    `*${publicSideOf(door)}* → \`${privateSideOf(door)}\` for ${harmless(sourcesInWords(sources), 200)} via ${road}`,
    `<@${owner}>, ${approved} · since ${clock(openedAt, DAY)}, ${end}`,
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
