/** What the registers hold, as private messages: doors, requests, one request in full, help. Pure. */

import { canonicalCommand } from '../../core/commands/canonical-command.ts';
import { harmless, harmlessWithPeople } from '../../core/commands/chat-text.ts';
import { ACTION_NAMES, COMMANDS } from '../../core/commands/help.ts';
import { nearest } from '../../core/commands/nearest.ts';
import { whyText } from '../../core/commands/why-command.ts';
import { type Difference, differenceInWords } from '../../core/differences/difference.ts';
import { outcomeInWords } from '../../core/outcome-words.ts';
import type { Door, RequestRecord } from '../../core/record.ts';
import type { ActionName } from '../../core/request.ts';
import { sourcesInWords } from '../../core/sources.ts';
import { privateSideOf, publicSideOf } from '../../core/step-words.ts';
import type { AuditEntry } from '../../records/audit.ts';
import type { View } from '../bolt.ts';
import { textView } from './answer-view.ts';
import { clock, context, cut, DAY, lines, mentions, section } from './block-texts.ts';

/** The doors in the register, with what differs from that. */
export function doorsView(
  doors: readonly Door[],
  filter?: string,
  differences: readonly Difference[] = [],
): View {
  const shown = filter === undefined ? doors : doors.filter((door) => fits(door, filter));
  if (shown.length === 0) {
    const where = filter === undefined ? '' : ` for \`${harmless(filter, 60)}\``;
    return textView(`No doors are open${where}. Open one: \`/lxd ${COMMANDS.expose.example}\``);
  }
  const rows = shown.map((door) => `${doorRow(door)}${marksOf(door, differences)}`);
  const title = `*${shown.length} door${shown.length === 1 ? '' : 's'}*`;
  const [first] = shown;
  const more =
    first === undefined ? [] : [context(`\`/lxd ${whyText(first)}\` looks at the road of one, hop by hop.`)];
  return {
    text: cut([title, ...rows].join('\n'), 3_000),
    blocks: [section(title), ...lines(rows), ...more],
  };
}

function fits({ host, instance }: Door, filter: string): boolean {
  return instance === filter || `${host}/${instance}` === filter || host === filter;
}

function doorRow(door: Door): string {
  const states = { proven: 'proven', checked: 'checked, not proven', broken: ':warning: did not answer' };
  const approved = door.approvers === undefined ? '' : `, approved by ${mentions(door.approvers)}`;
  const end = door.endsAt === undefined ? '' : `, until ${clock(door.endsAt, DAY)}`;
  const reason = door.reason === undefined ? '' : ` — ${harmless(door.reason, 100)}`;
  const row = `:door: *${publicSideOf(door)}* → \`${privateSideOf(door)}\` for ${sourcesInWords(door.sources)}`;
  const about = `via ${door.road} · <@${door.owner}>${approved} · since ${clock(door.openedAt, DAY)}${reason}`;
  return `${row} · ${states[door.proof.state]}${end}\n      ${about}`;
}

function marksOf({ id }: Door, differences: readonly Difference[]): string {
  return differences
    .filter(({ door }) => door.id === id)
    .map(({ name, detail }) => `\n      :warning: ${differenceInWords(name)}: ${harmless(detail, 300)}`)
    .join('');
}

/** The newest requests. */
export function requestsView(records: readonly RequestRecord[]): View {
  if (records.length === 0)
    return textView('No requests yet. Try `/lxd plan expose blog 80`: it changes nothing.');
  const rows = records.map((record) => {
    const how = record.outcome === undefined ? stateInWords(record) : outcomeInWords(record.outcome);
    const { id, command, requester, at } = record.asked;
    return `\`${id}\` ${canonicalCommand(command)} · <@${requester}> · ${clock(at, DAY)} · ${harmlessWithPeople(how, 200)}`;
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
    return `${clock(at, '{date_short_pretty} {time_secs}')} *${kind.replace('_', ' ')}*${who} ${harmlessWithPeople(what, 600)}`;
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
  const rows = names.map((name) => `\`${shortUsage(name)}\` ${COMMANDS[name].does}`);
  const title = '*Drawbridge* opens doors to LXD instances, and looks after the instances and their hosts.';
  const more = `Behind \`/lxd\` or a mention. \`/lxd help ${names[0]}\` says all that may stand behind one.`;
  return {
    text: cut([title, ...rows].join('\n'), 3_000),
    blocks: [section(title), ...lines(rows), context(more)],
  };
}

/** Without what may be left out: so many commands are too long for a phone as it is. */
function shortUsage(name: ActionName): string {
  const [first = ''] = COMMANDS[name].usage.split('   ');
  const inner = /\[[^[\]]*\]/g;
  return first.replace(inner, '').replace(inner, '').replace(/\s+/g, ' ').trim();
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
