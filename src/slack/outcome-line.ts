/** How a request ended, for its message and for its thread. Pure. */
import { harmless } from '../core/chat-text.ts';
import type { Outcome, RequestRecord } from '../core/record.ts';
import { speaks } from '../core/speaks.ts';
import { privateSideOf, publicSideOf } from '../core/step-words.ts';
import { cut, section } from './block-texts.ts';
import type { View } from './bolt.ts';

/** One or two lines under the plan. */
export function outcomeLine({ plan }: RequestRecord, outcome: Outcome): string {
  switch (outcome.kind) {
    case 'done':
      return plan?.action === 'close'
        ? `:lock: *Closed*: ${publicSideOf(plan.door)} ${outcome.proof.seen}.`
        : `:unlock: *Open*${outcome.proof.state === 'proven' ? ' and proven' : ', checked but not proven'}: ${linkOf(plan)} ${harmless(outcome.proof.seen)}.`;
    case 'unproven':
      return `:warning: *Carried out, but it does not answer*: ${linkOf(plan)} ${harmless(outcome.proof.seen)}.${brokenLine(outcome.proof.broken)}`;
    case 'refused':
      return `:no_entry_sign: *Refused*: ${outcome.message}${outcome.next === undefined ? '' : `\n${outcome.next}`}`;
    case 'denied':
      return `:no_entry: *Denied*. Nothing was changed.`;
    case 'cancelled':
      return '*Cancelled*. Nothing was changed.';
    case 'expired':
      return ':hourglass: *Expired*: nobody decided in time. Nothing was changed; ask again if it is still needed.';
    case 'failed':
      return `:x: *Failed*: ${harmless(outcome.message, 500)}${leftLine(outcome.left)}`;
  }
}

function linkOf(plan: RequestRecord['plan']): string {
  if (plan === undefined) return '';
  const { door } = plan;
  const side = publicSideOf(door);
  const scheme = door.protocol === 'udp' ? undefined : speaks(door.port);
  return scheme === undefined ? side : `<${scheme}://${side}/|${side}>`;
}

function brokenLine(broken: { hop: string; next: string } | undefined): string {
  return broken === undefined
    ? ''
    : `\nThe first hop that fails: *${harmless(broken.hop)}*. ${harmless(broken.next, 300)}`;
}

function leftLine(left: readonly string[]): string {
  if (left.length === 0) return '\nWhat had been done was taken back; nothing of it is left.';
  return `\n*Left over*, please look: ${left.map((line) => harmless(line, 300)).join('; ')}`;
}

/** The word in the thread that tells the people concerned. */
export function endedView(record: RequestRecord): View {
  const { asked, outcome, decision, plan } = record;
  const people = [...new Set([asked.requester, ...(decision?.by === undefined ? [] : [decision.by])])];
  const mentions = people.map((id) => `<@${id}>`).join(' ');
  const about = plan === undefined ? '' : ` (${privateSideOf(plan.door)})`;
  const line = outcome === undefined ? 'it ended' : outcomeLine(record, outcome);
  return {
    text: cut(`${mentions} ${asked.id}${about}: ${line}`, 3_000),
    blocks: [section(`${mentions} ${line}`)],
  };
}
