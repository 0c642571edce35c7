/** The policy, asked by the worker itself: whatever is in a queue, and however it came there, goes no further than the policy lets it. */

import type { Plan } from '../src/core/plan.ts';
import { mayDecide, mayUse, refusalOf } from '../src/core/policy.ts';
import type { RequestRecord } from '../src/core/record.ts';
import { type Refusal, refuse } from '../src/core/refusal.ts';
import type { Asked } from '../src/core/request.ts';
import { factsOfPlan, type LabelsOf } from '../src/core/rules/facts.ts';
import type { Need } from '../src/core/rules/rule.ts';
import { type Ruling, rulingOn } from '../src/core/rules/ruling.ts';
import type { Tools } from './tools.ts';

type RuleTools = Pick<Tools, 'policy' | 'hosts' | 'clouds'>;

/** A refusal where the requester may not use the command at all. */
export function mayAsk(
  { requester, groups = [], command }: Asked,
  { policy }: RuleTools,
): Refusal | undefined {
  if (mayUse(policy(), { user: requester, groups }, command.action)) return undefined;
  return refuse(
    'not_permitted',
    refusalOf(policy(), command.action),
    'Whoever keeps the policy can add you.',
  );
}

/** What the policy says of a plan now. */
export async function ruleOn(
  asked: Pick<Asked, 'command' | 'requester' | 'groups' | 'channel' | 'at'>,
  plan: Plan,
  tools: RuleTools,
): Promise<Ruling> {
  const facts = factsOfPlan(plan, asked.command, asked, await labels(tools));
  return rulingOn(tools.policy(), { ...facts, planned: true });
}

/** The ruling as people read it. */
export function refusedBy({ why, rule }: Extract<Ruling, { end: 'refuse' }>): Refusal {
  const next =
    rule === undefined
      ? undefined
      : `The rule “${rule}” of the policy decides that; \`/lxd policy …\` shows what it says.`;
  return refuse('not_permitted', `The policy refuses it: ${why}.`, next);
}

/** Whether the approvals that a decision rests on are enough by the policy as it is now. */
export function approvalsHold(
  { asked, decision, waitsUntil = 0 }: RequestRecord,
  need: Need,
  { policy }: RuleTools,
): boolean {
  const since = waitsUntil - need.waitSeconds * 1_000;
  const good = (decision?.approvals ?? []).filter(({ by, groups, at }) => {
    const waited = (at - since) / 1_000;
    return mayDecide(policy(), { user: by, groups }, asked.requester, need, waited).may;
  });
  return new Set(good.map(({ by }) => by)).size >= need.count;
}

/** A host has the labels of its cloud, and its own before them. */
async function labels({ hosts, clouds }: RuleTools): Promise<LabelsOf> {
  const all = await hosts.list();
  return (name) => {
    const host = all.find((each) => each.name === name);
    const cloud = clouds.find((each) => each.name === (host?.server?.cloud ?? name));
    return { ...cloud?.labels, ...host?.labels };
  };
}
