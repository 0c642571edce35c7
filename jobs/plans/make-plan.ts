/** Looks at the world and has the pure planner plan a change. Changes nothing. */
import { type DoorPlan, isDoorPlan, type Plan } from '../../src/core/plan.ts';
import { planExpose } from '../../src/core/plans/plan-expose.ts';
import { planExtend } from '../../src/core/plans/plan-extend.ts';
import { planServer } from '../../src/core/plans/plan-server.ts';
import { planClosing } from '../../src/core/plans/plan-unexpose.ts';
import { isRefusal, type Refusal, refuse } from '../../src/core/refusal.ts';
import type { ChangeCommand, ExposeCommand, ExtendCommand, UnexposeCommand } from '../../src/core/request.ts';
import { momentInWords } from '../../src/core/span.ts';
import type { ExposeWorld } from '../../src/core/world.ts';
import { answersAlready } from '../observe/answers-already.ts';
import { findInstance } from '../observe/find-instance.ts';
import { findRegisteredDoor } from '../observe/find-registered-door.ts';
import { findServer } from '../observe/find-server.ts';
import { findStandingDoor } from '../observe/find-standing-door.ts';
import { lookAtClouds } from '../observe/observe-cloud.ts';
import { observeHost } from '../observe/observe-host.ts';
import { observeListeners } from '../observe/observe-instance.ts';
import type { Host, PlanTools } from '../tools.ts';
import { makeHostPlan } from './make-host-plan.ts';
import { makeInstancePlan } from './make-instance-plan.ts';
import { makePanicPlan } from './make-panic-plan.ts';
import { makeAdoptPlan, makeRepairPlan } from './make-repair-plan.ts';

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
      if (command.until !== undefined && command.until <= Date.now())
        return refuse(
          'nothing_to_do',
          `${momentInWords(command.until)} is over.`,
          'Ask again with another `until`.',
        );
      if (command.target.server === true) return planServerDoor(requestId, command, tools, signal);
      const seen = before !== undefined && isDoorPlan(before) && before.door.road !== 'userspace';
      return planOpening(requestId, command, tools, !seen, signal);
    }
    case 'unexpose':
      return planUnexposing(command, tools, signal);
    case 'extend':
      return planExtending(command, tools, signal);
    case 'repair':
      return makeRepairPlan(command, tools, signal);
    case 'adopt':
      return makeAdoptPlan(command, tools, signal);
    case 'host create':
    case 'host adopt':
    case 'host drain':
    case 'host delete':
      return makeHostPlan(requestId, command, tools, signal);
    case 'panic':
      return makePanicPlan(requestId, command, tools, signal);
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

async function planUnexposing(command: UnexposeCommand, tools: PlanTools, signal?: AbortSignal) {
  const found = await findStandingDoor(command, tools, signal);
  if (!isRefusal(found)) return planClosing(found);
  return found.reason === 'not_found' ? ((await planRest(command, tools, signal)) ?? found) : found;
}

/** A door that stands no longer, as the hosts say that answered: what is left of it goes, and its entry. */
async function planRest(
  command: UnexposeCommand,
  tools: PlanTools,
  signal?: AbortSignal,
): Promise<DoorPlan | undefined> {
  const door = await findRegisteredDoor(command, tools);
  if (isRefusal(door)) return undefined;
  const places = door.road === 'server' ? tools.clouds : await tools.hosts.list();
  if (!places.some(({ name }) => name === door.host)) return undefined;
  const left = await findStandingDoor({ ...command, door: door.id }, tools, signal);
  if (isRefusal(left) && left.reason !== 'not_found') return undefined;
  const { id, host, instance, port, protocol, publicAddress, publicPort, road, sources } = door;
  const spec = { id, host, instance, port, protocol, publicAddress, publicPort, road, sources };
  return planClosing({ door: spec, things: isRefusal(left) ? [] : left.things });
}

/** The host says which door it is, the register when it ends. */
async function planExtending(command: ExtendCommand, tools: PlanTools, signal?: AbortSignal) {
  const found = await findStandingDoor(command, tools, signal);
  if (isRefusal(found)) return found;
  const kept = await tools.records.doors.get(found.door.id);
  return planExtend(command, found, kept, Date.now());
}
