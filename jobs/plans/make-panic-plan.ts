/** Looks for every door there is, or at what it takes to open those again that panic closed. Changes nothing. */
import type { PanicCommand } from '../../src/core/panic.ts';
import type { DoorPlan, WorkPlan } from '../../src/core/plan.ts';
import {
  doorLine,
  heldEverywhere,
  notInPanic,
  type PanicWorld,
  planPanic,
  planReopening,
} from '../../src/core/plans/plan-panic.ts';
import { standingServerDoors } from '../../src/core/plans/plan-server.ts';
import { isRefusal, type Refusal, refuse } from '../../src/core/refusal.ts';
import { rulingsOn, together } from '../../src/core/rules/reopening.ts';
import { standingDoors } from '../../src/core/tags/standing-doors.ts';
import { within } from '../../src/within.ts';
import { lookAtClouds } from '../observe/observe-cloud.ts';
import { observeHost } from '../observe/observe-host.ts';
import { labelsOf } from '../rule-on.ts';
import type { PlanTools } from '../tools.ts';
import { planAgain } from './plan-again.ts';

/** A host or cloud that takes longer to say what stands there counts as silent, so that it holds up no other; in milliseconds. */
const PATIENCE_MS = 6_000;

/** The plan as the world is now, or the refusal. */
export async function makePanicPlan(
  requestId: string,
  command: PanicCommand,
  tools: PlanTools,
  signal?: AbortSignal,
): Promise<WorkPlan | Refusal> {
  const unknown = await isUnknown(command, tools);
  if (unknown !== undefined) return unknown;
  if (command.off === true) return makeReopening(requestId, command, tools, signal);
  return planPanic(command, await seeDoors(command.host, tools, signal));
}

/** Everything that stands on one host or in one cloud, or everywhere; a host that is silent holds up nobody else. */
export async function seeDoors(
  only: string | undefined,
  tools: Pick<PlanTools, 'hosts' | 'clouds' | 'records'>,
  signal?: AbortSignal,
): Promise<PanicWorld> {
  const isAsked = ({ name }: { name: string }): boolean => only === undefined || only === name;
  const look = lookAtClouds(tools, signal);
  const hosts = (await tools.hosts.list()).filter(isAsked).map((host) => ({
    name: host.name,
    doors: async () => standingDoors(await observeHost(host, signal, look)),
  }));
  const clouds = tools.clouds.filter(isAsked).map(({ name }) => ({
    name,
    doors: async () => standingServerDoors(await look.world(name)),
  }));
  const places = [...hosts, ...clouds];
  const results = await Promise.allSettled(places.map(({ doors }) => within(PATIENCE_MS, doors())));
  signal?.throwIfAborted();
  const known = await tools.records.doors.list();
  const silent = places
    .filter((_, index) => results[index]?.status === 'rejected')
    .map(({ name }) => ({ name, doors: known.filter(({ host }) => host === name).length }));
  const doors = results.flatMap((result) => (result.status === 'fulfilled' ? result.value : []));
  return { doors, silent };
}

async function isUnknown({ host }: PanicCommand, { hosts, clouds }: PlanTools): Promise<Refusal | undefined> {
  const names = [...(await hosts.list()), ...clouds].map(({ name }) => name);
  if (host === undefined || names.includes(host)) return undefined;
  const message = `There is no host or cloud \`${host}\`.`;
  return refuse('not_found', message, `There are ${names.join(', ') || 'none yet'}.`);
}

/** Those that cannot be as they were stay closed, each with the reason; they are kept for another time. */
async function makeReopening(
  requestId: string,
  command: PanicCommand,
  tools: PlanTools,
  signal?: AbortSignal,
): Promise<WorkPlan | Refusal> {
  const { panic, requests } = tools.records;
  const [alarms, kept, record] = [await panic.list(), await panic.kept(), await requests.get(requestId)];
  const isAsked = ({ host }: { host?: string }) => command.host === undefined || command.host === host;
  const doors = kept.filter(isAsked).filter(({ endsAt }) => endsAt === undefined || endsAt > Date.now());
  const held = command.host !== undefined && alarms.some(({ host }) => host === undefined);
  if (held && doors.length === 0) return heldEverywhere(command);
  if (!alarms.some(isAsked) && doors.length === 0) return notInPanic(command);
  const planned = await planAgain(doors, tools, signal);
  const plans = planned.flatMap(({ plan }) => (isRefusal(plan) ? [] : [plan]));
  const impossible = planned.flatMap(({ door, plan }) =>
    isRefusal(plan) ? [`${doorLine(door)}: ${plan.message}`] : [],
  );
  const asked = record?.asked ?? { requester: '', channel: '', at: 0 };
  const specs = plans.map(({ door }) => door);
  const ruled = rulingsOn(specs, asked, tools.policy(), await labelsOf(tools));
  const { doors: fit, left } = together(ruled);
  const reopened = plans.filter(({ door }) => fit.includes(door)).sort(byDoor);
  return planReopening(command, held, reopened, [
    ...impossible,
    ...left.map(({ door, why }) => `${doorLine(door)}: ${why}`),
  ]);
}

function byDoor(a: DoorPlan, b: DoorPlan): number {
  const [x, y] = [a.door, b.door];
  return x.host.localeCompare(y.host) || x.publicPort - y.publicPort || x.id.localeCompare(y.id);
}
