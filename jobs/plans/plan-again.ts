/** Plans doors that were open before, as they were; every host and cloud is looked at once. Changes nothing. */
import type { DoorPlan } from '../../src/core/plan.ts';
import { planExpose } from '../../src/core/plans/plan-expose.ts';
import { planServer } from '../../src/core/plans/plan-server.ts';
import type { Door } from '../../src/core/record.ts';
import { isRefusal, type Refusal, refuse } from '../../src/core/refusal.ts';
import type { ExposeCommand } from '../../src/core/request.ts';
import { publicSideOf } from '../../src/core/step-words.ts';
import type { HostWorld } from '../../src/core/world.ts';
import { messageOf } from '../../src/errors.ts';
import { answersAlready } from '../observe/answers-already.ts';
import { findServer } from '../observe/find-server.ts';
import { lookAtClouds } from '../observe/observe-cloud.ts';
import { observeHost } from '../observe/observe-host.ts';
import { observeListeners } from '../observe/observe-instance.ts';
import type { PlanTools } from '../tools.ts';

export interface PlannedAgain {
  door: Door;
  plan: DoorPlan | Refusal;
}

type Plan = (command: ExposeCommand) => Promise<DoorPlan | Refusal>;

/** A plan for each, or why there is none now. */
export async function planAgain(
  doors: readonly Door[],
  tools: PlanTools,
  signal?: AbortSignal,
): Promise<PlannedAgain[]> {
  const look = lookAtClouds(tools, signal);
  const hosts = await tools.hosts.list();
  const worlds = new Map<string, Promise<HostWorld>>();
  const see = (name: string): Promise<HostWorld> => {
    const host = hosts.find((each) => each.name === name);
    const world = worlds.get(name) ?? (host && observeHost(host, signal, look));
    if (world === undefined) throw new Error(`${name} is no longer known`);
    worlds.set(name, world);
    return world;
  };
  const planned = await Promise.all(
    doors.map(async (door): Promise<PlannedAgain> => {
      const plan = (command: ExposeCommand) =>
        door.road === 'server' ? ofServer(door, command) : ofInstance(door, command);
      try {
        return { door, plan: await asItWas(door, plan) };
      } catch (error) {
        signal?.throwIfAborted();
        return { door, plan: refuse('host_silent', messageOf(error)) };
      }
    }),
  );
  return once(planned);

  async function ofServer({ request }: Door, command: ExposeCommand) {
    const found = await findServer(command.target, tools, signal);
    return isRefusal(found) ? found : planServer(request, command, found);
  }

  /** Of a single door: with many it would take a call each, and panic waits for nothing that it does not need. */
  async function listenersOf(name: string, instance: string) {
    const host = hosts.find((each) => each.name === name);
    return doors.length === 1 && host !== undefined ? observeListeners(host, instance, signal) : undefined;
  }

  async function ofInstance({ request, host, instance: name }: Door, command: ExposeCommand) {
    const world = await see(host);
    const instance = world.instances.find((each) => each.name === name);
    if (instance === undefined) return refuse('not_found', `${name} is no longer on ${host}.`);
    const listeners = await listenersOf(host, name);
    const seen = {
      ...{ host: world, instance, answersAlready: false, silentHosts: [] },
      ...(listeners && { listeners }),
    };
    const plan = planExpose(request, command, seen);
    if (isRefusal(plan) || !(await answersAlready(plan, world))) return plan;
    return planExpose(request, command, { ...seen, answersAlready: true });
  }
}

/** At the address that it had; where that is no longer ours, or was a lease, at another. */
async function asItWas(
  { publicAddress, road, endsAt, ...door }: Door,
  plan: Plan,
): Promise<DoorPlan | Refusal> {
  const { host, instance, port, protocol, publicPort, sources, reason } = door;
  const command: ExposeCommand = {
    action: 'expose',
    target: { host, instance, ...(road === 'server' && { server: true as const }) },
    ...{ port, protocol, publicPort, sources, road },
    ...(reason !== undefined && { reason }),
    ...(endsAt !== undefined && { until: endsAt }),
  };
  if (road === 'lan') return plan(command);
  const same = await plan({ ...command, publicAddress });
  return isRefusal(same) && same.reason === 'address_missing' ? plan(command) : same;
}

/** Nothing may be planned twice for one public side. */
function once(planned: readonly PlannedAgain[]): PlannedAgain[] {
  const taken = new Set<string>();
  return planned.map(({ door, plan }) => {
    if (isRefusal(plan) || plan.door.publicAddress === undefined) return { door, plan };
    const side = publicSideOf(plan.door);
    if (taken.has(side))
      return { door, plan: refuse('port_taken', `${side} is for another one; say \`panic off\` once more.`) };
    taken.add(side);
    return { door, plan };
  });
}
