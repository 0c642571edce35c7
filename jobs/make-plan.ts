/** Looks at the world and has the pure planner plan a change. Changes nothing. */
import { type DoorPlan, isDoorPlan, type Plan } from '../src/core/plan.ts';
import { planExpose } from '../src/core/plan-expose.ts';
import { planServer } from '../src/core/plan-server.ts';
import { planUnexpose } from '../src/core/plan-unexpose.ts';
import { isRefusal, type Refusal, refuse } from '../src/core/refusal.ts';
import type { ChangeCommand, ExposeCommand, UnexposeCommand } from '../src/core/request.ts';
import type { ExposeWorld, HostWorld } from '../src/core/world.ts';
import { messageOf } from '../src/errors.ts';
import { knock } from '../src/outside/knock.ts';
import { findInstance } from './find-instance.ts';
import { findServer } from './find-server.ts';
import { makeHostPlan } from './make-host-plan.ts';
import { makeInstancePlan } from './make-instance-plan.ts';
import { lookAtClouds } from './observe-cloud.ts';
import { observeHost } from './observe-host.ts';
import { observeListeners } from './observe-instance.ts';
import type { Host, PlanTools } from './tools.ts';

/**
 * The plan for a command as the world is now, or the refusal. Faults of a host that is needed are thrown.
 * @param before the plan that is being looked at again. What listens decides only between userspace and the roads before
 * it, and asking costs more than all else, so for a plan by another road it is not asked again.
 */
export async function makePlanFor(
  requestId: string,
  command: ChangeCommand,
  tools: PlanTools,
  signal?: AbortSignal,
  before?: Plan,
): Promise<Plan | Refusal> {
  switch (command.action) {
    case 'expose': {
      if (command.target.server === true) return planServerDoor(requestId, command, tools, signal);
      const seen = before !== undefined && isDoorPlan(before) && before.door.road !== 'userspace';
      return planOpening(requestId, command, tools, !seen, signal);
    }
    case 'unexpose':
      return planClosing(command, tools, signal);
    case 'host create':
    case 'host adopt':
    case 'host drain':
    case 'host delete':
      return makeHostPlan(requestId, command, tools, signal);
    default:
      return makeInstancePlan(requestId, command, tools, signal, before);
  }
}

async function planServerDoor(id: string, command: ExposeCommand, tools: PlanTools, signal?: AbortSignal) {
  const found = await findServer(command.target, tools, signal);
  if (isRefusal(found)) return found;
  return planServer(id, command, found);
}

async function planOpening(
  id: string,
  command: ExposeCommand,
  tools: PlanTools,
  withListeners: boolean,
  signal?: AbortSignal,
) {
  const hosts = await tools.hosts.list();
  const { instance: name, host: named } = command.target;
  const [only, other] = hosts.filter((host) => named === undefined || named === host.name);
  const look = (host: Host) => (withListeners ? observeListeners(host, name, signal) : undefined);
  // Where only one host can have it, what listens is asked while the instance is still looked for.
  const early = only !== undefined && other === undefined ? look(only) : undefined;
  const found = await findInstance(hosts, command.target, signal);
  if (isRefusal(found)) return found;
  const { host, instances, silentHosts } = found;
  const [world, listeners] = await Promise.all([
    observeHost(host, signal, lookAtClouds(tools, signal), instances),
    early ?? look(host),
  ]);
  const instance = world.instances.find(({ name }) => name === command.target.instance);
  if (instance === undefined)
    return refuse('not_found', `\`${command.target.instance}\` has just gone from ${host.name}.`);
  const seen: ExposeWorld = {
    host: world,
    instance,
    answersAlready: false,
    silentHosts,
    ...(listeners && { listeners }),
  };
  const plan = planExpose(id, command, seen);
  if (isRefusal(plan) || !(await answersAlready(plan, world))) return plan;
  return planExpose(id, command, { ...seen, answersAlready: true });
}

/** A closing needs only hosts that answer; one that does not is named when nothing was found elsewhere. */
async function planClosing(command: UnexposeCommand, tools: PlanTools, signal?: AbortSignal) {
  const { target } = command;
  const look = lookAtClouds(tools, signal);
  const isAsked = ({ name }: { name: string }): boolean => target.host === undefined || target.host === name;
  if (target.server === true) {
    const clouds = await Promise.all(tools.clouds.filter(isAsked).map(({ name }) => look.world(name)));
    return planUnexpose(command, [], clouds);
  }
  const asked = (await tools.hosts.list()).filter(isAsked);
  const results = await Promise.allSettled(asked.map((host) => observeHost(host, signal, look)));
  const worlds: HostWorld[] = results.flatMap((result) =>
    result.status === 'fulfilled' ? [result.value] : [],
  );
  const plan = planUnexpose(command, worlds);
  const failed = results.find((result) => result.status === 'rejected');
  if (failed === undefined || !isRefusal(plan) || plan.reason !== 'not_found') return plan;
  const message = `${plan.message} But not every host could be asked: ${messageOf(failed.reason)}.`;
  return refuse('host_silent', message, 'Try again, or look at `/lxd hosts`.');
}

/** LXD does not know what else listens on its host; only a knock tells. */
async function answersAlready({ door, steps }: DoorPlan, world: HostWorld): Promise<boolean> {
  const { protocol, publicAddress: address } = door;
  if (protocol === 'udp' || address === undefined || ownThingStands(door.id, world)) return false;
  const seen = await knock({ address, port: door.publicPort, timeoutMs: 700 });
  return steps.length > 0 && (seen.kind === 'open' || seen.kind === 'hung_up' || seen.kind === 'http');
}

function ownThingStands(door: string, world: HostWorld): boolean {
  return (
    world.forwards.some(({ ports }) => ports.some((port) => port.door === door)) ||
    world.proxies.some((proxy) => proxy.door === door)
  );
}
