/** Looks at what a plan about an instance needs, and has it planned. Changes nothing. */

import { nearest } from '../../src/core/commands/nearest.ts';
import type { Plan, WorkPlan } from '../../src/core/plan.ts';
import {
  type InstanceSeen,
  planPower,
  planRestore,
  planSnapshot,
} from '../../src/core/plans/plan-instance.ts';
import { planLaunch } from '../../src/core/plans/plan-launch.ts';
import { isRefusal, type Refusal, refuse } from '../../src/core/refusal.ts';
import type { InstanceCommand, InstanceName, LaunchCommand } from '../../src/core/request.ts';
import { keptOf } from '../../src/core/tags/kept.ts';
import { findInstance } from '../observe/find-instance.ts';
import { lookAtClouds } from '../observe/observe-cloud.ts';
import { observeHost } from '../observe/observe-host.ts';
import { observeLaunch } from '../observe/observe-launch.ts';
import type { PlanTools } from '../tools.ts';

/** @param before the plan that is being looked at again: a launch stays on the host that it named */
export async function makeInstancePlan(
  requestId: string,
  command: InstanceCommand,
  tools: PlanTools,
  signal?: AbortSignal,
  before?: Plan,
): Promise<WorkPlan | Refusal> {
  if (command.action === 'launch') return makeLaunchPlan(requestId, command, tools, before, signal);
  const seen = await see(command.target, tools, signal);
  if (isRefusal(seen)) return seen;
  switch (command.action) {
    case 'snapshot':
      return planSnapshot(requestId, command, seen);
    case 'restore':
      return planRestore(command, seen);
    default:
      return planPower(command, seen);
  }
}

async function makeLaunchPlan(
  requestId: string,
  command: LaunchCommand,
  tools: PlanTools,
  before: Plan | undefined,
  signal?: AbortSignal,
): Promise<WorkPlan | Refusal> {
  const { host: named, instance } = command.target;
  const hosts = await tools.hosts.list();
  if (named !== undefined && !hosts.some(({ name }) => name === named)) {
    const names = hosts.map(({ name }) => name);
    const close = nearest(named, names)[0];
    const next =
      close === undefined
        ? `The hosts are ${names.join(', ') || 'none yet'}.`
        : `Did you mean \`on ${close}\`?`;
    return refuse('not_found', `There is no host \`${named}\`.`, next);
  }
  const asked = hosts.filter(({ name }) => named === undefined || named === name);
  const world = await observeLaunch(asked, command.image, signal);
  const place = before === undefined || !('subject' in before) ? undefined : before.subject;
  const stays = place?.endsWith(`/${instance}`) === true ? place.split('/')[0] : undefined;
  return planLaunch(requestId, command, { ...world, ...(stays !== undefined && { before: stays }) });
}

async function see(
  target: InstanceName,
  tools: PlanTools,
  signal?: AbortSignal,
): Promise<InstanceSeen | Refusal> {
  const found = await findInstance(await tools.hosts.list(), target, signal);
  if (isRefusal(found)) return found;
  const { host, instances } = found;
  const [world, snapshots] = await Promise.all([
    observeHost(host, signal, lookAtClouds(tools, signal), instances),
    host.client.listSnapshots(target.instance, signal),
  ]);
  const instance = instances.find(({ name }) => name === target.instance);
  if (instance === undefined)
    return refuse('not_found', `\`${target.instance}\` has just gone from ${host.name}.`);
  return {
    host: world,
    name: instance.name,
    status: instance.status,
    snapshots: snapshots.map(({ name, created_at }) => ({ name, at: minuteOf(created_at) })),
    kept: keptOf(instance),
  };
}

/** `2026-11-25 16:54 UTC` */
function minuteOf(at: string): string {
  return `${new Date(at).toISOString().slice(0, 16).replace('T', ' ')} UTC`;
}
