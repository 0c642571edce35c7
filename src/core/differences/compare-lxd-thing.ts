/** Compares one thing of a door with what stands on its host. Pure. */

import type { DoorSpec } from '../plan.ts';
import { sourcesInWords } from '../sources.ts';
import { publicSideOf } from '../step-words.ts';
import type { LxdThing } from '../thing.ts';
import { coversPort, type HostWorld } from '../world.ts';
import type { DifferenceName } from './difference.ts';

/** What is not as it should be with a thing. */
export interface Flaw {
  name: DifferenceName;
  detail: string;
}

/** undefined: it stands as it was put. */
export function compareLxdThing(thing: LxdThing, door: DoorSpec, host: HostWorld): Flaw | undefined {
  switch (thing.kind) {
    case 'pin':
      return comparePin(thing, host);
    case 'filter':
      return compareFilter(thing, door, host);
    case 'forward':
      return compareForward(thing, door, host);
    case 'proxy':
      return compareProxy(thing, door, host);
    case 'nic':
      return compareNic(thing, door, host);
    case 'guard':
      return compareGuard(thing, door, host);
    case 'guard_end':
    case 'forwards':
      // An end that was moved, and many doors' things at once.
      return undefined;
  }
}

type Of<Kind extends LxdThing['kind']> = Extract<LxdThing, { kind: Kind }>;

const gone = (detail: string): Flaw => ({ name: 'rule_removed', detail });
const edited = (detail: string): Flaw => ({ name: 'rule_edited', detail });

function comparePin({ instance, nic, address }: Of<'pin'>, host: HostWorld): Flaw | undefined {
  const found = host.instances
    .find(({ name }) => name === instance)
    ?.nics.find(({ device }) => device === nic);
  if (found?.pinned === undefined) return gone(`${instance} does not keep its address ${address} any more`);
  return found.pinned === address
    ? undefined
    : edited(`${instance} is set to ${found.pinned}, not ${address}`);
}

function compareFilter(thing: Of<'filter'>, door: DoorSpec, host: HostWorld): Flaw | undefined {
  const who = `that lets in only ${sourcesInWords(thing.sources)}`;
  const found = host.filters.find((each) => each.door === door.id);
  if (found === undefined) return gone(`the source filter ${who} is gone`);
  if (host.bridges.find(({ network }) => network === thing.network)?.filtered === false)
    return gone(`the source filter ${who} hangs on ${thing.network} no more`);
  const same =
    found.address === thing.address &&
    found.port === thing.port &&
    found.protocol === thing.protocol &&
    found.sources.join() === thing.sources.join() &&
    found.drops.join() === thing.drops.join();
  return same ? undefined : edited(`the source filter ${who} was changed`);
}

function compareForward(thing: Of<'forward'>, door: DoorSpec, host: HostWorld): Flaw | undefined {
  const side = sideOf(thing);
  for (const { listenAddress, network, ports } of host.forwards) {
    const found = ports.find((each) => each.door === door.id);
    if (found === undefined) continue;
    const { listenPort, protocol, targetAddress, targetPort } = found;
    const is = `${sideOf({ listenAddress, listenPort, protocol })} to ${targetAddress}:${targetPort}`;
    const should = `${side} to ${thing.targetAddress}:${thing.targetPort}`;
    if (is === should && network === thing.network) return undefined;
    return edited(`the forward leads from ${is}, not from ${should}`);
  }
  return inTheWay(thing, door, host) ?? gone(`the forward of ${side} is gone`);
}

function compareProxy(thing: Of<'proxy'>, door: DoorSpec, host: HostWorld): Flaw | undefined {
  const side = sideOf(thing);
  const found = host.proxies.find((each) => each.door === door.id);
  if (found === undefined) return inTheWay(thing, door, host) ?? gone(`the proxy device of ${side} is gone`);
  const is = `${sideOf(found)} to ${found.connectAddress}:${found.connectPort}`;
  const should = `${side} to ${thing.connectAddress}:${thing.connectPort}`;
  if (is !== should) return edited(`the proxy device leads from ${is}, not from ${should}`);
  return found.nat === thing.nat ? undefined : edited(`the proxy device of ${side} has another \`nat\``);
}

/** A guard that cannot be asked says nothing. One that lets nobody in is told apart from one that is gone. */
function compareGuard(thing: Of<'guard'>, door: DoorSpec, { guard, host }: HostWorld): Flaw | undefined {
  if (guard === undefined) return undefined;
  const found = guard.doors.find((each) => each.door === door.id);
  const side = sideOf({ listenAddress: thing.address, listenPort: thing.port, protocol: thing.protocol });
  if (found === undefined)
    return { name: 'guard_lost', detail: `the guard of ${host} does not know ${side}` };
  const isPlace =
    found.address === thing.address && found.port === thing.port && found.protocol === thing.protocol;
  const isSame = [...found.sources].sort().join() === [...thing.sources].sort().join();
  if (isPlace && (isSame || found.sources.length === 0)) return undefined;
  return edited(
    `the guard of ${host} lets in ${sourcesInWords(found.sources)} to ${found.address}:${found.port}`,
  );
}

function compareNic({ instance, device }: Of<'nic'>, door: DoorSpec, host: HostWorld): Flaw | undefined {
  const found = host.instances.find(({ name }) => name === instance);
  if (found?.card?.doors.some((each) => each.door === door.id) !== true)
    return gone(`${instance} has not the mark of its network card any more`);
  if (found.nics.some((each) => each.device === device)) return undefined;
  return gone(`the network card ${device} of ${instance} is gone`);
}

interface Listening {
  listenAddress: string;
  listenPort: number | string;
  protocol: 'tcp' | 'udp';
  targetAddress?: string;
}

/** What somebody else, or another door, has where this one should listen. */
function inTheWay(thing: Listening, door: DoorSpec, host: HostWorld): Flaw | undefined {
  const { listenAddress, listenPort, protocol } = thing;
  const isThere = (each: Listening & { door?: string }): boolean =>
    each.door !== door.id &&
    each.protocol === protocol &&
    each.listenAddress === listenAddress &&
    coversPort(String(each.listenPort), Number(listenPort));
  const all = host.forwards.flatMap(({ listenAddress: at, ports }) =>
    ports.map((port) => ({ ...port, listenAddress: at })),
  );
  const forward = all.find(isThere);
  const proxy = host.proxies.find(isThere);
  const whole = host.forwards.find((each) => each.listenAddress === listenAddress && !each.ours);
  const what =
    forward !== undefined
      ? `a forward to ${forward.targetAddress}:${forward.targetPort}`
      : proxy !== undefined
        ? `the proxy device ${proxy.device} of ${proxy.instance}`
        : whole !== undefined && 'targetAddress' in thing
          ? `a forward of ${whole.listenAddress} that somebody else made`
          : undefined;
  return what === undefined
    ? undefined
    : { name: 'foreign_in_the_way', detail: `at ${sideOf(thing)} there is ${what}` };
}

function sideOf({ listenAddress, listenPort, protocol }: Listening): string {
  return publicSideOf({ publicAddress: listenAddress, publicPort: listenPort, protocol });
}
