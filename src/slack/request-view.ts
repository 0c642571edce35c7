/** The one message of a request, built from its record. Pure. */
import { canonicalCommand } from '../core/canonical-command.ts';
import { harmless } from '../core/chat-text.ts';
import { isDoorPlan, type Plan } from '../core/plan.ts';
import { approversOf, type Policy } from '../core/policy.ts';
import type { RequestRecord } from '../core/record.ts';
import { type ChangeCommand, nameOf, portOf } from '../core/request.ts';
import { clock, context, cut, section } from './block-texts.ts';
import type { View } from './bolt.ts';
import { decisionButtons } from './decision-buttons.ts';
import { outcomeLine } from './outcome-line.ts';
import { planBlocks } from './plan-view.ts';

/** The message as it should look now. */
export function requestView(record: RequestRecord, policy: Policy): View {
  const { asked, plan } = record;
  const { command } = asked;
  const title = titleOf(command);
  const reason = command.reason === undefined ? '' : `\n> ${harmless(command.reason, 300)}`;
  const blocks = [section(`*${title}* · \`${asked.id}\` · asked by <@${asked.requester}>${reason}`)];
  if (plan !== undefined) blocks.push(...planBlocks(record, plan));
  const status = statusOf(record, policy);
  blocks.push(section(status));
  if (record.state === 'waiting' && record.decision === undefined && plan !== undefined)
    blocks.push(decisionButtons(asked.id, plan));
  if (record.decision?.by !== undefined) blocks.push(context(decisionLine(record)));
  return { text: cut(`${title} (${asked.id}): ${status}`, 3_000), blocks };
}

/** `Expose blog:80`, or the command itself with a capital. */
function titleOf(command: ChangeCommand): string {
  if (command.action === 'expose' || command.action === 'unexpose') {
    const verb = command.action === 'expose' ? 'Expose' : 'Unexpose';
    return `${verb} ${nameOf(command.target)}:${portOf(command.port, command.protocol)}`;
  }
  const words = canonicalCommand(command);
  return `${words.slice(0, 1).toUpperCase()}${words.slice(1)}`;
}

function statusOf(record: RequestRecord, policy: Policy): string {
  if (record.outcome !== undefined) return outcomeLine(record, record.outcome);
  switch (record.state) {
    case 'planning':
      return record.asked.command.action === 'expose' ? ':mag: Looking for the road…' : ':mag: Looking…';
    case 'waiting':
      return record.decision === undefined
        ? waitingLine(record, policy)
        : ':hourglass_flowing_sand: Decided; a worker takes it up…';
    case 'approved':
      return ':hourglass_flowing_sand: Planned; a worker takes it up…';
    default:
      return ':gear: At work…';
  }
}

function waitingLine({ approval = '', waitsUntil, asked, plan }: RequestRecord, policy: Policy): string {
  const whom = approversOf(policy) || 'nobody: the policy names no approvers';
  const own = policy.ownRequests ? '' : ` — not <@${asked.requester}>`;
  const until = waitsUntil === undefined ? '' : ` Until ${clock(waitsUntil)}.`;
  return `:bell: *Needs approval*${stageOf(plan)}: ${harmless(approval, 500)}.\nMay decide: ${whom}${own}.${until}`;
}

function stageOf(plan: Plan | undefined): string {
  if (plan === undefined || isDoorPlan(plan) || plan.approvals === 1) return '';
  return plan.stage === 1
    ? ' (the first of two approvals)'
    : ' once more (the second approval; then it is done)';
}

function decisionLine({ decision }: RequestRecord): string {
  const verbs = {
    approved: ':white_check_mark: Approved',
    denied: ':no_entry: Denied',
    cancelled: 'Cancelled',
    expired: 'Expired',
  };
  if (decision?.by === undefined) return '';
  return `${verbs[decision.verdict]} by <@${decision.by}> at ${clock(decision.at)}`;
}
