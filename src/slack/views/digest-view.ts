/** The weekly question to an owner: which of these doors are still needed? Pure. */
import { harmless } from '../../core/commands/chat-text.ts';
import type { Door } from '../../core/record.ts';
import { sourcesInWords } from '../../core/sources.ts';
import { privateSideOf, publicSideOf } from '../../core/step-words.ts';
import type { Block, View } from '../bolt.ts';
import { clock, context, cut, DAY, section } from './block-texts.ts';
import { closeButton, keepButton } from './door-buttons.ts';

/** Two blocks each, of the fifty that a message may have. */
const MOST_DOORS = 15;

/** undefined where there is nothing to ask about any more. */
export function digestView(doors: readonly Door[]): View | undefined {
  if (doors.length === 0) return undefined;
  const count = doors.length === 1 ? 'This door of yours is' : `These ${doors.length} doors of yours are`;
  const title = `:door: *Still needed?* ${count} open for long, or without an end.`;
  const shown = doors.slice(0, MOST_DOORS);
  const more = doors.length - shown.length;
  const rest = more > 0 ? `And ${more} more: your Home shows all of them. ` : '';
  const note = `${rest}What you leave as it is stays open, and I ask again next week.`;
  return {
    text: cut([title, ...shown.map(rowOf)].join('\n'), 3_000),
    blocks: [section(title), ...shown.flatMap(doorBlocks), context(note)],
  };
}

function doorBlocks(door: Door): Block[] {
  return [
    section(cut(rowOf(door), 800)),
    { type: 'actions', elements: [closeButton(door), keepButton(door)] },
  ];
}

function rowOf(door: Door): string {
  const { openedAt, endsAt, sources, reason } = door;
  const end = endsAt === undefined ? 'without an end' : `until ${clock(endsAt, DAY)}`;
  const why = reason === undefined ? '' : `\n> ${harmless(reason, 100)}`;
  const who = harmless(sourcesInWords(sources), 200);
  return `*${publicSideOf(door)}* → \`${privateSideOf(door)}\` for ${who} · since ${clock(openedAt, DAY)}, ${end}${why}`;
}
