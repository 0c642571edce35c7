/**
 * Takes a request back: before its steps begin by competing for the one decision, or for its next move; from then on by a wish that its
 * worker obeys. There is one outcome whoever is first.
 */

import { outcomeInWords } from '../../core/outcome-words.ts';
import { mayDecide } from '../../core/policy.ts';
import type { RequestRecord } from '../../core/record.ts';
import { refuse } from '../../core/refusal.ts';
import type { Asked } from '../../core/request.ts';
import { needOf } from '../../core/rules/ruling.ts';
import type { View } from '../bolt.ts';
import type { CommandTools } from '../command-tools.ts';
import { refusalView, textView } from '../views/answer-view.ts';

/** Cancels for the requester, or for somebody who could decide. */
export async function cancelRequest(id: string, user: string, tools: CommandTools): Promise<View> {
  const record = await tools.records.requests.get(id);
  if (record === undefined)
    return refusalView(
      refuse(
        'not_found',
        `There is no request \`${id.replace(/`/g, '')}\`.`,
        '`/lxd requests` shows the latest.',
      ),
    );
  const person = await tools.people.person(user);
  const need = record.approval?.need ?? needOf(tools.policy());
  const { requester } = record.asked;
  if (requester !== user && !mayDecide(tools.policy(), person, requester, need).may) {
    const message = `\`${id}\` is <@${requester}>’s; they or an approver can cancel it.`;
    await tools.records.audit.add({ kind: 'refused', request: id, user, what: message });
    return refusalView(refuse('not_permitted', message));
  }
  return cancelAsItIs(record, user, tools);
}

/** What has not begun ends at once; what runs is taken back by its worker. */
async function cancelAsItIs(record: RequestRecord, by: string, tools: CommandTools): Promise<View> {
  const { state, plan, decision, asked } = record;
  if (state === 'ended') return tooLate(asked.id, by, whyEnded(record), tools);
  if (state === 'applying') return cancelRunning(record, by, tools);
  if (state === 'waiting' && decision === undefined && plan !== undefined)
    return cancelWaiting(record, plan.fingerprint, by, tools);
  if (decision !== undefined && decision.verdict !== 'approved')
    return tooLate(asked.id, by, `Too late: \`${asked.id}\` is ${decision.verdict} already.`, tools);
  return cancelUnbegun(record, by, tools);
}

/** Competes with the worker that is about to begin: one of the two moves the request. */
async function cancelUnbegun(
  { asked, state }: RequestRecord,
  by: string,
  tools: CommandTools,
): Promise<View> {
  const { requests, audit } = tools.records;
  const fields = { outcome: { kind: 'cancelled', by } as const, endedAt: Date.now() };
  if (!(await requests.move(asked.id, [state], 'ended', fields))) return cancelRequest(asked.id, by, tools);
  await audit.add({ kind: 'ended', request: asked.id, user: by, what: 'cancelled' });
  await show(asked, tools);
  await requests.told(asked.id);
  const after = state === 'planning' ? '' : ' before its first step';
  return textView(`\`${asked.id}\` is cancelled${after}. Nothing was changed.`);
}

async function cancelWaiting(
  { asked }: RequestRecord,
  fingerprint: string,
  by: string,
  tools: CommandTools,
): Promise<View> {
  const decision = { verdict: 'cancelled', by, at: Date.now() } as const;
  const { won, holds } = await tools.records.decisions.decide(asked.id, fingerprint, decision);
  if (!won) {
    const again = holds.verdict === 'approved' ? ' Cancel it once more to stop what runs now.' : '';
    return tooLate(asked.id, by, `Too late: \`${asked.id}\` was ${holds.verdict} already.${again}`, tools);
  }
  await tools.records.audit.add({
    kind: 'decided',
    request: asked.id,
    user: by,
    plan: fingerprint,
    what: 'cancelled',
  });
  await tools.queues.release({ request: asked.id, fingerprint });
  await show(asked, tools);
  return textView(`\`${asked.id}\` is cancelled. Nothing was changed.`);
}

/** Keeps the wish; the worker finds it before the next step, or in the middle of one that waits. */
async function cancelRunning({ asked }: RequestRecord, by: string, tools: CommandTools): Promise<View> {
  const { id } = asked;
  const wished = await tools.records.requests.wishCancel(id, { by, at: Date.now() });
  switch (wished.kind) {
    case 'elsewhere':
      return cancelRequest(id, by, tools);
    case 'sealed':
      return tooLate(
        id,
        by,
        `Too late: \`${id}\` goes on to its end, for ${wished.why}.${wayBack(asked)}`,
        tools,
      );
    case 'wished':
      return tooLate(id, by, `\`${id}\` is being cancelled already, by <@${wished.wish.by}>.`, tools);
    case 'kept':
      await tools.records.audit.add({
        kind: 'cancel_wished',
        request: id,
        user: by,
        what: 'while its steps run',
      });
      await show(asked, tools);
      return textView(
        `\`${id}\` is being cancelled: what it has done is taken back. The message shows how it goes.`,
      );
  }
}

async function show({ id, channel }: Asked, { records }: CommandTools): Promise<void> {
  await records.outbox.add(channel, { kind: 'request', request: id });
}

async function tooLate(id: string, user: string, what: string, { records }: CommandTools): Promise<View> {
  await records.audit.add({ kind: 'refused', request: id, user, what });
  return textView(what);
}

function whyEnded({ asked, outcome }: RequestRecord): string {
  const how = outcome === undefined ? '' : `: ${outcomeInWords(outcome)}`;
  return `\`${asked.id}\` has ended already${how}.`;
}

/** What to do about what has been opened. */
function wayBack({ command }: Asked): string {
  return command.action === 'expose' ? ' `/lxd unexpose` closes what it opens.' : '';
}
