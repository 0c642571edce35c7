/**
 * What the roads share on which the instance has an address of its own in the cloud: a port that is made for it, a card in place of its
 * first network device, and a floating IP that leads to the port.
 */

import { costOf, type HostCloud, leftOf, type PortWorld } from '../cloud-world.ts';
import { aboutDoor } from '../tags/cloud-tag.ts';
import type { CloudThing, LxdThing } from '../thing.ts';
import type { ExposeWorld, InstanceWorld } from '../world.ts';
import { floatingIpFor, placeOf } from './front.ts';
import { letIn } from './let-in.ts';
import { type Fit, type RoadAsk, type Unfit, unfit } from './road.ts';

/** What the roads differ in. */
export interface OwnWay {
  nictype: 'physical' | 'routed' | 'macvlan';
  /** Name of the group that filters for the instance; absent: the host's own. */
  group?: string;
  why: string;
  /** Name of a device that is added; absent: the first one is replaced, whose client inside asks for an address. */
  added?: string;
  /** What comes between the port and the card. */
  ground(own: { cloud: string; owner: string; about: string }, host: HostCloud): CloudThing[] | Unfit;
}

/** The name of the device that is replaced, or made where the instance has none. */
export function deviceOf({ nics, card }: InstanceWorld): string {
  return card?.device ?? nics[0]?.device ?? 'eth0';
}

/** Whether the road can be had, and everything that opens it. */
export function ownAddress(ask: RoadAsk, world: ExposeWorld, way: OwnWay): Fit {
  const { command, door } = ask;
  const { host, instance } = world;
  if (host.cloud === undefined) return unfit(`${host.host} is not a server of a cloud`);
  const obstacle = cannotHaveCard(ask, world);
  if (obstacle !== undefined) return unfit(obstacle);
  const { cloud, server } = host.cloud;
  if (leftOf(cloud.quotas.ports) < 1)
    return unfit(`the quota of ports is used up (${cloud.quotas.ports.used} of ${cloud.quotas.ports.limit})`);
  const about = aboutDoor(instance.name, command.port, command.protocol);
  const own = { cloud: cloud.cloud, owner: door, about };
  const ground = way.ground(own, host.cloud);
  if (!Array.isArray(ground)) return ground;
  const address = floatingIpFor(
    { owner: door, about, port: { owner: door } },
    placeOf(host.cloud),
    command.publicAddress,
  );
  if ('fits' in address) return address;
  const entry = letIn(
    { owner: door, about, protocol: command.protocol, port: command.port, sources: command.sources },
    host.cloud,
    way.group,
  );
  if ('fits' in entry) return entry;
  const groups = way.group === undefined ? [] : [way.group];
  const port: CloudThing = {
    ...own,
    kind: 'port',
    network: server.port.network,
    use: way.group === undefined ? 'reservation' : 'card',
    groups,
  };
  // A group of the instance's own stands before its port; the host's hangs on the host's port already or is hung there.
  const groupFirst =
    way.group === undefined ? [] : entry.ground.map((thing): CloudThing => withoutPort(thing));
  const groupLater = way.group === undefined ? entry.ground : [];
  return {
    fits: true,
    why: way.why,
    things: [
      ...groupFirst,
      port,
      ...ground,
      cardOf(way, world, door),
      ...groupLater,
      ...address.things,
      ...entry.rule,
    ],
    publicPort: command.port,
    ...(address.address !== undefined && { publicAddress: address.address }),
    warnings: [...warningsOf(way, world), ...entry.warnings],
    cost: [...costOf('ports', cloud.quotas.ports, 1), ...address.cost, ...entry.cost],
  };
}

function withoutPort(thing: CloudThing): CloudThing {
  if (thing.kind !== 'group') return thing;
  const { port: _port, ...rest } = thing;
  return rest;
}

function cannotHaveCard({ command }: RoadAsk, { instance }: ExposeWorld): string | undefined {
  if (command.publicPort !== undefined && command.publicPort !== command.port)
    return `${instance.name} would have the address to itself, so the public port is its own, ${command.port}`;
  if (instance.type !== 'container') return `${instance.name} is a virtual machine; this is for containers`;
  if (instance.card !== undefined) {
    const { doors } = instance.card;
    return `${instance.name} has an address of its own for ${doors.map(({ door }) => door).join(', ')} already; close that door first`;
  }
  return undefined;
}

function cardOf(way: OwnWay, { host, instance }: ExposeWorld, owner: string): LxdThing {
  return {
    kind: 'nic',
    host: host.host,
    instance: instance.name,
    device: way.added ?? deviceOf(instance),
    nictype: way.nictype,
    owner,
    ...(way.added !== undefined && instance.nics.length > 0 && { aside: true as const }),
    ...(host.cloud !== undefined && { cloud: host.cloud.cloud.cloud }),
    ...(way.nictype !== 'physical' && host.cloud?.uplink !== undefined && { parent: host.cloud.uplink }),
  };
}

function warningsOf(way: OwnWay, { host, instance }: ExposeWorld): string[] {
  const device = way.added ?? deviceOf(instance);
  const present = instance.nics.find((nic) => nic.device === device);
  const instead = present?.network === undefined ? '' : ` in place of the one on ${present.network}`;
  const restart = `${instance.name} is stopped and started with a new ${device}${instead}; closing does the same`;
  if (way.group !== undefined) return [restart];
  const shared = `the security group filters at the port of ${host.cloud?.server.name ?? host.host}: what it lets in for one address it lets in for all of them`;
  return [restart, shared];
}

/** Why the host's port cannot carry one more address, or undefined when it can. */
export function pairObstacle({ cloud, server }: HostCloud): string | undefined {
  const { port }: { port: PortWorld } = server;
  if (!cloud.can.addressPairs)
    return `${cloud.cloud} has no allowed address pairs (extension allowed-address-pairs)`;
  if (port.security && port.pairs.length >= MOST_PAIRS)
    return `the port of ${server.name} carries ${port.pairs.length} further addresses, and Neutron allows ${MOST_PAIRS}`;
  return undefined;
}

/** `max_allowed_address_pair` of Neutron, its default. A cloud that allows fewer refuses the step, and it is taken back. */
const MOST_PAIRS = 10;
