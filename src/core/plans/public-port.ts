/** Which public address and port a door gets, and why it cannot have another. */

import { isFree } from '../cloud-world.ts';
import { isRefusal, type Refusal, refuse } from '../refusal.ts';
import type { ExposeCommand, Protocol } from '../request.ts';
import { type Outside, takenBy } from '../roads/port-taken.ts';
import type { ExposeWorld, HostWorld } from '../world.ts';

export interface PublicChoice {
  outside: Outside;
  warnings: string[];
}

/** @param door the door being opened: what it made itself in an earlier try is not in its way */
export function choosePublicSide(
  command: ExposeCommand,
  world: ExposeWorld,
  door: string,
): PublicChoice | Refusal {
  const sides =
    world.host.cloud === undefined ? ownSides(command, world.host) : cloudSides(command, world.host);
  if (isRefusal(sides)) return sides;
  const wanted = command.publicPort ?? defaultPort(command.port, world.host);
  const { from, to } = world.host.publicPorts;
  if (wanted < from || wanted > to) {
    return refuse(
      'port_not_allowed',
      `${world.host.host} gives doors the ports ${from} to ${to}, not ${wanted}.`,
      suggest(),
    );
  }
  const lockOut = lockOutOf(wanted, command.protocol, world.host);
  if (lockOut !== undefined) return { ...lockOut, next: suggest() };
  const taken = takenBy({ ...sides, publicPort: wanted, protocol: command.protocol }, world, door);
  if (taken !== undefined)
    return refuse(
      taken.reason,
      taken.message,
      taken.reason === 'already_open'
        ? '`/lxd doors` shows who opened it; another door needs another port.'
        : suggest(),
    );
  const warnings =
    command.publicPort === undefined && wanted !== command.port
      ? [`${world.host.host} gives doors no port ${command.port}; ${wanted} is used`]
      : [];
  return { outside: { ...sides, publicPort: wanted }, warnings };

  function suggest(): string {
    const free = freePort({ ...command, publicPort: wanted }, world, sides as Sides, door);
    return free === undefined ? 'No port is free there.' : `Free: \`as ${free}\`.`;
  }
}

type Sides = Omit<Outside, 'publicPort'>;

/** A host outside of clouds listens on the public address itself. */
function ownSides(command: ExposeCommand, host: HostWorld): Sides | Refusal {
  const address = chooseAddress(command, host);
  return typeof address === 'string' ? { listenAddress: address, publicAddress: address } : address;
}

/** A server listens on its fixed address, to which a floating IP leads. */
function cloudSides({ publicAddress }: ExposeCommand, { host, cloud }: HostWorld): Sides | Refusal {
  if (cloud === undefined) throw new Error('asked for the cloud of a host without one');
  const { server, cloud: world } = cloud;
  const listenAddress = server.port.address;
  const present = world.floatingIps.find(({ port }) => port === server.port.id)?.address;
  if (publicAddress === undefined)
    return { listenAddress, ...(present !== undefined && { publicAddress: present }) };
  const free = world.floatingIps.filter(isFree).map(({ address }) => address);
  const can = present === undefined ? free : [present];
  if (can.includes(publicAddress)) return { listenAddress, publicAddress };
  const next =
    can.length === 0
      ? 'Leave it out, and a new one is taken.'
      : `Possible: ${can.map((each) => `\`as ${each}\``).join(', ')}.`;
  return refuse('address_missing', `${publicAddress} is no floating IP that could lead to ${host}.`, next);
}

function chooseAddress({ publicAddress }: ExposeCommand, host: HostWorld): string | Refusal {
  if (publicAddress === '0.0.0.0') {
    return refuse(
      'address_wildcard',
      'A door has one address; 0.0.0.0 is every address of the host.',
      haves(host),
    );
  }
  const address = publicAddress ?? host.publicAddress;
  if (address === undefined) {
    return refuse(
      'address_missing',
      `${host.host} has several addresses and none is set as its public one.`,
      haves(host),
    );
  }
  if (!host.addresses.some((each) => each.address === address)) {
    return refuse(
      'address_missing',
      `${host.host} does not have the address ${address}; nothing would arrive there.`,
      haves(host),
    );
  }
  return address;
}

function haves(host: HostWorld): string {
  const inner = new Set(host.bridges.map(({ network }) => network));
  const outer = host.addresses
    .filter(
      (each) =>
        !inner.has(each.interface) &&
        (!each.address.startsWith('127.') || each.address === host.publicAddress),
    )
    .map(({ address }) => address);
  return `${host.host} has ${outer.join(', ') || 'no address of its own'}.`;
}

/** The instance's own port where the host gives it, else 8000 above it, else the first that it gives. */
function defaultPort(port: number, { publicPorts: { from, to } }: HostWorld): number {
  if (from <= port && port <= to) return port;
  return from <= port + 8000 && port + 8000 <= to ? port + 8000 : from;
}

function lockOutOf(port: number, protocol: Protocol, host: HostWorld): Refusal | undefined {
  const own = protocol === 'tcp' ? host.ownPorts.find((each) => each.port === port) : undefined;
  return (
    own &&
    refuse('lock_out', `${port} on ${host.host} is ${own.what}; a door there would lock everybody out.`)
  );
}

/** A port to propose, 8080 or above where the host gives that; never the one that was just refused. */
function freePort(
  command: ExposeCommand,
  world: ExposeWorld,
  sides: Sides,
  door: string,
): number | undefined {
  const { from, to } = world.host.publicPorts;
  const blind = { ...world, answersAlready: false };
  const start = from <= 8080 && 8080 <= to ? 8080 : from;
  for (let port = start; port <= Math.min(to, start + 500); port += 1) {
    if (port === command.publicPort) continue;
    const outside = { ...sides, publicPort: port, protocol: command.protocol };
    if (
      takenBy(outside, blind, door) === undefined &&
      lockOutOf(port, command.protocol, world.host) === undefined
    )
      return port;
  }
  return undefined;
}
