/**
 * What was seen of a cloud, as the planner reads it. Filled by a worker from OpenStack's answers; nothing here is fetched. All lists are
 * sorted by whoever fills them, so that the same world gives the same plan.
 */
import type { PortRange } from './port-range.ts';
import type { Protocol } from './request.ts';

/** A limit of -1 is none. `used` counts what is reserved, too. */
export interface Quota {
  limit: number;
  used: number;
}

export interface CloudWorld {
  cloud: string;
  can: {
    /** Tags on ports, floating IPs and groups, by which things are counted. */
    tags: boolean;
    addressPairs: boolean;
    portForwarding: boolean;
  };
  /** Where floating IPs come from; absent where the cloud has none, or several and none is configured. */
  external?: { id: string; name: string };
  quotas: { floatingIps: Quota; ports: Quota; groups: Quota; rules: Quota };
  floatingIps: readonly FloatingIpWorld[];
  groups: readonly GroupWorld[];
  /** Ports that Drawbridge made. */
  ports: readonly PortWorld[];
  /** Ports of others on which a group of ours hangs. */
  serverPorts: readonly PortWorld[];
}

export interface FloatingIpWorld {
  id: string;
  address: string;
  network: string;
  /** The port that it leads to. */
  port?: string;
  /** Doors and hosts that need it, from its tags; the one for which it was made, where no tag stands yet. */
  owners: readonly string[];
  /** Drawbridge took it from the cloud. */
  ours: boolean;
  /** Single ports that it leads on. */
  forwardings: readonly ForwardingWorld[];
}

export interface ForwardingWorld {
  id: string;
  protocol: Protocol;
  publicPort: number;
  port: string;
  address: string;
  targetPort: number;
  owner?: string;
}

export interface GroupWorld {
  id: string;
  name: string;
  ours: boolean;
  /** What each door of ours needs of it, from its tags. */
  claims: readonly RuleClaim[];
  /** Rules that let IPv4 in. */
  rules: readonly RuleWorld[];
}

export interface RuleClaim {
  owner: string;
  protocol: Protocol;
  port: number;
  source: string;
}

export interface RuleWorld {
  id: string;
  /** Absent: any. */
  protocol?: string;
  ports?: PortRange;
  /** A CIDR; absent where the rule names a group instead. */
  source?: string;
  ours: boolean;
}

export interface PortWorld {
  id: string;
  network: string;
  address: string;
  mac: string;
  /** Ids of its groups. */
  groups: readonly string[];
  /** Addresses that it may carry beside its own. */
  pairs: readonly { address: string; mac?: string }[];
  /** A server has it. */
  plugged: boolean;
  /** False: nothing is filtered, and nothing can be. */
  security: boolean;
  /** Doors and hosts that need it. Empty for ports that are not ours. */
  owners: readonly string[];
  /** `blog:80`, what it was made for; only on ports of ours. */
  about?: string;
}

/** A server with the port by which it is reached. */
export interface ServerWorld {
  id: string;
  name: string;
  status: string;
  port: PortWorld;
  subnet: SubnetWorld;
}

export interface SubnetWorld {
  /** `10.30.0.0/24` */
  cidr: string;
  gateway?: string;
  /** Neutron answers DHCP there. */
  dhcp: boolean;
  /** Networks from which it does: single addresses where they are to be seen, else the whole subnet. */
  dhcpServers: readonly string[];
  /** A router leads from it to the network of floating IPs. */
  routed: boolean;
}

/** A host's side of its cloud. */
export interface HostCloud {
  cloud: CloudWorld;
  server: ServerWorld;
  /** The host's interface behind the server's port; absent where LXD does not see it. */
  uplink?: string;
}

/** How many more a quota allows. */
export function leftOf({ limit, used }: Quota): number {
  return limit < 0 ? Number.POSITIVE_INFINITY : Math.max(0, limit - used);
}

/** `floating IPs: 3 of 50 used, then 4`; no line where nothing is taken. */
export function costOf(what: string, { limit, used }: Quota, more: number): string[] {
  if (more === 0) return [];
  return [
    `${what}: ${used} ${limit < 0 ? 'used, without a limit' : `of ${limit} used`}, then ${used + more}`,
  ];
}

/** Nobody uses it: it leads nowhere, and no door or host of ours needs it. */
export function isFree({ port, owners, forwardings }: FloatingIpWorld): boolean {
  return port === undefined && owners.length === 0 && forwardings.length === 0;
}
