/** The policy, asked by the worker itself: whatever is in a queue, and however it came there, goes no further than the policy lets it. */

import type { Plan } from '../src/core/plan.ts';
import { mayDecide, refusedTo } from '../src/core/policy.ts';
import type { RequestRecord } from '../src/core/record.ts';
import type { Refusal } from '../src/core/refusal.ts';
import type { Asked } from '../src/core/request.ts';
import { factsOfPlan, type LabelsOf } from '../src/core/rules/facts.ts';
import type { Need } from '../src/core/rules/rule.ts';
import { type Ruling, rulingOn } from '../src/core/rules/ruling.ts';
import { waitedSeconds } from '../src/core/waited-seconds.ts';
import type { Tools } from './tools.ts';

type RuleTools = Pick<Tools, 'policy' | 'hosts' | 'clouds'>;

/** A refusal where the requester may not use the command at all. */
export function mayAsk(
  { requester, groups = [], command }: Pick<Asked, 'requester' | 'groups' | 'command'>,
  { policy }: RuleTools,
): Refusal | undefined {
  return refusedTo(policy(), { user: requester, groups }, command.action);
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

/** Whether the approvals that a decision rests on are enough by the policy as it is now. */
export function approvalsHold(record: RequestRecord, need: Need, { policy }: RuleTools): boolean {
  const good = (record.decision?.approvals ?? []).filter(({ by, groups, at }) => {
    const waited = waitedSeconds(record, at);
    return mayDecide(policy(), { user: by, groups }, record.asked.requester, need, waited).may;
  });
  return new Set(good.map(({ by }) => by)).size >= need.count;
}

/** A host has the labels of its cloud, and its own before them. */
async function labels({ hosts, clouds }: RuleTools): Promise<LabelsOf> {
  const all = await hosts.list();
  return (name) => {
    const host = all.find((each) => each.name === name);
    const inCloud = host === undefined ? name : host.server?.cloud;
    const cloud = clouds.find((each) => each.name === inCloud);
    return { ...cloud?.labels, ...host?.labels };
  };
}
