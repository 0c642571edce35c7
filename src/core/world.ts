/**
 * What was seen on a host, as the planner reads it. Filled by a worker from LXD's answers; nothing here is fetched.
 * All lists are sorted by whoever fills them, so that the same world gives the same plan.
 */

import type { HostCloud } from './cloud-world.ts';
import type { GuardWorld } from './guard.ts';
import type { PortRange } from './port-range.ts';
import type { Protocol } from './request.ts';
import type { Card } from './tags/card.ts';

export interface HostWorld {
  host: string;
  /** The address that doors get when none is named. */
  publicAddress?: string;
  /** Public ports that the configuration allows on this host. */
  publicPorts: PortRange;
  /** Where the host's own sshd and LXD listen: never to be shadowed by a door. */
  ownPorts: readonly { port: number; what: string }[];
  /** LXD's API extensions that the roads depend on. */
  can: { forward: boolean; proxy: boolean; proxyNat: boolean; filter: boolean; routed: boolean };
  /** IPv4 addresses of the host's own interfaces, the bridges of LXD included. */
  addresses: readonly { address: string; interface: string }[];
  bridges: readonly BridgeWorld[];
  forwards: readonly ForwardWorld[];
  proxies: readonly ProxyWorld[];
  filters: readonly FilterWorld[];
  /** Absent where the host has no guard. */
  guard?: GuardWorld;
  /** It has one that could not be asked, and why. */
  guardTrouble?: string;
  instances: readonly InstanceWorld[];
  /** The interface with the public address, on which an instance could have a card of its own. */
  uplink?: { interface: string; bridge: boolean };
  /** The cloud whose server the host is. */
  cloud?: HostCloud;
  /** Nothing new is placed on it. */
  drained: boolean;
  /** Addresses on its bridges that were a deleted instance's; absent where there are none. */
  quarantined?: readonly { address: string; instance: string; until: number }[];
}

/** A bridge that LXD manages. */
export interface BridgeWorld {
  network: string;
  /** `10.11.0.1/24`, the host's side. */
  ipv4?: string;
  /** Drawbridge's source filters hang on it already. */
  filtered: boolean;
}

export interface InstanceWorld {
  name: string;
  status: string;
  type: 'container' | 'virtual-machine';
  nics: readonly NicWorld[];
  /** A card that Drawbridge gave it, and for which doors. */
  card?: Card;
}

export interface NicWorld {
  device: string;
  /** The managed bridge it hangs on, if it does. */
  network?: string;
  /** The address it has now. */
  address?: string;
  /** `ipv4.address` of the device: LXD keeps it over restarts. */
  pinned?: string;
  /** The doors for which Drawbridge pinned it; none when somebody else did. */
  pinnedFor: readonly string[];
}

/** One port of a network forward, ours or not. */
export interface ForwardWorld {
  network: string;
  listenAddress: string;
  /** Set when every port of the address goes to one target (config target_address). */
  defaultTarget?: string;
  /** The whole forward was made by Drawbridge. */
  ours: boolean;
  ports: readonly {
    protocol: Protocol;
    /** As LXD keeps it: `80`, `80-90` or `80,443`. */
    listenPort: string;
    targetAddress: string;
    targetPort: string;
    /** The door and its instance, when it is one of ours. */
    door?: string;
    instance?: string;
  }[];
}

/** A proxy device of an instance that listens on the host. */
export interface ProxyWorld {
  instance: string;
  device: string;
  protocol: Protocol;
  listenAddress: string;
  listenPort: string;
  connectAddress: string;
  connectPort: string;
  nat: boolean;
  door?: string;
}

/** One source filter that Drawbridge keeps for a door. */
export interface FilterWorld {
  door: string;
  /** From its tag. */
  instance?: string;
  protocol: Protocol;
  address: string;
  port: number;
  sources: readonly string[];
  /** The ranges it drops, `first-last`. */
  drops: readonly string[];
}

/** What listens inside an instance. */
export interface Listener {
  protocol: Protocol;
  /** `0.0.0.0`, `127.0.0.1`, an address, `::` … */
  address: string;
  port: number;
}

/** All that a plan for one instance is made from. */
export interface ExposeWorld {
  host: HostWorld;
  instance: InstanceWorld;
  /** undefined: could not be seen. */
  listeners?: readonly Listener[];
  /** Something answers on the public address and port already, seen by knocking; tcp only. */
  answersAlready: boolean;
  /** Hosts that did not answer while the instance was looked for. */
  silentHosts: readonly string[];
}

/** True when `port` lies in LXD's notation of ports: `80`, `80-90`, `80,443,8000-8010`. */
export function coversPort(notation: string, port: number): boolean {
  return notation.split(',').some((part) => {
    const [from = '', to = from] = part.trim().split('-');
    return Number(from) <= port && port <= Number(to);
  });
}
