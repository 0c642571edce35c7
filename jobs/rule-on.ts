/** The policy, asked by the worker itself: whatever is in a queue, and however it came there, goes no further than the policy lets it. */

import { isSameDoor } from '../src/core/differences/own-accord.ts';
import { type PanicCommand, panicLine } from '../src/core/panic.ts';
import { isDoorPlan, type Plan } from '../src/core/plan.ts';
import { mayDecide, refusedTo } from '../src/core/policy.ts';
import type { RequestRecord } from '../src/core/record.ts';
import { type Refusal, refuse } from '../src/core/refusal.ts';
import type { Asked, ChangeCommand } from '../src/core/request.ts';
import { factsOfPlan, type LabelsOf } from '../src/core/rules/facts.ts';
import { rulingOnReopening, rulingsOn } from '../src/core/rules/reopening.ts';
import type { Need } from '../src/core/rules/rule.ts';
import { type Ruling, rulingOn } from '../src/core/rules/ruling.ts';
import { waitedSeconds } from '../src/core/waited-seconds.ts';
import { stillDiffers } from './reconcile/still-differs.ts';
import type { Tools } from './tools.ts';

type RuleTools = Pick<Tools, 'policy' | 'hosts' | 'clouds' | 'records'>;

type Asker = Pick<Asked, 'requester' | 'groups' | 'command'> &
  Partial<Pick<Asked, 'id' | 'byItself' | 'difference'>>;

/** A refusal where the requester may not use the command at all. What comes by itself does so whatever became of its owner's rights. */
export async function mayAsk(
  asked: Asker,
  tools: RuleTools & Pick<Tools, 'reconcile'>,
  signal: AbortSignal,
): Promise<Refusal | undefined> {
  const { id = '', requester: user, groups = [], command, byItself } = asked;
  if (byItself === 'end') return endHasCome(command, tools);
  if (byItself === 'difference') return stillDiffers({ ...asked, id }, tools, signal);
  return refusedTo(tools.policy(), { user, groups }, command.action);
}

/** Closing by itself is for doors whose end has come: it may have been moved since, and a mark alone opens no way around the policy. */
async function endHasCome(
  command: ChangeCommand,
  { records }: Pick<RuleTools, 'records'>,
): Promise<Refusal | undefined> {
  const id = command.action === 'unexpose' ? command.door : undefined;
  const door = id === undefined ? undefined : await records.doors.get(id);
  if (door === undefined) return refuse('not_found', 'There is no such door any more.');
  if (door.endsAt !== undefined && door.endsAt <= Date.now()) return undefined;
  return refuse('not_permitted', 'The end of this door has not come: it was moved.');
}

/** What the policy says of a plan now. */
export async function ruleOn(
  asked: Pick<Asked, 'command' | 'requester' | 'groups' | 'channel' | 'at' | 'byItself'>,
  plan: Plan,
  tools: RuleTools,
): Promise<Ruling> {
  const { command, byItself } = asked;
  if (byItself === 'end') return { end: 'allow', why: 'its end has come' };
  const labels = await labelsOf(tools);
  if (command.action === 'panic') return ruleOnPanic(command, plan, asked, labels, tools);
  const held = await heldByPanic(plan, tools);
  if (held !== undefined) return held;
  if (byItself === 'difference' && (await isAsApproved(plan, tools)))
    return { end: 'allow', why: 'the door becomes what was approved, or is closed' };
  const facts = factsOfPlan(plan, command, asked, labels);
  return rulingOn(tools.policy(), { ...facts, planned: true });
}

/** A closing, or the very door of the register. Another one goes by the policy like anybody's. */
async function isAsApproved(plan: Plan, { records }: RuleTools): Promise<boolean> {
  if (!isDoorPlan(plan)) return false;
  const door = await records.doors.get(plan.door.id);
  return plan.action === 'close' || (door !== undefined && isSameDoor(plan.door, door));
}

/** Closing waits for nobody; opening again needs what each of the doors needs. */
function ruleOnPanic(
  command: PanicCommand,
  plan: Plan,
  asked: Parameters<typeof ruleOn>[0],
  labels: LabelsOf,
  { policy }: RuleTools,
): Ruling {
  if (command.off !== true) return { end: 'allow', why: 'panic waits for nobody' };
  const doors = isDoorPlan(plan) ? [] : (plan.reopens ?? []);
  return rulingOnReopening(rulingsOn(doors, asked, policy(), labels), policy());
}

/** Where panic was called no door is opened, whoever approved it. */
async function heldByPanic(plan: Plan, { records }: RuleTools): Promise<Ruling | undefined> {
  if (!isDoorPlan(plan) || plan.action !== 'open') return undefined;
  const alarm = await records.panic.on(plan.door.host);
  return alarm && { end: 'refuse', why: panicLine(alarm), alarm: true };
}

/** Whether the approvals that a decision rests on are enough by the policy as it is now. */
export function approvalsHold(
  record: RequestRecord,
  need: Need,
  { policy }: Pick<RuleTools, 'policy'>,
): boolean {
  const good = (record.decision?.approvals ?? []).filter(({ by, groups, at }) => {
    const waited = waitedSeconds(record, at);
    return mayDecide(policy(), { user: by, groups }, record.asked.requester, need, waited).may;
  });
  return new Set(good.map(({ by }) => by)).size >= need.count;
}

/** A host has the labels of its cloud, and its own before them. */
export async function labelsOf({ hosts, clouds }: Pick<RuleTools, 'hosts' | 'clouds'>): Promise<LabelsOf> {
  const all = await hosts.list();
  return (name) => {
    const host = all.find((each) => each.name === name);
    const inCloud = host === undefined ? name : host.server?.cloud;
    const cloud = clouds.find((each) => each.name === inCloud);
    return { ...cloud?.labels, ...host?.labels };
  };
}
