/** The outside of a door on a host: nothing more where the host has the public address, a floating IP and a rule in a cloud. */

import {
  type CloudWorld,
  costOf,
  type FloatingIpWorld,
  type HostCloud,
  isFree,
  leftOf,
} from '../cloud-world.ts';
import { aboutDoor } from '../tags/cloud-tag.ts';
import type { CloudThing } from '../thing.ts';
import type { ExposeWorld } from '../world.ts';
import { letIn } from './let-in.ts';
import { type RoadAsk, type Unfit, unfit } from './road.ts';

export interface Front {
  /** Innermost first; the rule is the last. */
  things: CloudThing[];
  publicAddress?: string;
  publicPort: number;
  warnings: string[];
  cost: string[];
}

/** What has to be in front of the host's listening port. */
export function frontOf({ command, door, outside }: RoadAsk, { host }: ExposeWorld): Front | Unfit {
  if (outside === undefined) return unfit('the host has no public side');
  const { publicAddress, publicPort } = outside;
  if (host.cloud === undefined)
    return {
      things: [],
      publicPort,
      warnings: [],
      cost: [],
      ...(publicAddress !== undefined && { publicAddress }),
    };
  const about = aboutDoor(command.target.instance, command.port, command.protocol);
  const owner = { owner: door, about };
  const { port } = host.cloud.server;
  const address = floatingIpFor(
    { ...owner, port: { id: port.id }, fixedAddress: port.address },
    placeOf(host.cloud),
    publicAddress,
  );
  if ('fits' in address) return address;
  const entry = letIn(
    { ...owner, protocol: command.protocol, port: publicPort, sources: command.sources },
    host.cloud,
  );
  if ('fits' in entry) return entry;
  return {
    things: [...entry.ground, ...address.things, ...entry.rule],
    publicPort,
    warnings: entry.warnings,
    cost: [...address.cost, ...entry.cost],
    ...(address.address !== undefined && { publicAddress: address.address }),
  };
}

/** Where a floating IP would lead: whether a router leads there, and the name in messages. */
export function placeOf({ cloud, server }: HostCloud): { cloud: CloudWorld; routed: boolean; name: string } {
  return { cloud, routed: server.subnet.routed, name: server.name };
}

type FloatingIpThing = Extract<CloudThing, { kind: 'floating_ip' }>;

export interface FloatingIpChoice {
  things: CloudThing[];
  /** Absent: a new one. */
  address?: string;
  cost: string[];
}

/**
 * The floating IP that leads to a port: the one that does already, else a free one of the project, else a new one.
 * @param wanted the one that was asked for
 */
export function floatingIpFor(
  thing: Pick<FloatingIpThing, 'owner' | 'about' | 'port' | 'fixedAddress'>,
  { cloud, routed, name }: { cloud: CloudWorld; routed: boolean; name: string },
  wanted?: string,
): FloatingIpChoice | Unfit {
  const to = thing.port !== undefined && 'id' in thing.port ? thing.port.id : undefined;
  const present = cloud.floatingIps.find(({ port, owners }) =>
    to === undefined ? owners.includes(thing.owner) : port === to,
  );
  if (present !== undefined && !present.ours && !present.owners.includes(thing.owner))
    return { things: [], address: present.address, cost: [] };
  if (!routed) return unfit(`no router leads from the network of ${name} to a network of floating IPs`);
  if (cloud.external === undefined)
    return unfit(
      `${cloud.cloud} has no one network of floating IPs: set \`external_network\` in its configuration`,
    );
  const base = { kind: 'floating_ip', cloud: cloud.cloud, network: cloud.external.id, ...thing } as const;
  // The door's own, which somebody took off the port.
  const own = cloud.floatingIps.find(
    ({ port, owners }) => port === undefined && owners.includes(thing.owner),
  );
  const found = present ?? own ?? freeOne(cloud.floatingIps, cloud.external.id, wanted);
  if (found !== undefined)
    return { things: [{ ...base, address: found.address }], address: found.address, cost: [] };
  if (leftOf(cloud.quotas.floatingIps) < 1) {
    const { used, limit } = cloud.quotas.floatingIps;
    return unfit(`no floating IP is free and the quota is used up (${used} of ${limit})`);
  }
  return { things: [base], cost: costOf('floating IPs', cloud.quotas.floatingIps, 1) };
}

function freeOne(
  all: readonly FloatingIpWorld[],
  network: string,
  wanted: string | undefined,
): FloatingIpWorld | undefined {
  const free = all.filter((each) => isFree(each) && each.network === network);
  return wanted === undefined ? free[0] : free.find(({ address }) => address === wanted);
}
