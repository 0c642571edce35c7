/** The answer to `why`: for each door what it comes to, its road hop by hop, whose it is and what happened to it. Pure. */
import type { Answer } from '../../core/answer.ts';
import { harmless, harmlessWithPeople } from '../../core/commands/chat-text.ts';
import type { Admission } from '../../core/hops/admission.ts';
import type { Hop, HopState } from '../../core/hops/hop.ts';
import type { DoorLook } from '../../core/hops/look-at-door.ts';
import type { Place } from '../../core/place.ts';
import { sourcesInWords } from '../../core/sources.ts';
import { publicSideOf } from '../../core/step-words.ts';
import type { Block, View } from '../bolt.ts';
import { clock, context, cut, DAY, lines, mentions, section } from './block-texts.ts';
import { commandButton } from './command-button.ts';

type Why = Extract<Answer, { kind: 'why' }>;

/** @param place where a button's command counts as said */
export function whyView({ asked, about, doors, more, opening, silent }: Why, place: Place | undefined): View {
  const title = `*Why* \`${about}\`: ${doors.length + more} ${doors.length + more === 1 ? 'door' : 'doors'}`;
  const blocks = doors.length === 0 ? noDoor(about, opening, place) : [section(title)];
  for (const look of doors) blocks.push(...doorBlocks(look, place));
  if (more > 0) blocks.push(context(`${more} more: name one by its public side, like \`as 8080\`.`));
  if (silent.length > 0) blocks.push(context(silent.slice(0, 20).map(silentRow).join('\n')));
  blocks.push(context(`Looked at just now; nothing was changed. \`/lxd ${asked}\` looks again.`));
  const text = doors.length === 0 ? `No door leads to ${about}.` : doors.map(summary).join('\n');
  return { text: cut(text, 3_000), blocks };
}

function silentRow({ host, why }: Why['silent'][number]): string {
  return `:warning: ${harmless(host, 100)} could not be asked: ${harmless(why, 300)}`;
}

function noDoor(about: string, opening: string, place: Place | undefined): Block[] {
  const words = `:no_entry_sign: No door leads to \`${about}\`, neither one of mine nor one that somebody else made. \`/lxd ${opening}\` would open one.`;
  return [section(words), ...button('Ask for a door', opening, place)];
}

function doorBlocks(look: DoorLook, place: Place | undefined): Block[] {
  const { hops, broken, admission, knocked, history } = look;
  const blocks = [section(summary(look))];
  if (broken?.remedy !== undefined) blocks.push(...remedyBlocks(broken, place));
  if (admission !== undefined) blocks.push(section(admissionLine(admission)));
  const road = hops.map(hopRow);
  blocks.push(...lines([...road, ...(knocked === undefined ? [] : [`:door: ${harmless(knocked, 400)}`])], 4));
  blocks.push(context(aboutDoor(look)));
  if (history.length > 0) blocks.push(context(history.map(historyRow).join('\n')));
  return blocks;
}

const VERDICTS: Readonly<Record<DoorLook['verdict']['state'], string>> = {
  works: ':white_check_mark: It works',
  broken: ':x: Broken at',
  mute: ':x: Does not answer',
  unclear: ':grey_question: Not clear',
};

function summary({ door, verdict }: DoorLook): string {
  const says = harmless(verdict.says, 900);
  return `*${publicSideOf(door)}* via ${door.road}\n${VERDICTS[verdict.state]}: ${verdict.state === 'broken' ? `*${says}*` : says}`;
}

function remedyBlocks({ remedy }: Hop, place: Place | undefined): Block[] {
  if (remedy === undefined) return [];
  if (remedy.kind !== 'command') return [section(`↳ ${remedy.text}`)];
  const { command, label } = remedy;
  return [section(`↳ \`/lxd ${command}\``), ...button(label, command, place)];
}

function button(label: string, command: string, place: Place | undefined): Block[] {
  return place === undefined ? [] : [{ type: 'actions', elements: [commandButton(label, command, place)] }];
}

const ADMISSIONS: Readonly<Record<Admission['state'], string>> = {
  in: ':white_check_mark: *Is let in*',
  out: ':no_entry_sign: *Is not let in*',
  unknown: ':grey_question: *Whether it is let in is not clear*',
};

function admissionLine({ state, says, next }: Admission): string {
  return `${ADMISSIONS[state]}: ${harmless(says, 900)}${next === undefined ? '' : `\n↳ ${next}`}`;
}

const SIGNS: Readonly<Record<HopState, string>> = {
  ok: '✓',
  broken: '✗ *broken:*',
  unknown: '? _unknown:_',
  skipped: '– _not looked at:_',
};

function hopRow({ state, name, seen }: Hop): string {
  return `${SIGNS[state]} ${harmless(name, 120)} ${harmless(seen, 500)}`;
}

function aboutDoor({ door, made, known }: DoorLook): string {
  if (made === 'foreign')
    return 'Drawbridge did not make this door, and leaves it alone: who did is not known here.';
  const whom = `for ${sourcesInWords(door.sources)}`;
  if (known === undefined)
    return `${door.id}, ${whom}: it stands with my tag, but the register does not know it, so neither owner nor reason can be told.`;
  const { owner, approvers, reason, endsAt, openedAt, proof, request } = known;
  const parts = [
    `${door.id}, ${whom}`,
    `<@${owner}>${approvers === undefined ? '' : `, approved by ${mentions(approvers)}`}`,
    `since ${clock(openedAt, DAY)}${endsAt === undefined ? ', until somebody closes it' : ` until ${clock(endsAt, DAY)}`}`,
    ...(reason === undefined ? [] : [`because ${harmless(reason, 300)}`]),
    ...(proof === undefined ? [] : [`last proof: ${proof.state}, ${harmless(proof.seen, 200)}`]),
    `\`/lxd requests ${request}\``,
  ];
  return parts.join(' · ');
}

function historyRow({ at, kind, user, what }: DoorLook['history'][number]): string {
  const who = user === undefined ? '' : ` <@${user}>`;
  return `${clock(at, DAY)} *${kind.replace('_', ' ')}*${who} ${harmlessWithPeople(what, 200)}`;
}
