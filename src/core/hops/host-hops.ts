/** The hops of a door on its host: whether it answers, the address at which it listens, guard, forward or card, filter. */
import type { HostWorld } from '../world.ts';
import { type DoorWay, isOwnAddress, publicAddressOf, type RoadSeen, thingOf } from './door-way.ts';
import { filterHop } from './filter-hop.ts';
import { guardHop } from './guard-hop.ts';
import { broken, fine, type Hop, unknown } from './hop.ts';
import { outerHop } from './outer-hop.ts';
import { byHand, repairOf } from './remedy.ts';

/** From outside in. Of a host that does not answer nothing is known: that is never taken for “gone”. */
export function hostHops(way: DoorWay, seen: RoadSeen): Hop[] {
  const { host } = seen;
  if (host === undefined) return [];
  if ('why' in host)
    return [
      unknown(
        'host',
        `host ${way.door.host}`,
        `could not be looked at: ${host.why}; what stands there is not known`,
      ),
    ];
  const world = host.seen;
  return [
    ...(seen.cloud === undefined ? publicHop(way, world) : []),
    fine('host', `host ${world.host}`, 'answers'),
    ...guardHop(way, world, seen),
    outerHop(way, world),
    ...filterHop(way, world),
  ];
}

/** Where no cloud leads to the host, it has the public address itself. */
function publicHop(way: DoorWay, world: HostWorld): Hop[] {
  if (way.door.road === 'lan') return leaseHop(way, world);
  if (isOwnAddress(way.door)) return [];
  const listens =
    thingOf(way, 'forward')?.listenAddress ?? thingOf(way, 'proxy')?.listenAddress ?? publicAddressOf(way);
  if (listens === undefined) return [];
  const name = `address ${listens}`;
  if (listens === '0.0.0.0') return [fine('public_address', name, `is every address of ${world.host}`)];
  const isOwn = world.addresses.some(({ address }) => address === listens);
  if (isOwn || listens === world.publicAddress)
    return [isOwn ? fine('public_address', name, `is on ${world.host}`) : elsewhere(name, world)];
  if (listens.startsWith('127.'))
    return [
      broken(
        'public_address',
        name,
        `is reached from ${world.host} itself only`,
        byHand('It is a way in for programs on the host, not from outside.'),
      ),
    ];
  return [elsewhere(name, world)];
}

/** Addresses may be led to a host by what stands in front of it. */
function elsewhere(name: string, { host }: HostWorld): Hop {
  return unknown(
    'public_address',
    name,
    `is on no interface that LXD shows on ${host}; something in front of it may lead there`,
  );
}

function leaseHop(way: DoorWay, world: HostWorld): Hop[] {
  const instance = world.instances.find(({ name }) => name === way.door.instance);
  const leased = instance?.nics.find(({ device }) => device === instance.card?.device)?.address;
  const wanted = way.known?.publicAddress;
  const name = `address ${wanted ?? leased ?? ''} from the LAN`;
  if (leased === undefined) return [unknown('public_address', name, `${way.door.instance} shows none now`)];
  if (wanted !== undefined && wanted !== leased)
    return [
      broken(
        'public_address',
        name,
        `${way.door.instance} has ${leased} now: the LAN gave it another one`,
        repairOf(way),
      ),
    ];
  return [fine('public_address', name, `is that of ${way.door.instance}`)];
}
