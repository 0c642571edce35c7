/** Plans to put a door again as it was approved, or to take it in as it stands. Changes nothing. */
import { type DoorPlan, makePlan, type WorkPlan } from '../../src/core/plan.ts';
import { planAdopt } from '../../src/core/plans/plan-adopt.ts';
import { closingSteps } from '../../src/core/plans/plan-unexpose.ts';
import type { Door } from '../../src/core/record.ts';
import { isRefusal, type Refusal, refuse } from '../../src/core/refusal.ts';
import type { AdoptCommand, RepairCommand } from '../../src/core/request.ts';
import { publicSideOf } from '../../src/core/step-words.ts';
import { standingDoors } from '../../src/core/tags/standing-doors.ts';
import { findRegisteredDoor } from '../observe/find-registered-door.ts';
import { findStandingDoor } from '../observe/find-standing-door.ts';
import { lookAtClouds } from '../observe/observe-cloud.ts';
import { observeHost } from '../observe/observe-host.ts';
import type { PlanTools } from '../tools.ts';
import { planAgain } from './plan-again.ts';

/** The same door, at the same public side, until the same end; never for more people. */
export async function makeRepairPlan(
  command: RepairCommand,
  tools: PlanTools,
  signal?: AbortSignal,
): Promise<DoorPlan | Refusal> {
  const door = await findRegisteredDoor(command, tools);
  if (isRefusal(door)) return door;
  if (door.endsAt !== undefined && door.endsAt <= Date.now())
    return refuse('nothing_to_do', `The end of ${publicSideOf(door)} has come: it is being closed.`);
  const host = await whereIs(door, tools, signal);
  if (typeof host !== 'string') return host;
  const [again] = await planAgain([{ ...door, host }], tools, signal);
  const plan = again?.plan;
  if (plan === undefined || isRefusal(plan)) return plan ?? refuse('not_found', 'There is no such door.');
  if (host !== door.host)
    return makePlan({ ...plan, steps: [...(await leftBehind(door, tools, signal)), ...plan.steps] });
  if (door.road === 'lan' || plan.door.publicAddress === door.publicAddress) return plan;
  const message = `${publicSideOf(door)} cannot be had any more, and a door at another address is another door.`;
  return refuse('address_missing', message, 'Close it, and open one where it shall be.');
}

/** The door as it stands, for the register. */
export async function makeAdoptPlan(
  command: AdoptCommand,
  tools: PlanTools,
  signal?: AbortSignal,
): Promise<WorkPlan | Refusal> {
  const known = command.door === undefined ? await findRegisteredDoor(command, tools) : undefined;
  const id = command.door ?? (known === undefined || isRefusal(known) ? undefined : known.id);
  const found = await findStandingDoor({ ...command, ...(id !== undefined && { door: id }) }, tools, signal);
  if (isRefusal(found)) return found;
  return planAdopt(found, await tools.records.doors.get(found.door.id), Date.now());
}

/** The host that has the instance now: its own, or the only other one. */
async function whereIs(door: Door, { hosts }: PlanTools, signal?: AbortSignal): Promise<string | Refusal> {
  if (door.road === 'server') return door.host;
  const having: string[] = [];
  for (const { name, client } of await hosts.list()) {
    if (name !== door.host && having.includes(door.host)) break;
    const instances = await client.listInstances(signal);
    if (instances.some((each) => each.name === door.instance)) having.push(name);
  }
  if (having.includes(door.host)) return door.host;
  const [first, second] = having;
  if (first === undefined)
    return refuse(
      'not_found',
      `${door.instance} is on no host any more.`,
      'Close the door, if nobody needs it.',
    );
  if (second === undefined) return first;
  return refuse(
    'ambiguous',
    `${having.join(' and ')} have an instance ${door.instance}.`,
    'Close the door and open it where it belongs.',
  );
}

/** What of the door stands on the host that the instance has left, from the outside in. */
async function leftBehind({ id, host: name }: Door, tools: PlanTools, signal?: AbortSignal) {
  const host = (await tools.hosts.list()).find((each) => each.name === name);
  if (host === undefined) return [];
  const world = await observeHost(host, signal, lookAtClouds(tools, signal));
  const standing = standingDoors(world).find(({ door }) => door.id === id);
  return standing === undefined
    ? []
    : closingSteps(standing).map((step) => ({ ...step, door: standing.door }));
}
