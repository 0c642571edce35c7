/** What the registers hold, as private messages: doors, requests, one request in full, help. Pure. */

import { canonicalCommand } from '../core/canonical-command.ts';
import { harmless } from '../core/chat-text.ts';
import { ACTION_NAMES, COMMANDS } from '../core/help.ts';
import { nearest } from '../core/nearest.ts';
import { outcomeInWords } from '../core/outcome-words.ts';
import type { Door, RequestRecord } from '../core/record.ts';
import type { ActionName } from '../core/request.ts';
import { sourcesInWords } from '../core/sources.ts';
import { privateSideOf, publicSideOf } from '../core/step-words.ts';
import type { AuditEntry } from '../records/audit.ts';
import { textView } from './answer-view.ts';
import { clock, context, cut, lines, section } from './block-texts.ts';
import type { View } from './bolt.ts';

const DAY = '{date_short_pretty} {time}';

/** The doors in the register. */
export function doorsView(doors: readonly Door[], filter?: string): View {
  const shown = filter === undefined ? doors : doors.filter((door) => fits(door, filter));
  if (shown.length === 0) {
    const where = filter === undefined ? '' : ` for \`${harmless(filter, 60)}\``;
    return textView(`No doors are open${where}. Open one: \`/lxd ${COMMANDS.expose.example}\``);
  }
  const rows = shown.map(doorRow);
  const title = `*${shown.length} door${shown.length === 1 ? '' : 's'}*`;
  return { text: cut([title, ...rows].join('\n'), 3_000), blocks: [section(title), ...lines(rows)] };
}

function fits({ host, instance }: Door, filter: string): boolean {
  return instance === filter || `${host}/${instance}` === filter || host === filter;
}

function doorRow(door: Door): string {
  const states = { proven: 'proven', checked: 'checked, not proven', broken: ':warning: did not answer' };
  const approved = door.approver === undefined ? '' : `, approved by <@${door.approver}>`;
  const reason = door.reason === undefined ? '' : ` — ${harmless(door.reason, 100)}`;
  const row = `:door: *${publicSideOf(door)}* → \`${privateSideOf(door)}\` for ${sourcesInWords(door.sources)} via ${door.road}`;
  return `${row} · ${states[door.proof.state]} · <@${door.owner}>${approved} · ${clock(door.openedAt, DAY)}${reason}`;
}

/** The newest requests. */
export function requestsView(records: readonly RequestRecord[]): View {
  if (records.length === 0)
    return textView('No requests yet. Try `/lxd plan expose blog 80`: it changes nothing.');
  const rows = records.map((record) => {
    const how = record.outcome === undefined ? stateInWords(record) : outcomeInWords(record.outcome);
    const { id, command, requester, at } = record.asked;
    return `\`${id}\` ${canonicalCommand(command)} · <@${requester}> · ${clock(at, DAY)} · ${harmless(how, 200)}`;
  });
  return {
    text: cut(rows.join('\n'), 3_000),
    blocks: [...lines(rows), context('`/lxd requests <request>` shows all of one.')],
  };
}

function stateInWords({ state, decision }: RequestRecord): string {
  return state === 'waiting' && decision === undefined ? 'waits for a decision' : state;
}

/** Everything that happened to one request, from the audit. */
export function historyView(record: RequestRecord, entries: readonly AuditEntry[]): View {
  const { id, command } = record.asked;
  const rows = entries.map(({ at, kind, user, what }) => {
    const who = user === undefined ? '' : ` <@${user}>`;
    return `${clock(at, '{date_short_pretty} {time_secs}')} *${kind.replace('_', ' ')}*${who} ${harmless(what, 600)}`;
  });
  const title = `*${id}* ${canonicalCommand(command)}`;
  return { text: cut([title, ...rows].join('\n'), 3_000), blocks: [section(title), ...lines(rows)] };
}

/** All commands, those of a first word, or one in full. */
export function helpView(topic?: string): View {
  if (topic === undefined) return overview(ACTION_NAMES);
  const words = topic.toLowerCase().split(' ');
  const action = [words.join(' '), words[0] ?? ''].flatMap((name) =>
    ACTION_NAMES.filter((known) => known === name),
  )[0];
  if (action !== undefined) return commandHelp(action);
  const family = ACTION_NAMES.filter((name) => name.startsWith(`${words[0]} `));
  if (family.length > 0) return overview(family);
  const close = nearest(words.join(' '), ACTION_NAMES)[0];
  return textView(
    `There is no command \`${harmless(topic, 40)}\`.${close === undefined ? '' : ` Did you mean \`help ${close}\`?`}`,
  );
}

function overview(names: readonly ActionName[]): View {
  const rows = names.map((name) => `\`/lxd ${COMMANDS[name].usage}\`\n      ${COMMANDS[name].does}`);
  const title = '*Drawbridge* opens doors to LXD instances, and looks after the instances and their hosts.';
  return { text: cut(rows.join('\n'), 3_000), blocks: [section(title), ...lines(rows)] };
}

function commandHelp(action: ActionName): View {
  const { usage, does, example, details } = COMMANDS[action];
  const rows = [
    `\`/lxd ${usage}\``,
    `It ${does}.`,
    ...(details === undefined ? [] : [details]),
    `Example: \`/lxd ${example}\``,
  ];
  return textView(rows.join('\n'));
}
