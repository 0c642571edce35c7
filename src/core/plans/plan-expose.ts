/** Plans the opening of a door from what was asked and what was seen. Pure: the same two give the same plan. */

import { type DoorPlan, makePlan } from '../plan.ts';
import { isRefusal, type Refusal, refuse } from '../refusal.ts';
import { type ExposeCommand, isAnyone, portOf } from '../request.ts';
import { chooseRoad, hasOwnAddress } from '../roads/choose.ts';
import { cloudFilters } from '../roads/road.ts';
import { doorIdOf } from '../tags/door-tag.ts';
import type { Thing } from '../thing.ts';
import type { ExposeWorld } from '../world.ts';
import { choosePublicSide } from './public-port.ts';
import { guardSilent, withGuard } from './with-guard.ts';

/** A plan that opens the door, or the first reason why there cannot be one. */
export function planExpose(
  requestId: string,
  command: ExposeCommand,
  world: ExposeWorld,
): DoorPlan | Refusal {
  const door = doorIdOf(requestId);
  const refusal =
    notRunning(world) ?? drained(world) ?? guardSilent(world.host) ?? sourcesConflict(command, world, door);
  if (refusal !== undefined) return refusal;
  const listening = choosePublicSide(command, world, door);
  // The host's own ports do not matter where the instance gets an address to itself.
  if (isRefusal(listening) && !hasOwnAddress(command.road)) return listening;
  const side = isRefusal(listening) ? undefined : listening;
  const choice = chooseRoad({ command, door, ...(side && { outside: side.outside }) }, world);
  if (isRefusal(choice)) return choice;
  const { road, why, publicAddress, publicPort, cost } = choice;
  const things = withGuard(choice.things, command, world.host);
  const { port, protocol, sources, forSeconds, until } = command;
  const at = { publicPort, ...(publicAddress !== undefined && { publicAddress }) };
  return makePlan({
    action: 'open',
    door: {
      id: door,
      host: world.host.host,
      instance: world.instance.name,
      port,
      protocol,
      ...at,
      road,
      sources,
    },
    steps: things.map((thing) => ({ do: 'put', thing })),
    why,
    warnings: [
      ...(side?.warnings ?? []),
      ...warningsOf(command, world),
      ...choice.warnings,
      ...firstFilter(things, world),
    ],
    ...(cost.length > 0 && { cost }),
    ...(forSeconds !== undefined && { forSeconds }),
    ...(until !== undefined && { until }),
  });
}

function drained({ host }: ExposeWorld): Refusal | undefined {
  if (!host.drained) return undefined;
  return refuse(
    'drained',
    `${host.host} is drained: no door is opened there.`,
    `\`host drain ${host.host} off\` takes that back.`,
  );
}

function notRunning({ instance, host }: ExposeWorld): Refusal | undefined {
  if (instance.status === 'Running') return undefined;
  const message = `${instance.name} on ${host.host} is ${instance.status.toLowerCase()}: nothing could answer.`;
  return refuse('not_running', message, 'Start it, then ask again.');
}

/** LXD filters at the instance's port, not at the public one: two doors to one port share their sources. */
function sourcesConflict(command: ExposeCommand, world: ExposeWorld, door: string): Refusal | undefined {
  const { host, instance } = world;
  if (cloudFilters(world)) return undefined;
  const nic = instance.nics.find(({ network }) => network !== undefined);
  if (nic?.address === undefined) return undefined;
  const here = (each: { protocol: string; port: number; address: string }) =>
    each.address === nic.address && each.port === command.port && each.protocol === command.protocol;
  const others = host.filters.filter((filter) => filter.door !== door && here(filter));
  const open = host.guard !== undefined ? undefined : openWithoutFilter(world, nic.address, command, door);
  const clash = others.find(({ sources }) => sources.join(',') !== command.sources.join(','));
  if (clash === undefined && (isAnyone(command.sources) || open === undefined)) return undefined;
  const service = `${instance.name}:${portOf(command.port, command.protocol)}`;
  const message = `${service} has a door with other sources already (${clash?.door ?? open}); LXD filters for the port as a whole.`;
  return refuse('sources_conflict', message, 'Use the same `from`, or close the other door first.');
}

function openWithoutFilter(
  world: ExposeWorld,
  address: string,
  { port, protocol }: ExposeCommand,
  door: string,
) {
  const { forwards, filters, proxies } = world.host;
  const doors = [
    ...forwards.flatMap(({ ports }) =>
      ports.filter(
        (each) =>
          each.targetAddress === address && each.targetPort === String(port) && each.protocol === protocol,
      ),
    ),
    ...proxies.filter(
      (each) =>
        each.nat &&
        each.connectAddress === address &&
        each.connectPort === String(port) &&
        each.protocol === protocol,
    ),
  ];
  return doors
    .map((each) => each.door)
    .find((each) => each !== undefined && each !== door && !filters.some((filter) => filter.door === each));
}

function warningsOf(
  { port, protocol }: ExposeCommand,
  { listeners, instance, silentHosts }: ExposeWorld,
): string[] {
  const warnings: string[] = [];
  const service = `${instance.name}:${portOf(port, protocol)}`;
  if (listeners === undefined) warnings.push(`what listens in ${instance.name} could not be seen`);
  else if (!listeners.some((each) => each.port === port && each.protocol === protocol)) {
    warnings.push(`nothing listens on ${service} now; the door would lead nowhere until something does`);
  }
  if (protocol === 'udp')
    warnings.push('udp gives no answer of its own, so the door can be checked but not proven');
  if (silentHosts.length > 0) {
    warnings.push(`${silentHosts.join(', ')} did not answer; another ${instance.name} may be there`);
  }
  return warnings;
}

/** LXD restarts a bridge when an ACL is hung on it; the rules that follow change nothing for the others (measured on 5.0.2). */
function firstFilter(things: readonly Thing[], { host }: ExposeWorld): string[] {
  const filter = things.find((thing) => thing.kind === 'filter');
  const bridge = host.bridges.find(({ network }) => network === filter?.network);
  if (filter === undefined || bridge?.filtered !== false) return [];
  return [
    `the first source filter makes LXD restart ${bridge.network}: new connections to its instances fail for about a second`,
  ];
}
