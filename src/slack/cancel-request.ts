/** Takes a request back before its steps begin. Competes with approve, deny and expire for the one decision. */

import { outcomeInWords } from '../core/outcome-words.ts';
import { mayDecide } from '../core/policy.ts';
import type { RequestRecord } from '../core/record.ts';
import { refuse } from '../core/refusal.ts';
import { needOf } from '../core/rules/ruling.ts';
import { refusalView, textView } from './answer-view.ts';
import type { View } from './bolt.ts';
import type { CommandTools } from './command-tools.ts';

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
  if (record.state === 'planning') return cancelPlanning(record, user, tools);
  if (record.state === 'waiting' && record.plan !== undefined)
    return cancelWaiting(record, record.plan.fingerprint, user, tools);
  return tooLate(id, user, whyTooLate(record), tools);
}

async function cancelPlanning({ asked }: RequestRecord, by: string, tools: CommandTools): Promise<View> {
  const { requests, audit, outbox } = tools.records;
  const fields = { outcome: { kind: 'cancelled', by } as const, endedAt: Date.now() };
  if (!(await requests.move(asked.id, ['planning'], 'ended', fields)))
    return cancelRequest(asked.id, by, tools);
  await audit.add({ kind: 'ended', request: asked.id, user: by, what: 'cancelled' });
  await outbox.add(asked.channel, { kind: 'request', request: asked.id });
  return textView(`\`${asked.id}\` is cancelled. Nothing was changed.`);
}

async function cancelWaiting(
  { asked }: RequestRecord,
  fingerprint: string,
  by: string,
  tools: CommandTools,
): Promise<View> {
  const decision = { verdict: 'cancelled', by, at: Date.now() } as const;
  const { won, holds } = await tools.records.decisions.decide(asked.id, fingerprint, decision);
  if (!won) return tooLate(asked.id, by, `Too late: \`${asked.id}\` was ${holds.verdict} already.`, tools);
  await tools.records.audit.add({
    kind: 'decided',
    request: asked.id,
    user: by,
    plan: fingerprint,
    what: 'cancelled',
  });
  await tools.queues.release({ request: asked.id, fingerprint });
  await tools.records.outbox.add(asked.channel, { kind: 'request', request: asked.id });
  return textView(`\`${asked.id}\` is cancelled. Nothing was changed.`);
}

async function tooLate(id: string, user: string, what: string, { records }: CommandTools): Promise<View> {
  await records.audit.add({ kind: 'refused', request: id, user, what });
  return textView(what);
}

function whyTooLate({ asked, outcome }: RequestRecord): string {
  if (outcome !== undefined) return `\`${asked.id}\` has ended already: ${outcomeInWords(outcome)}.`;
  const next = asked.command.action === 'expose' ? ' `/lxd unexpose` closes what it opens.' : '';
  return `Too late: the steps of \`${asked.id}\` run already.${next}`;
}
