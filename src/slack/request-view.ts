/** The one message of a request, built from its record. Pure. */
import { canonicalCommand } from '../core/canonical-command.ts';
import { harmless } from '../core/chat-text.ts';
import type { Policy } from '../core/policy.ts';
import type { RequestRecord } from '../core/record.ts';
import { type ChangeCommand, nameOf, portOf } from '../core/request.ts';
import { peopleInWords, waitingLines } from './approval-line.ts';
import { context, cut, section } from './block-texts.ts';
import type { View } from './bolt.ts';
import { decisionButtons } from './decision-buttons.ts';
import { outcomeLine } from './outcome-line.ts';
import { planBlocks } from './plan-view.ts';

/** The message as it should look at a time, milliseconds since 1970. */
export function requestView(record: RequestRecord, policy: Policy, now: number = Date.now()): View {
  const { asked, plan } = record;
  const { command } = asked;
  const title = titleOf(command);
  const reason = command.reason === undefined ? '' : `\n> ${harmless(command.reason, 300)}`;
  const blocks = [section(`*${title}* · \`${asked.id}\` · asked by <@${asked.requester}>${reason}`)];
  if (plan !== undefined) blocks.push(...planBlocks(record, plan));
  const status = statusOf(record, policy, now);
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

function statusOf(record: RequestRecord, policy: Policy, now: number): string {
  if (record.outcome !== undefined) return outcomeLine(record, record.outcome);
  switch (record.state) {
    case 'planning':
      return record.asked.command.action === 'expose' ? ':mag: Looking for the road…' : ':mag: Looking…';
    case 'waiting':
      return record.decision === undefined
        ? waitingLines(record, policy, now)
        : ':hourglass_flowing_sand: Decided; a worker takes it up…';
    case 'approved':
      return ':hourglass_flowing_sand: Planned; a worker takes it up…';
    default:
      return ':gear: At work…';
  }
}

function decisionLine({ decision }: RequestRecord): string {
  const verbs = {
    approved: ':white_check_mark: Approved',
    denied: ':no_entry: Denied',
    cancelled: 'Cancelled',
    expired: 'Expired',
  };
  if (decision?.by === undefined) return '';
  const by = peopleInWords(decision.approvals ?? [{ by: decision.by, groups: [], at: decision.at }]);
  return `${verbs[decision.verdict]} by ${by}`;
}
