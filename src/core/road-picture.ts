/** The road of a door as a picture: hop by hop from outside to the instance, narrow enough for a phone. Pure. */
import type { DoorPlan, DoorSpec } from './plan.ts';
import { portOf, type RoadName } from './request.ts';
import { sourcesInWords } from './sources.ts';
import { publicSideOf } from './step-words.ts';
import type { Thing } from './thing.ts';

/** Characters that a phone shows in a line without breaking it. */
export const PICTURE_WIDTH = 36;

const ARROW = '↓ ';
const HOP_WIDTH = PICTURE_WIDTH - ARROW.length;

/** The rule by which Neutron's DHCP answers is no part of the road. */
const DHCP = 68;

/** A line each; nothing is longer than the width. */
export function roadPicture({ door, steps }: DoorPlan): string[] {
  const things = steps.map(({ thing }) => thing);
  const hops = [publicSideOf(door), ...cloudHops(door, things), ...hostHop(door), endOf(door)];
  const outside = `outside: ${sourcesInWords(door.sources)}`;
  return [cut(outside, PICTURE_WIDTH), ...hops.map((hop) => `${ARROW}${cut(hop, HOP_WIDTH)}`)];
}

function cloudHops(door: DoorSpec, things: readonly Thing[]): string[] {
  const { road, publicAddress, publicPort, protocol, sources } = door;
  const isInCloud = road === 'server' || things.some(({ kind }) => kind === 'floating_ip' || kind === 'rule');
  if (!isInCloud) return [];
  const shared = things.some(({ kind }) => kind === 'port_forwarding') || road === 'fip-port';
  const whom = sources.includes('0.0.0.0/0') ? 'anyone' : 'only these';
  const rule = things.find(
    (thing) => thing.kind === 'rule' && thing.protocol === protocol && thing.port !== DHCP,
  );
  const port = rule?.kind === 'rule' ? rule.port : publicPort;
  // An address that is not known yet is called a floating IP already.
  const floating = publicAddress === undefined ? [] : ['floating IP'];
  return [
    ...(shared ? ['floating IP, this port only'] : floating),
    `security group: ${whom} at ${portOf(port, protocol)}`,
  ];
}

const HOST_HOPS: Readonly<Record<RoadName, string | undefined>> = {
  forward: 'network forward',
  'fip-port': 'network forward',
  proxy: 'proxy, in the kernel',
  userspace: 'proxy, copies bytes',
  routed: 'routes to the instance',
  port: 'gives a card of its own',
  bridged: 'card beside its own',
  lan: 'card on the LAN, by DHCP',
  server: undefined,
};

/** Of a long name the end is left out, so that what happens there can still be read. */
function hostHop({ host, road }: DoorSpec): string[] {
  const hop = HOST_HOPS[road];
  return hop === undefined ? [] : [`${cut(host, HOP_WIDTH - hop.length - 2)}: ${hop}`];
}

function endOf({ instance, port, protocol }: DoorSpec): string {
  const side = `:${portOf(port, protocol)}`;
  return `${cut(instance, HOP_WIDTH - side.length)}${side}`;
}

function cut(line: string, most: number): string {
  return line.length <= most ? line : `${line.slice(0, most - 1)}…`;
}
