/** What the client of one cloud can do: verbs on OpenStack's nouns. */
import type {
  OsComputeLimits,
  OsFlavor,
  OsFloatingIp,
  OsImage,
  OsKeypair,
  OsNetwork,
  OsNetworkQuotas,
  OsPort,
  OsPortChange,
  OsPortForwarding,
  OsPortRequest,
  OsRouter,
  OsRule,
  OsRuleRequest,
  OsSecurityGroup,
  OsServer,
  OsServerRequest,
  OsSubnet,
} from './types.ts';

/** Fields of a list call that the service filters by, like `{ tags: 'door-7k2m9x' }`. */
export type Filter = Readonly<Record<string, string>>;

/**
 * Verbs on OpenStack's nouns. Every one throws Fault with a code `openstack_*`, its message saying what was being done, the
 * service's own words and its request id; and the reason of `signal` where that ends it. A read of something that is not there
 * answers undefined, a removal of it does nothing. Reads and tags are tried again where that may help; other changes are
 * not, unless the service says that it did nothing (429, 503 with Retry-After).
 */
export interface CloudClient {
  /** The cloud's name in the configuration. */
  name: string;

  /** Logs in anew and asks Nova and Neutron for their versions. @returns milliseconds that each took */
  check(signal?: AbortSignal): Promise<{ compute: number; network: number }>;

  listServers(filter: Filter, signal?: AbortSignal): Promise<OsServer[]>;
  getServer(id: string, signal?: AbortSignal): Promise<OsServer | undefined>;
  createServer(request: OsServerRequest, signal?: AbortSignal): Promise<{ id: string }>;
  /** Nova does it in the background: it is done when the server is not there any more. Ports that it was given stay. */
  deleteServer(id: string, signal?: AbortSignal): Promise<void>;
  setServerMetadata(id: string, metadata: Record<string, string>, signal?: AbortSignal): Promise<void>;
  /** The last lines of the server's console; empty where the cloud keeps none. */
  getConsole(id: string, lines: number, signal?: AbortSignal): Promise<string>;
  /** Plugs a port into a server that has been built; nothing when it is there already. @throws Fault openstack_conflict */
  attachPort(server: string, port: string, signal?: AbortSignal): Promise<void>;
  /** Nova does it in the background: it is done when the port's `device_id` is empty. The port stays. */
  detachPort(server: string, port: string, signal?: AbortSignal): Promise<void>;
  listFlavors(signal?: AbortSignal): Promise<OsFlavor[]>;
  getComputeLimits(signal?: AbortSignal): Promise<OsComputeLimits>;
  getKeypair(name: string, signal?: AbortSignal): Promise<OsKeypair | undefined>;
  createKeypair(name: string, publicKey: string, signal?: AbortSignal): Promise<void>;
  deleteKeypair(name: string, signal?: AbortSignal): Promise<void>;

  listImages(filter: Filter, signal?: AbortSignal): Promise<OsImage[]>;

  /** Aliases of Neutron's extensions, asked once an hour. */
  listExtensions(signal?: AbortSignal): Promise<ReadonlySet<string>>;
  getNetworkQuotas(signal?: AbortSignal): Promise<OsNetworkQuotas>;
  listNetworks(filter: Filter, signal?: AbortSignal): Promise<OsNetwork[]>;
  listSubnets(filter: Filter, signal?: AbortSignal): Promise<OsSubnet[]>;
  listRouters(filter: Filter, signal?: AbortSignal): Promise<OsRouter[]>;

  listPorts(filter: Filter, signal?: AbortSignal): Promise<OsPort[]>;
  getPort(id: string, signal?: AbortSignal): Promise<OsPort | undefined>;
  createPort(request: OsPortRequest, signal?: AbortSignal): Promise<OsPort>;
  /**
   * Reads, changes, writes with If-Match, and again when somebody else was faster. That does not replace a lock: Neutron compares the
   * revision before it writes, not while, and of three writers at once two changes were lost (measured on Zed).
   * @param change gives whole parts; undefined: nothing to do
   */
  updatePort(
    id: string,
    change: (port: OsPort) => OsPortChange | undefined,
    signal?: AbortSignal,
  ): Promise<void>;
  deletePort(id: string, signal?: AbortSignal): Promise<void>;

  listFloatingIps(filter: Filter, signal?: AbortSignal): Promise<OsFloatingIp[]>;
  createFloatingIp(
    request: {
      floating_network_id: string;
      description: string;
      port_id?: string;
      fixed_ip_address?: string;
    },
    signal?: AbortSignal,
  ): Promise<OsFloatingIp>;
  /**
   * Points a floating IP to a port, or to nothing, unless it points elsewhere than in `seen` by now. As with ports, that replaces no
   * lock.
   * @throws Fault openstack_changed; openstack_conflict where the port's address has one already, or forwardings are on it
   */
  pointFloatingIp(
    seen: OsFloatingIp,
    to: { port_id: string; fixed_ip_address?: string } | undefined,
    signal?: AbortSignal,
  ): Promise<OsFloatingIp>;
  /** @throws Fault openstack_conflict while port forwardings are on it */
  deleteFloatingIp(id: string, signal?: AbortSignal): Promise<void>;
  listPortForwardings(floatingIp: string, signal?: AbortSignal): Promise<OsPortForwarding[]>;
  createPortForwarding(
    floatingIp: string,
    request: Omit<OsPortForwarding, 'id'>,
    signal?: AbortSignal,
  ): Promise<OsPortForwarding>;
  deletePortForwarding(floatingIp: string, id: string, signal?: AbortSignal): Promise<void>;

  listSecurityGroups(filter: Filter, signal?: AbortSignal): Promise<OsSecurityGroup[]>;
  createSecurityGroup(name: string, description: string, signal?: AbortSignal): Promise<OsSecurityGroup>;
  /** @throws Fault openstack_conflict while a port has it */
  deleteSecurityGroup(id: string, signal?: AbortSignal): Promise<void>;
  /** @throws Fault openstack_conflict where the same rule stands already */
  createRule(request: OsRuleRequest, signal?: AbortSignal): Promise<OsRule>;
  deleteRule(id: string, signal?: AbortSignal): Promise<void>;

  /** One tag, set and taken atomically (Network API, "standard-attr-tag"); letters, digits, dashes, colons, dots and underscores. */
  addTag(
    kind: 'ports' | 'floatingips' | 'security-groups',
    id: string,
    tag: string,
    signal?: AbortSignal,
  ): Promise<void>;
  removeTag(
    kind: 'ports' | 'floatingips' | 'security-groups',
    id: string,
    tag: string,
    signal?: AbortSignal,
  ): Promise<void>;
}
