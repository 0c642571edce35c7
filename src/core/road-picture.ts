/** The road of a door as a picture: hop by hop from outside to the instance, narrow enough for a phone. Pure. */
import type { DoorPlan, DoorSpec } from './plan.ts';
import { portOf, type RoadName } from './request.ts';
import { sourcesInWords } from './sources.ts';
import { publicSideOf } from './step-words.ts';
import type { Thing } from './thing.ts';

/** Characters that a phone shows in a line without breaking it. */
export const PICTURE_WIDTH = 34;

const ARROW = '  ↓';

/** The rule by which Neutron's DHCP answers is no part of the road. */
const DHCP = 68;

/** A line each; nothing is longer than the width. */
export function roadPicture({ door, steps }: DoorPlan): string[] {
  const things = steps.map(({ thing }) => thing);
  const hops = [
    ...cloudHops(door, things),
    hostHop(door),
    `${door.instance} :${portOf(door.port, door.protocol)}`,
  ];
  const from = sourcesInWords(door.sources);
  const first = [`outside: ${from}`, `${ARROW} ${publicSideOf(door)}`];
  const rest = hops
    .filter((hop) => hop !== undefined)
    .flatMap((hop, at) => (at === 0 ? [hop] : [ARROW, hop]));
  return [...first, ...rest].map((line) => fitted(line));
}

function cloudHops({ road, publicPort, protocol, sources }: DoorSpec, things: readonly Thing[]): string[] {
  const isInCloud = road === 'server' || things.some(({ kind }) => kind === 'floating_ip' || kind === 'rule');
  if (!isInCloud) return [];
  const shared = things.some(({ kind }) => kind === 'port_forwarding') || road === 'fip-port';
  const whom = sources.includes('0.0.0.0/0') ? 'anyone' : 'only these';
  const rule = things.find(
    (thing) => thing.kind === 'rule' && thing.protocol === protocol && thing.port !== DHCP,
  );
  const port = rule?.kind === 'rule' ? rule.port : publicPort;
  return [
    shared ? 'floating IP, this port only' : 'floating IP',
    `security group: ${whom} at ${portOf(port, protocol)}`,
  ];
}

const HOST_HOPS: Readonly<Record<RoadName, string | undefined>> = {
  forward: 'network forward',
  'fip-port': 'network forward',
  proxy: 'proxy device, in the kernel',
  userspace: 'proxy device, copies bytes',
  routed: 'routes to the instance',
  port: 'hands a card of its own over',
  bridged: 'card beside the host’s own',
  lan: 'card on the LAN, by DHCP',
  server: undefined,
};

function hostHop({ host, road }: DoorSpec): string | undefined {
  const hop = HOST_HOPS[road];
  return hop === undefined ? undefined : `${host}: ${hop}`;
}

function fitted(line: string): string {
  return line.length <= PICTURE_WIDTH ? line : `${line.slice(0, PICTURE_WIDTH - 1)}…`;
}
