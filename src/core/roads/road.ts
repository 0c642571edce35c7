/** What every road is: when it fits, and which things open it. */

import { type ExposeCommand, isAnyone, type RoadName } from '../request.ts';
import { complement, networkOf } from '../sources.ts';
import { momentInWords } from '../span.ts';
import type { Thing } from '../thing.ts';
import type { BridgeWorld, ExposeWorld, HostWorld, NicWorld } from '../world.ts';
import type { Outside } from './port-taken.ts';

/** What is asked of a road. */
export interface RoadAsk {
  command: ExposeCommand;
  door: string;
  /** Where the host would listen; absent when only roads to an address of the instance's own are asked for. */
  outside?: Outside;
}

export interface Fits {
  fits: true;
  things: Thing[];
  why: string;
  /** The public address, where it is known before it is taken. */
  publicAddress?: string;
  publicPort: number;
  warnings?: string[];
  /** What it takes of quotas. */
  cost?: string[];
}

export type Fit = Fits | Unfit;

export interface Unfit {
  fits: false;
  why: string;
}

export interface Road {
  name: RoadName;
  /** The instance gets an address of its own: nothing on the host listens for it. */
  own: boolean;
  fit(ask: RoadAsk, world: ExposeWorld): Fit;
}

/** The NIC of an instance that the host's kernel can reach, and its bridge. */
export interface Reach {
  nic: NicWorld & { address: string };
  bridge: BridgeWorld & { ipv4: string };
}

/** Finds the first NIC on a bridge that LXD manages; says why there is none. */
export function reachOf({ host, instance }: ExposeWorld): Reach | Unfit {
  const nic = instance.nics.find((each) => each.network !== undefined);
  if (nic === undefined) return unfit(`${instance.name} is on no bridge that LXD manages`);
  const bridge = host.bridges.find(({ network }) => network === nic.network);
  if (bridge?.ipv4 === undefined) return unfit(`its bridge ${nic.network} has no IPv4 network`);
  if (nic.address === undefined) return unfit(`${instance.name} has no IPv4 address on ${nic.network} yet`);
  if (nic.pinned !== undefined && nic.pinned !== nic.address) {
    return unfit(`${instance.name} is set to ${nic.pinned} but has ${nic.address}: it needs a restart`);
  }
  const kept = host.quarantined?.find(
    ({ address, instance: was }) => address === nic.address && was !== instance.name,
  );
  if (kept !== undefined) {
    const until = momentInWords(kept.until);
    return unfit(
      `${nic.address} was the address of ${kept.instance}, which was deleted: no door leads there before ${until}`,
    );
  }
  const other = host.instances.find(
    ({ name, nics }) => name !== instance.name && nics.some((each) => each.pinned === nic.address),
  );
  if (other !== undefined) return unfit(`${nic.address} is also set for the instance ${other.name}`);
  return { nic: { ...nic, address: nic.address }, bridge: { ...bridge, ipv4: bridge.ipv4 } };
}

/**
 * The pin (unless people keep the address) and the source filter (unless anyone may come, or the cloud or the host's guard sees to it), innermost first. A pin of ours is in
 * the plan again, also when other doors use it: the plan stays the same whichever door to an instance is opened first.
 */
export function groundOf({ command }: RoadAsk, world: ExposeWorld, { nic, bridge }: Reach): Thing[] {
  const { host, instance } = world;
  const { port, protocol, sources } = command;
  const things: Thing[] = [];
  if (nic.pinned === undefined || nic.pinnedFor.length > 0) {
    things.push({
      kind: 'pin',
      host: host.host,
      instance: instance.name,
      nic: nic.device,
      address: nic.address,
    });
  }
  if (!isAnyone(sources) && !cloudFilters(world) && host.guard === undefined) {
    const drops = dropsFor(sources, bridge.ipv4, host);
    const { network } = bridge;
    things.push({
      kind: 'filter',
      host: host.host,
      network,
      protocol,
      address: nic.address,
      port,
      sources,
      drops,
    });
  }
  return things;
}

/**
 * The ranges that a source filter drops: everybody but the sources, the bridge's own network and the host itself. The host
 * and its other instances are not the outside world, and LXD filters what they send, too (measured on 5.0.2).
 */
export function dropsFor(sources: readonly string[], bridge: string, { addresses }: HostWorld): string[] {
  const own = addresses.map(({ address }) => `${address}/32`);
  return complement([...sources, networkOf(bridge), ...own]);
}

/** True where the security groups of a cloud let in who may come, so that LXD need not filter. */
export function cloudFilters({ host }: ExposeWorld): boolean {
  return host.cloud?.server.port.security === true;
}

/** True when the sources cannot be limited here. */
export function cannotFilter({ command }: RoadAsk, world: ExposeWorld): boolean {
  const { can, guard } = world.host;
  return !isAnyone(command.sources) && !can.filter && !cloudFilters(world) && guard === undefined;
}

export function unfit(why: string): Unfit {
  return { fits: false, why };
}
