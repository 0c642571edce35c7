/** The audit as messages: a page of it for one person, a batch of it for the channel that mirrors it. Pure. */

import type { AuditHead, ChainedEntry } from '../../core/audit/audit-chain.ts';
import type { AuditCommand } from '../../core/audit/audit-query.ts';
import { auditInWords } from '../../core/commands/audit-command.ts';
import { harmless } from '../../core/commands/chat-text.ts';
import type { View } from '../bolt.ts';
import { textView } from './answer-view.ts';
import { clock, context, cut, lines, section } from './block-texts.ts';

/** Entries, the newest first, and how to see older ones where there are any. */
export function auditPageView(
  { entries, more }: { entries: readonly ChainedEntry[]; more: boolean },
  command: AuditCommand,
): View {
  const last = entries.at(-1);
  if (last === undefined)
    return textView(`The audit has nothing for \`${harmless(auditInWords(command), 200)}\`.`);
  const rows = entries.map((entry) => auditRow(entry, 300));
  const older = `Older: \`/lxd ${harmless(auditInWords({ ...command, before: last.seq }), 200)}\``;
  const blocks = [...lines(rows), ...(more ? [context(older)] : [])];
  return { text: cut(rows.join('\n'), 3_000), blocks };
}

/** A batch, and the hash that proves later that nothing up to here was changed since. */
export function auditMirrorView(entries: readonly ChainedEntry[], { count, hash }: AuditHead): View {
  const rows = entries.map((entry) => auditRow(entry, 200));
  return { text: cut(rows.join('\n'), 3_000), blocks: [...lines(rows), headBlock(count, hash)] };
}

/** The first message in a channel. */
export function mirrorBeginsView({ count, hash }: AuditHead): View {
  const text = 'Decisions, refusals, ends of requests and changes of the policy are shown here from now on.';
  return { text, blocks: [section(text), headBlock(count, hash)] };
}

function headBlock(count: number, hash: string) {
  return context(`The audit up to entry ${count}: \`${hash}\``);
}

function auditRow({ seq, at, kind, user, request, about, what }: ChainedEntry, most: number): string {
  const who = user === undefined ? '' : ` <@${user}>`;
  const which = [request, about].flatMap((each) =>
    each === undefined ? [] : [` \`${harmless(each, 80)}\``],
  );
  const when = clock(at, '{date_short_pretty} {time_secs}');
  return `\`${seq}\` ${when} *${kind.replace('_', ' ')}*${who}${which.join('')} ${harmless(what, most)}`;
}
