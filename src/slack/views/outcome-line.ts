/** How a request ended, for its message and for its thread. Pure. */

import { harmless } from '../../core/commands/chat-text.ts';
import { whyText } from '../../core/commands/why-command.ts';
import { doorEndInWords } from '../../core/door-end.ts';
import { type DoorPlan, isDoorPlan, type Plan } from '../../core/plan.ts';
import type { Outcome, RequestRecord } from '../../core/record.ts';
import { speaks } from '../../core/speaks.ts';
import { privateSideOf, publicSideOf } from '../../core/step-words.ts';
import type { View } from '../bolt.ts';
import { clock, cut, DAY, section } from './block-texts.ts';

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
      return cancelledLine(outcome);
    case 'expired':
      return ':hourglass: *Expired*: nobody decided in time. Nothing was changed; ask again if it is still needed.';
    case 'failed':
      return `:x: *Failed*: ${harmless(outcome.message, 500)}${leftLine(record, outcome.left)}`;
  }
}

function reasonOf({ decision }: RequestRecord): string {
  return decision?.reason === undefined ? '' : `: ${harmless(decision.reason, 500)}`;
}

/** What was taken back, and what has to be looked at. */
function cancelledLine({ by, undone = [], left = [] }: Extract<Outcome, { kind: 'cancelled' }>): string {
  const title = `*Cancelled* by <@${by}>.`;
  if (undone.length + left.length === 0) return `${title} Nothing was changed.`;
  const back = undone.length === 0 ? '' : `\n*Taken back*: ${listOf(undone)}.`;
  const there =
    left.length === 0
      ? ' Nothing of it is left.'
      : `\n:warning: *Still there*, please look: ${listOf(left)}.`;
  return `${title}${back}${there}`;
}

function listOf(all: readonly string[]): string {
  return all.map((line) => harmless(line, 300)).join('; ');
}

type Proven = Extract<Outcome, { kind: 'done' | 'unproven' }>;

function provenLine(plan: Plan | undefined, outcome: Proven): string {
  const { seen, state, broken } = outcome.proof;
  if (plan === undefined || !isDoorPlan(plan)) {
    return outcome.kind === 'done'
      ? `:white_check_mark: *Done*: ${harmless(seen, 500)}.`
      : `:warning: *Carried out, but not as it should be*: ${harmless(seen, 500)}.${wrongLine(broken)}`;
  }
  const link = linkOf(plan, outcome.address);
  if (outcome.kind === 'unproven')
    return `:warning: *Carried out, but it does not answer*: ${link} ${harmless(seen)}.${untilLine(plan)}${brokenLine(broken)}\n\`/lxd ${whyText(plan.door)}\` looks at its road hop by hop.`;
  if (plan.action === 'close') return `:lock: *Closed*: ${publicSideOf(plan.door)} ${seen}.`;
  return `:unlock: *Open*${state === 'proven' ? ' and proven' : ', checked but not proven'}: ${link} ${harmless(seen)}.${untilLine(plan)}`;
}

function untilLine(plan: DoorPlan): string {
  const when = doorEndInWords(plan);
  return when === undefined ? '' : ` Drawbridge closes it ${when}.`;
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

/** Of a plan about a host, instances or many doors, which have no single road. */
function wrongLine(broken: { hop: string; next: string } | undefined): string {
  return broken === undefined ? '' : `\n${harmless(broken.hop, 1_000)}. ${harmless(broken.next, 300)}`;
}

function leftLine({ steps = [] }: RequestRecord, left: readonly string[]): string {
  if (left.length > 0) return `\n*Left over*, please look: ${listOf(left)}`;
  // Some things are not taken back, because that could only do harm.
  return steps.includes('done')
    ? '\nWhat is marked ✓ above stays as it is.'
    : '\nWhat had been done was taken back; nothing of it is left.';
}

/** Of a closing that nobody asked for: why, and what happens where it did not close. */
function endLine({ asked: { byItself, due }, outcome }: RequestRecord): string {
  if (byItself !== 'end') return '';
  const when = due === undefined ? '' : ` at ${clock(due, DAY)}`;
  const closed = outcome?.kind === 'done' || outcome?.kind === 'unproven';
  if (closed) return ` Its end had come${when}.`;
  return `\nThe end of this door came${when}. If it is still open, Drawbridge asks again by itself; \`/lxd doors\` shows it.`;
}

/** The word in the thread that tells the people concerned. */
export function endedView(record: RequestRecord): View {
  const { asked, outcome, decision, plan } = record;
  const { requester, concerns = [] } = asked;
  const canceller = outcome?.kind === 'cancelled' ? outcome.by : undefined;
  const concerned = [
    requester,
    ...concerns,
    ...(decision?.approvals ?? []).map(({ by }) => by),
    decision?.by,
    canceller,
  ].filter((each) => each !== undefined);
  const people = [...new Set(concerned)];
  const mentions = people.map((id) => `<@${id}>`).join(' ');
  const subject = plan && (isDoorPlan(plan) ? privateSideOf(plan.door) : plan.subject);
  const about = subject === undefined ? '' : ` (${subject})`;
  // A thread of people may be about several requests.
  const which = subject === undefined ? '' : ` \`${subject}\``;
  const line = `${outcome === undefined ? 'it ended' : outcomeLine(record, outcome)}${endLine(record)}`;
  return {
    text: cut(`${mentions} ${asked.id}${about}: ${line}`, 3_000),
    blocks: [section(`${mentions}${which} ${line}`)],
  };
}
