/** How a request ended, for its message and for its thread. Pure. */
import { harmless } from '../core/chat-text.ts';
import { type DoorPlan, isDoorPlan, type Plan } from '../core/plan.ts';
import type { Outcome, RequestRecord } from '../core/record.ts';
import { speaks } from '../core/speaks.ts';
import { privateSideOf, publicSideOf } from '../core/step-words.ts';
import { cut, section } from './block-texts.ts';
import type { View } from './bolt.ts';

/** One or two lines under the plan. */
export function outcomeLine(record: RequestRecord, outcome: Outcome): string {
  switch (outcome.kind) {
    case 'done':
    case 'unproven':
      return provenLine(record.plan, outcome);
    case 'refused':
      return `:no_entry_sign: *Refused*: ${outcome.message}${outcome.next === undefined ? '' : `\n${outcome.next}`}`;
    case 'denied':
      return `:no_entry: *Denied*${reasonOf(record)}. Nothing was changed.`;
    case 'cancelled':
      return '*Cancelled*. Nothing was changed.';
    case 'expired':
      return ':hourglass: *Expired*: nobody decided in time. Nothing was changed; ask again if it is still needed.';
    case 'failed':
      return `:x: *Failed*: ${harmless(outcome.message, 500)}${leftLine(record, outcome.left)}`;
  }
}

function reasonOf({ decision }: RequestRecord): string {
  return decision?.reason === undefined ? '' : `: ${harmless(decision.reason, 500)}`;
}

type Proven = Extract<Outcome, { kind: 'done' | 'unproven' }>;

function provenLine(plan: Plan | undefined, outcome: Proven): string {
  const { seen, state, broken } = outcome.proof;
  if (plan === undefined || !isDoorPlan(plan)) {
    return outcome.kind === 'done'
      ? `:white_check_mark: *Done*: ${harmless(seen, 500)}.`
      : `:warning: *Carried out, but not as it should be*: ${harmless(seen, 500)}.${brokenLine(broken)}`;
  }
  const link = linkOf(plan, outcome.address);
  if (outcome.kind === 'unproven')
    return `:warning: *Carried out, but it does not answer*: ${link} ${harmless(seen)}.${brokenLine(broken)}`;
  if (plan.action === 'close') return `:lock: *Closed*: ${publicSideOf(plan.door)} ${seen}.`;
  return `:unlock: *Open*${state === 'proven' ? ' and proven' : ', checked but not proven'}: ${link} ${harmless(seen)}.`;
}

/** @param address the public one, where the plan could not know it yet */
function linkOf({ door }: DoorPlan, address: string | undefined): string {
  const publicAddress = address ?? door.publicAddress;
  const side = publicSideOf({ ...door, publicAddress });
  const scheme = door.protocol === 'udp' || publicAddress === undefined ? undefined : speaks(door.port);
  return scheme === undefined ? side : `<${scheme}://${side}/|${side}>`;
}

function brokenLine(broken: { hop: string; next: string } | undefined): string {
  return broken === undefined
    ? ''
    : `\nThe first hop that fails: *${harmless(broken.hop)}*. ${harmless(broken.next, 300)}`;
}

function leftLine({ steps = [] }: RequestRecord, left: readonly string[]): string {
  if (left.length > 0)
    return `\n*Left over*, please look: ${left.map((line) => harmless(line, 300)).join('; ')}`;
  // Some things are not taken back, because that could only do harm.
  return steps.includes('done')
    ? '\nWhat is marked ✓ above stays as it is.'
    : '\nWhat had been done was taken back; nothing of it is left.';
}

/** The word in the thread that tells the people concerned. */
export function endedView(record: RequestRecord): View {
  const { asked, outcome, decision, plan } = record;
  const people = [...new Set([asked.requester, ...(decision?.by === undefined ? [] : [decision.by])])];
  const mentions = people.map((id) => `<@${id}>`).join(' ');
  const about = plan === undefined ? '' : ` (${isDoorPlan(plan) ? privateSideOf(plan.door) : plan.subject})`;
  const line = outcome === undefined ? 'it ended' : outcomeLine(record, outcome);
  return {
    text: cut(`${mentions} ${asked.id}${about}: ${line}`, 3_000),
    blocks: [section(`${mentions} ${line}`)],
  };
}
