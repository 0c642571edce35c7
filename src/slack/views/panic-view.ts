/** What panic looks like: the button that confirms it, and where it holds. Pure. */
import { canonicalCommand } from '../../core/commands/canonical-command.ts';
import { harmless } from '../../core/commands/chat-text.ts';
import { doorsInWords } from '../../core/names.ts';
import { type PanicCommand, placeOfPanic } from '../../core/panic.ts';
import type { Alarm } from '../../records/panic.ts';
import type { Block, View } from '../bolt.ts';
import { clock, context, cut, section } from './block-texts.ts';

export const PANIC = 'panic_now';

/** @param doors how many are in the register there */
export function panicView(command: PanicCommand, doors: number): View {
  const where = placeOfPanic(command.host);
  const what = `Close ${doorsInWords({ length: doors })} on ${where}`;
  const text = `:rotating_light: *${what}?*\nAll at once and without approvals. No door is opened there until \`/lxd panic off ${command.host ?? 'all'}\` is approved.`;
  return {
    text: `${what}?`,
    blocks: [
      section(text),
      {
        type: 'actions',
        elements: [
          {
            type: 'button',
            action_id: PANIC,
            style: 'danger',
            text: { type: 'plain_text', text: cut(`${what} now`, 75), emoji: true },
            // A button's value may have 2,000 characters, a reason has 300.
            value: textOf(command),
          },
        ],
      },
      context('Nothing happens before you press it.'),
    ],
  };
}

/** The command that the button stands for, as one would type it. */
function textOf(command: PanicCommand): string {
  const { reason } = command;
  return reason === undefined ? canonicalCommand(command) : `${canonicalCommand(command)} because ${reason}`;
}

/** A line for each place where no door is opened. */
export function alarmBlocks(alarms: readonly Alarm[]): Block[] {
  if (alarms.length === 0) return [];
  const lines = alarms
    .slice(0, 10)
    .map(
      ({ host, by, at }) =>
        `:rotating_light: *Panic* for ${harmless(placeOfPanic(host), 60)}, called by <@${by}> ${clock(at, '{date_short_pretty} {time}')}: no door is opened. \`/lxd panic off ${harmless(host ?? 'all', 60)}\` shows what would be opened again.`,
    );
  return [section(lines.join('\n'))];
}
