/** The one message of a request, built from its record. Pure. */
import { canonicalCommand } from '../../core/commands/canonical-command.ts';
import { harmless } from '../../core/commands/chat-text.ts';
import { differenceInWords } from '../../core/differences/difference.ts';
import { isDoorPlan, type Plan } from '../../core/plan.ts';
import type { Policy } from '../../core/policy.ts';
import type { RequestRecord } from '../../core/record.ts';
import { type ChangeCommand, nameOf, portOf } from '../../core/request.ts';
import type { Block, View } from '../bolt.ts';
import { peopleInWords, waitingLines } from './approval-line.ts';
import { clock, context, cut, DAY, section } from './block-texts.ts';
import { cancelRow } from './cancel-button.ts';
import { decisionButtons } from './decision-buttons.ts';
import { outcomeLine } from './outcome-line.ts';
import { planBlocks, sketchBlocks } from './plan-view.ts';

/**
 * The message as it should look at a time, milliseconds since 1970. What waits is read from the plan down to the buttons; once it is
 * decided how it goes stands first, since nobody scrolls for that.
 */
export function requestView(record: RequestRecord, policy: Policy, now: number = Date.now()): View {
  const { asked, plan } = record;
  const { command } = asked;
  const title = titleOf(command);
  const reason = command.reason === undefined ? '' : `\n> ${harmless(command.reason, 300)}`;
  const head = section(`*${title}* · \`${asked.id}\` · ${whyOf(record)}${reason}`);
  const status = statusOf(record, policy, now);
  const shown = plan === undefined ? [] : planOf(record, plan);
  const isOpen = record.state === 'waiting' && record.decision === undefined;
  const blocks = isOpen
    ? [head, ...shown, section(status), ...(plan === undefined ? [] : [decisionButtons(record, plan)])]
    : [head, section(status), ...decisionOf(record), ...shown, ...cancelRow(record)];
  return { text: cut(`${title} (${asked.id}): ${status}`, 3_000), blocks };
}

/** Of what was never begun no steps are shown. */
function planOf(record: RequestRecord, plan: Plan): Block[] {
  const { outcome, changed = [] } = record;
  const never = ['denied', 'expired', 'refused'].includes(outcome?.kind ?? '');
  return never && changed.length === 0 ? sketchBlocks(plan) : planBlocks(record, plan);
}

function decisionOf(record: RequestRecord): Block[] {
  return record.decision?.by === undefined ? [] : [context(decisionLine(record))];
}

/** Who asked, or what had it asked. */
function whyOf({ asked: { requester, byItself, due, difference } }: RequestRecord): string {
  if (byItself === undefined) return `asked by <@${requester}>`;
  if (byItself === 'difference') {
    const words = difference === undefined ? 'it differs' : differenceInWords(difference).toLowerCase();
    return `by itself: ${words}, owner <@${requester}>`;
  }
  return `its end has come${due === undefined ? '' : ` (${clock(due, DAY)})`}, owner <@${requester}>`;
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
      return workLine(record);
  }
}

/** While its steps run, or what they did is taken back. */
function workLine({ cancelWish, steps = [], plan, estimate }: RequestRecord): string {
  if (cancelWish !== undefined)
    return `:leftwards_arrow_with_hook: <@${cancelWish.by}> cancelled it; what was done is being taken back…`;
  const left = estimate === undefined ? '' : ` · ${estimate}`;
  const { length } = steps;
  const done = steps.filter((state) => state === 'done').length;
  if (length > 0 && done === length)
    return `:gear: ${length === 1 ? 'Done' : `All ${length} steps done`}; ${plan && isDoorPlan(plan) ? 'knocking from outside' : 'looking what came of it'}…`;
  const place = Math.max(steps.indexOf('running'), steps.indexOf('failed'), Math.min(done, length - 1)) + 1;
  return length > 1 ? `:gear: At work: step ${place} of ${length}${left}` : `:gear: At work${left}…`;
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
