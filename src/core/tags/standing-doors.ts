/** The doors that stand on a host, read from the tags on what makes them. Redis is not asked: the road is the truth. */

import type { DoorSpec } from '../plan.ts';
import type { RoadName } from '../request.ts';
import { ANYONE, isWithin, networkOf } from '../sources.ts';
import type { LxdThing, Thing } from '../thing.ts';
import type { BridgeWorld, ForwardWorld, HostWorld, InstanceWorld, ProxyWorld } from '../world.ts';
import type { CardDoor } from './card.ts';
import { addressOf, sourcesOf, thingsInCloud } from './standing-in-cloud.ts';

/** A door as it stands, with the things that make it. */
export interface StandingDoor {
  door: DoorSpec;
  /** Innermost first, as they were put. */
  things: Thing[];
}

/** Every door of ours on a host. */
export function standingDoors(host: HostWorld): StandingDoor[] {
  return [
    ...host.forwards.flatMap((forward) => forwardDoors(forward, host)),
    ...host.proxies.flatMap((proxy) => proxyDoors(proxy, host)),
    ...host.instances.flatMap((instance) => cardDoors(instance, host)),
  ];
}

function forwardDoors({ network, listenAddress, ports }: ForwardWorld, host: HostWorld): StandingDoor[] {
  return ports.flatMap(({ door, protocol, listenPort, targetAddress, targetPort, instance }) => {
    if (door === undefined || instance === undefined) return [];
    const base = {
      kind: 'forward',
      host: host.host,
      network,
      listenAddress,
      protocol,
      targetAddress,
    } as const;
    const outer = { ...base, listenPort: Number(listenPort), targetPort: Number(targetPort) };
    const half = { id: door, instance, port: Number(targetPort), publicPort: Number(listenPort), protocol };
    return [standing(host, { ...half, road: 'forward' }, outer, { listenAddress, address: targetAddress })];
  });
}

function proxyDoors(proxy: ProxyWorld, host: HostWorld): StandingDoor[] {
  const { door, instance, protocol, listenAddress, connectAddress, nat } = proxy;
  if (door === undefined) return [];
  const [listenPort, connectPort] = [Number(proxy.listenPort), Number(proxy.connectPort)];
  const base = {
    kind: 'proxy',
    host: host.host,
    instance,
    listenAddress,
    protocol,
    connectAddress,
    nat,
  } as const;
  const half = { id: door, instance, port: connectPort, publicPort: listenPort, protocol };
  return [
    standing(
      host,
      { ...half, road: nat ? 'proxy' : 'userspace' },
      { ...base, listenPort, connectPort },
      { listenAddress, address: connectAddress },
    ),
  ];
}

type Half = Omit<DoorSpec, 'host' | 'sources' | 'publicAddress'>;

/** A door that the host listens for. */
function standing(
  host: HostWorld,
  half: Half,
  outer: LxdThing,
  { listenAddress, address }: { listenAddress: string; address: string },
): StandingDoor {
  const filter = host.filters.find(({ door }) => door === half.id);
  const inCloud = host.cloud === undefined ? [] : thingsInCloud(half.id, host.cloud);
  const guard = guardOf(host, half.id);
  const things = [...pinOf(host, half), ...filterOf(host, half.id, address), ...guard, outer, ...inCloud];
  const sources = filter === undefined ? sourcesOfDoor(host, half.id) : [...filter.sources];
  const publicAddress = host.cloud === undefined ? listenAddress : addressOf(half.id, host.cloud);
  const road: RoadName = inCloud.some(({ kind }) => kind === 'port_forwarding') ? 'fip-port' : half.road;
  return {
    door: { ...half, road, host: host.host, sources, ...(publicAddress !== undefined && { publicAddress }) },
    things,
  };
}

function sourcesOfDoor(host: HostWorld, door: string): string[] {
  const guarded = host.guard?.doors.find((each) => each.door === door);
  return guarded === undefined || host.cloud !== undefined
    ? sourcesInCloud(host, door)
    : [...guarded.sources];
}

/** Without sources and times: whatever became of them, removing it is the same. */
function guardOf(host: HostWorld, door: string): LxdThing[] {
  const guarded = host.guard?.doors.find((each) => each.door === door);
  if (guarded === undefined) return [];
  const { address, protocol, port } = guarded;
  return [{ kind: 'guard', host: host.host, address, protocol, port, sources: [] }];
}

function sourcesInCloud({ cloud }: HostWorld, door: string): string[] {
  return cloud === undefined ? [ANYONE] : sourcesOf(door, cloud.cloud);
}

function pinOf(host: HostWorld, { id, instance }: Half): LxdThing[] {
  const nics = host.instances.find(({ name }) => name === instance)?.nics ?? [];
  const nic = nics.find(({ pinnedFor }) => pinnedFor.includes(id));
  if (nic?.pinned === undefined) return [];
  return [{ kind: 'pin', host: host.host, instance, nic: nic.device, address: nic.pinned }];
}

function filterOf(host: HostWorld, door: string, address: string): LxdThing[] {
  const filter = host.filters.find((each) => each.door === door);
  if (filter === undefined) return [];
  const { protocol, port, sources, drops } = filter;
  const network = bridgeAt(host, address)?.network ?? '';
  const lists = { sources: [...sources], drops: [...drops] };
  return [{ kind: 'filter', host: host.host, network, protocol, address, port, ...lists }];
}

function bridgeAt(host: HostWorld, address: string): BridgeWorld | undefined {
  return host.bridges.find(({ ipv4 }) => ipv4 !== undefined && isWithin(`${address}/32`, [networkOf(ipv4)]));
}

/** Doors of an instance that has an address of its own. */
function cardDoors(instance: InstanceWorld, host: HostWorld): StandingDoor[] {
  const { card } = instance;
  return (card?.doors ?? []).map((door) => cardDoor(door, instance, host));
}

function cardDoor(
  { door, protocol, port }: CardDoor,
  instance: InstanceWorld,
  host: HostWorld,
): StandingDoor {
  const { card } = instance;
  const road = card?.road ?? 'lan';
  const nictype = road === 'port' ? 'physical' : road === 'routed' ? 'routed' : 'macvlan';
  const nic: LxdThing = {
    kind: 'nic',
    host: host.host,
    instance: instance.name,
    device: card?.device ?? 'eth0',
    nictype,
    owner: door,
    ...(card?.cloud !== undefined && { cloud: card.cloud }),
  };
  const leased = instance.nics.find(({ device }) => device === nic.device)?.address;
  const publicAddress = host.cloud === undefined ? leased : addressOf(door, host.cloud);
  const [inner, outer] = host.cloud === undefined ? [[], []] : split(thingsInCloud(door, host.cloud));
  return {
    door: {
      id: door,
      host: host.host,
      instance: instance.name,
      port,
      protocol,
      publicPort: port,
      road,
      sources: sourcesInCloud(host, door),
      ...(publicAddress !== undefined && { publicAddress }),
    },
    things: [...inner, nic, ...outer],
  };
}

/** What the card stands on, and what stands in front of it. */
function split(things: Thing[]): [Thing[], Thing[]] {
  const isGround = ({ kind }: Thing): boolean => kind === 'port' || kind === 'pair' || kind === 'plug';
  return [things.filter(isGround), things.filter((thing) => !isGround(thing))];
}
