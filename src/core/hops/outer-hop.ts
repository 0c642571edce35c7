/** What leads from the host to the instance: a network forward, a proxy device, or a card of the instance's own. */
import { coversPort, type ForwardWorld, type HostWorld, type ProxyWorld } from '../world.ts';
import { type DoorWay, isOwnAddress, thingOf } from './door-way.ts';
import { broken, fine, type Hop } from './hop.ts';
import { repairOf } from './remedy.ts';

/** Where the host sends what comes in. The port is in LXD's notation. */
export interface Target {
  address: string;
  port: string;
}

interface Leading extends Target {
  door?: string;
  listens: string;
  listenAddress: string;
  listenPort: string;
}

/** Where the door leads, as the host does it now, or else as it should; undefined on roads with an address of the instance's own. */
export function leadsTo(way: DoorWay, host: HostWorld): Target | undefined {
  if (isOwnAddress(way.door)) return undefined;
  return standingOn(way, host) ?? wantedOf(way);
}

/** No hop on the road to a server. */
export function outerHop(way: DoorWay, host: HostWorld): Hop {
  return isOwnAddress(way.door) ? cardHop(way, host) : leadingHop(way, host);
}

function leadingHop(way: DoorWay, host: HostWorld): Hop {
  const name = `${isProxy(way) ? 'proxy device' : 'network forward'} on ${host.host}`;
  const wanted = wantedOf(way);
  const there = standingOn(way, host);
  if (there === undefined) {
    const other = wanted && allOn(way, host).find((each) => covers(each, wanted));
    const seen =
      other === undefined
        ? 'is gone: somebody removed it'
        : `is gone; ${other.listens} leads to ${other.address}:${other.port} now, and ${other.door ?? 'it is not ours'}`;
    return broken('outer', name, seen, repairOf(way));
  }
  // Of a door that is not ours nobody knows how it should be.
  const differs =
    way.made === 'ours' &&
    wanted !== undefined &&
    (!covers(there, wanted) || there.address !== wanted.address || there.port !== wanted.port);
  if (differs)
    return broken(
      'outer',
      name,
      `leads from ${there.listens} to ${there.address}:${there.port} instead of from ${wanted.listens} to ${wanted.address}:${wanted.port}: somebody edited it`,
      repairOf(way),
    );
  return fine('outer', name, `leads from ${there.listens} to ${there.address}:${there.port}`);
}

function cardHop(way: DoorWay, host: HostWorld): Hop {
  const { door } = way;
  const wanted = thingOf(way, 'nic');
  const instance = host.instances.find(({ name }) => name === door.instance);
  const device = wanted?.device ?? instance?.card?.device ?? 'eth0';
  const name = `network card ${device} of ${door.instance}`;
  const isOurs = instance?.card?.doors.some((each) => each.door === door.id) === true;
  const isThere = instance?.nics.some((nic) => nic.device === device) === true;
  if (!isOurs)
    return broken('outer', name, 'is not this door’s any more: somebody took it away', repairOf(way));
  if (!isThere) return broken('outer', name, 'is gone: somebody removed the device', repairOf(way));
  return fine('outer', name, 'is there');
}

function isProxy({ door }: DoorWay): boolean {
  return door.road === 'proxy' || door.road === 'userspace';
}

function standingOn(way: DoorWay, host: HostWorld): Leading | undefined {
  const all = allOn(way, host);
  if (way.made === 'ours') return all.find(({ door }) => door === way.door.id);
  const wanted = wantedOf(way);
  return wanted && all.find((each) => each.door === undefined && covers(each, wanted));
}

function allOn(way: DoorWay, host: HostWorld): Leading[] {
  const { protocol } = way.door;
  return isProxy(way)
    ? host.proxies.filter((each) => each.protocol === protocol).map(ofProxy)
    : host.forwards.flatMap((forward) => ofForward(forward, protocol));
}

function ofForward({ listenAddress, ports, defaultTarget }: ForwardWorld, protocol: string): Leading[] {
  const single = ports
    .filter((each) => each.protocol === protocol)
    .map(({ door, listenPort, targetAddress, targetPort }) =>
      leading(door, listenAddress, listenPort, targetAddress, targetPort),
    );
  // What no port is named for goes to the default target.
  const rest =
    defaultTarget === undefined
      ? []
      : [leading(undefined, listenAddress, '1-65535', defaultTarget, '1-65535')];
  return [...single, ...rest];
}

function ofProxy({ door, listenAddress, listenPort, connectAddress, connectPort }: ProxyWorld): Leading {
  return leading(door, listenAddress, listenPort, connectAddress, connectPort);
}

function wantedOf(way: DoorWay): Leading | undefined {
  const forward = thingOf(way, 'forward');
  if (forward !== undefined && !isProxy(way)) {
    const { listenAddress, listenPort, targetAddress, targetPort } = forward;
    return leading(undefined, listenAddress, String(listenPort), targetAddress, String(targetPort));
  }
  const proxy = thingOf(way, 'proxy');
  if (proxy === undefined) return undefined;
  const { listenAddress, listenPort, connectAddress, connectPort } = proxy;
  return leading(undefined, listenAddress, String(listenPort), connectAddress, String(connectPort));
}

function leading(
  door: string | undefined,
  listenAddress: string,
  listenPort: string,
  address: string,
  port: string,
): Leading {
  const listens = `${listenAddress}:${listenPort}`;
  return { ...(door !== undefined && { door }), listenAddress, listenPort, listens, address, port };
}

function covers({ listenAddress, listenPort }: Leading, wanted: Leading): boolean {
  return listenAddress === wanted.listenAddress && coversPort(listenPort, Number(wanted.listenPort));
}
