/**
 * Road `fip-port`: one floating IP shared by many doors, each with one port of it (Network API, "Floating IPs port forwarding"). For hosts
 * without a floating IP of their own: Neutron refuses both on one port.
 */

import { type FloatingIpWorld, type HostCloud, isFree } from '../cloud-world.ts';
import { portOf } from '../request.ts';
import { aboutDoor } from '../tags/cloud-tag.ts';
import type { CloudThing } from '../thing.ts';
import type { ExposeWorld } from '../world.ts';
import { floatingIpFor, placeOf } from './front.ts';
import { letIn } from './let-in.ts';
import { type Fit, groundOf, type Road, type RoadAsk, reachOf, unfit } from './road.ts';

export const fipPort: Road = {
  name: 'fip-port',
  own: false,
  fit(ask, world) {
    const { host } = world;
    if (host.cloud === undefined) return unfit(`${host.host} is not a server of a cloud`);
    const { cloud, server } = host.cloud;
    if (!cloud.can.portForwarding)
      return unfit(
        `${cloud.cloud} cannot forward single ports of a floating IP (extension floating-ip-port-forwarding)`,
      );
    const own = cloud.floatingIps.find(({ port }) => port === server.port.id);
    if (own !== undefined)
      return unfit(
        `the port of ${server.name} has the floating IP ${own.address} to itself, and Neutron allows only one of both`,
      );
    if (!host.can.forward) return unfit('this LXD has no network forwards (they came with 4.18)');
    return sharedDoor(ask, world, host.cloud);
  },
};

function sharedDoor(ask: RoadAsk, world: ExposeWorld, host: HostCloud): Fit {
  const { command, door, outside } = ask;
  const reach = reachOf(world);
  if ('fits' in reach) return reach;
  if (outside === undefined) return unfit('the host has no public side');
  const { cloud, server } = host;
  const about = aboutDoor(world.instance.name, command.port, command.protocol);
  const own = { cloud: cloud.cloud, owner: door, about };
  const shared = sharedFloatingIp(cloud.floatingIps, door, command.publicAddress);
  const address =
    shared === undefined
      ? floatingIpFor({ owner: door, about }, placeOf(host), command.publicAddress)
      : { things: [claimOf(own, shared)], address: shared.address, cost: [] };
  if ('fits' in address) return address;
  const taken = shared?.forwardings.find(
    ({ publicPort, protocol, owner }) =>
      publicPort === outside.publicPort && protocol === command.protocol && owner !== door,
  );
  if (taken !== undefined)
    return unfit(
      `${shared?.address}:${portOf(outside.publicPort, command.protocol)} is forwarded already${taken.owner === undefined ? '' : ` (${taken.owner})`}`,
    );
  const entry = letIn(
    { owner: door, about, protocol: command.protocol, port: outside.publicPort, sources: command.sources },
    host,
  );
  if ('fits' in entry) return entry;
  const { publicPort } = outside;
  const { protocol } = command;
  const forwarding: CloudThing = {
    ...own,
    kind: 'port_forwarding',
    protocol,
    publicPort,
    hostPort: server.port.id,
    fixedAddress: server.port.address,
    port: publicPort,
  };
  const forward = {
    kind: 'forward',
    host: world.host.host,
    network: reach.bridge.network,
    listenAddress: outside.listenAddress,
    listenPort: publicPort,
    protocol,
    targetAddress: reach.nic.address,
    targetPort: command.port,
  } as const;
  return {
    fits: true,
    why: 'one floating IP serves many doors, each with a port of it',
    things: [
      ...groundOf(ask, world, reach),
      forward,
      ...entry.ground,
      ...address.things,
      forwarding,
      ...entry.rule,
    ],
    publicPort,
    ...(address.address !== undefined && { publicAddress: address.address }),
    warnings: entry.warnings,
    cost: [...address.cost, ...entry.cost],
  };
}

function claimOf(
  own: { cloud: string; owner: string; about: string },
  { address, network }: FloatingIpWorld,
): CloudThing {
  return { ...own, kind: 'floating_ip', network, address };
}

/** One of ours that serves single ports already. */
function sharedFloatingIp(
  all: readonly FloatingIpWorld[],
  door: string,
  wanted: string | undefined,
): FloatingIpWorld | undefined {
  return all.find(
    (each) =>
      each.port === undefined &&
      (each.owners.includes(door) || (!isFree(each) && each.ours)) &&
      (wanted === undefined || each.address === wanted),
  );
}
