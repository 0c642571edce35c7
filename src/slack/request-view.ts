/** The one message of a request, built from its record. Pure. */
import { harmless } from '../core/chat-text.ts';
import type { Plan } from '../core/plan.ts';
import { approversOf, type Policy } from '../core/policy.ts';
import type { RequestRecord, StepState } from '../core/record.ts';
import { nameOf, portOf } from '../core/request.ts';
import { privateSideOf, publicSideOf, sourcesInWords, stepInWords } from '../core/step-words.ts';
import { clock, context, cut, section } from './block-texts.ts';
import type { Block, View } from './bolt.ts';
import { outcomeLine } from './outcome-line.ts';

export const APPROVE = 'approve_request';
export const DENY = 'deny_request';

/** The message as it should look now. */
export function requestView(record: RequestRecord, policy: Policy): View {
  const { asked, plan } = record;
  const { command } = asked;
  const title = `${command.action === 'expose' ? 'Expose' : 'Unexpose'} ${nameOf(command.target)}:${portOf(command.port, command.protocol)}`;
  const reason = command.reason === undefined ? '' : `\n> ${harmless(command.reason, 300)}`;
  const blocks = [section(`*${title}* · \`${asked.id}\` · asked by <@${asked.requester}>${reason}`)];
  if (plan !== undefined) blocks.push(...planBlocks(record, plan));
  const status = statusOf(record, policy);
  blocks.push(section(status));
  if (record.state === 'waiting' && record.decision === undefined && plan !== undefined)
    blocks.push(buttons(asked.id, plan));
  if (record.decision?.by !== undefined) blocks.push(context(decisionLine(record)));
  return { text: cut(`${title} (${asked.id}): ${status}`, 3_000), blocks };
}

function planBlocks({ steps = [], changed = [] }: RequestRecord, plan: Plan): Block[] {
  const { door } = plan;
  const verb = plan.action === 'open' ? 'opens' : 'closes';
  const summary = `${verb} *${publicSideOf(door)}* → ${privateSideOf(door)} for ${sourcesInWords(door.sources)}`;
  const list = plan.steps.map((step, index) => `${mark(steps[index])} ${stepInWords(step)}`);
  const blocks = [section([summary, ...list].join('\n'))];
  if (plan.action === 'open')
    blocks.push(context(`Road — ${plan.why.map((line) => harmless(line, 300)).join('; ')}`));
  if (plan.warnings.length > 0)
    blocks.push(context(plan.warnings.map((line) => `:warning: ${harmless(line, 300)}`).join('\n')));
  if (changed.length > 0) {
    const list = changed.map((line) => `• ${harmless(line, 300)}`).join('\n');
    blocks.push(section(`*The world changed since the approval, so it no longer holds:*\n${list}`));
  }
  return blocks;
}

/** Shape and word together, so that nothing depends on colour or on the picture alone. */
function mark(state: StepState = 'waiting'): string {
  const marks: Record<StepState, string> = {
    waiting: '▫︎',
    running: '▸ _now:_',
    done: '✓',
    failed: '✗ _failed:_',
    undone: '↩︎ _taken back:_',
    left: '⚠︎ _still there:_',
  };
  return marks[state];
}

function statusOf(record: RequestRecord, policy: Policy): string {
  if (record.outcome !== undefined) return outcomeLine(record, record.outcome);
  switch (record.state) {
    case 'planning':
      return ':mag: Looking for the road…';
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

function waitingLine({ approval = '', waitsUntil, asked }: RequestRecord, policy: Policy): string {
  const whom = approversOf(policy) || 'nobody: the policy names no approvers';
  const own = policy.ownRequests ? '' : ` — not <@${asked.requester}>`;
  const until = waitsUntil === undefined ? '' : ` Until ${clock(waitsUntil)}.`;
  return `:bell: *Needs approval*: ${approval}.\nMay decide: ${whom}${own}.${until}`;
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

/** The block's id says which plan was shown: a click on an older one must not decide on a newer one. */
function buttons(id: string, { fingerprint }: Plan): Block {
  return {
    type: 'actions',
    block_id: `plan-${fingerprint}`,
    elements: [
      {
        type: 'button',
        action_id: APPROVE,
        style: 'primary',
        text: { type: 'plain_text', text: 'Approve' },
        value: id,
      },
      {
        type: 'button',
        action_id: DENY,
        style: 'danger',
        text: { type: 'plain_text', text: 'Deny' },
        value: id,
      },
    ],
  };
}

/** The fingerprint in the id of a block of buttons. */
export function planShown(blockId: string): string | undefined {
  return /^plan-([0-9a-f]{32})$/.exec(blockId)?.[1];
}
