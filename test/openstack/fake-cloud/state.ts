/** All that the fake cloud keeps, in one place. No HTTP. */
import { randomUUID } from 'node:crypto';
import type {
  OsAddressPair,
  OsFlavor,
  OsFloatingIp,
  OsImage,
  OsKeypair,
  OsPort,
  OsPortForwarding,
  OsRouter,
  OsRule,
  OsSubnet,
} from '../../../src/openstack/client.ts';

/** Accepted is not yet visible: GET does not know a thing before this time. */
export interface Kept {
  visibleAt: number;
}

export interface FakeNetwork extends Kept {
  id: string;
  name: string;
  'router:external': boolean;
  mtu: number;
  port_security_enabled: boolean;
}

export interface FakeRouter extends OsRouter, Kept {
  /** Ids of the subnets that it has an interface in. */
  interfaces: string[];
}

export interface FakePort extends Omit<OsPort, 'allowed_address_pairs'>, Kept {
  allowed_address_pairs: Required<OsAddressPair>[];
  port_security_enabled: boolean;
  /** Nova made it, and takes it along. */
  ofNova: boolean;
}

export interface FakeGroup extends Kept {
  id: string;
  name: string;
  description: string;
  tags: string[];
  revision_number: number;
}

export interface AllocationPool {
  start: string;
  end: string;
}

export interface FakeSubnet extends OsSubnet, Kept {
  allocation_pools?: AllocationPool[];
}

export interface FakeServer extends Kept {
  id: string;
  name: string;
  flavor: string;
  key_name: string | null;
  metadata: Record<string, string>;
  /** As it was sent: base64. */
  user_data: string | undefined;
  config_drive: boolean;
  /** When BUILD ends. */
  activeAt: number;
  /** When a deletion is over. */
  goneAt: number | undefined;
  /** Ends BUILD as ERROR. */
  fault: { message: string } | undefined;
  status: 'running' | 'SHUTOFF';
  console: string | undefined;
}

export interface FakeState {
  projectId: string;
  /** Milliseconds between accepted and visible. */
  lagMs: number;
  /** Milliseconds that a server is in BUILD, and that its deletion takes. */
  buildMs: number;
  deleteMs: number;
  tokenMs: number;
  /** Milliseconds between the look at a port's revision and the write: Neutron compares before it writes, not while. */
  writeMs: number;
  /** Hardware addresses for the next ports; random ones when they are used up. */
  macs: string[];
  /** Most things in one answer of a list; what is left is behind a link. */
  pageSize: number;
  /** Why the next servers end in ERROR. */
  buildFault: string | undefined;
  /** What the consoles of servers print that have nothing of their own set. */
  console: string;
  tokens: Map<string, number>;
  extensions: Set<string>;
  /** Neutron's, by resource; -1 is none. */
  quotas: Record<string, number>;
  /** Nova's. */
  limits: { instances: number; cores: number; ram: number; key_pairs: number };
  networks: Map<string, FakeNetwork>;
  subnets: Map<string, FakeSubnet>;
  routers: Map<string, FakeRouter>;
  ports: Map<string, FakePort>;
  floatingIps: Map<string, OsFloatingIp & Kept>;
  /** By floating IP. */
  forwardings: Map<string, OsPortForwarding & Kept & { floatingIp: string }>;
  groups: Map<string, FakeGroup>;
  rules: Map<string, OsRule & Kept>;
  servers: Map<string, FakeServer>;
  keypairs: Map<string, OsKeypair & Kept>;
  flavors: Map<string, OsFlavor & Kept>;
  images: Map<string, OsImage & Kept & { disk_format: string }>;
}

/** Defaults of neutron/conf/quota.py and nova/conf/quota.py. */
const QUOTAS = {
  network: 100,
  subnet: 100,
  port: 500,
  router: 10,
  floatingip: 50,
  security_group: 10,
  security_group_rule: 100,
};

const EXTENSIONS = [
  'router',
  'external-net',
  'security-group',
  'allowed-address-pairs',
  'port-security',
  'quotas',
  'quota_details',
  'revision-if-match',
  'standard-attr-revisions',
  'standard-attr-tag',
  'standard-attr-description',
  'floating-ip-port-forwarding',
  'floating-ip-port-forwarding-description',
  'net-mtu',
];

export function emptyState(): FakeState {
  return {
    projectId: randomUUID().replaceAll('-', ''),
    lagMs: 0,
    buildMs: 0,
    deleteMs: 0,
    tokenMs: 3_600_000,
    writeMs: 0,
    macs: [],
    pageSize: 1000,
    buildFault: undefined,
    console: '',
    tokens: new Map(),
    extensions: new Set(EXTENSIONS),
    quotas: { ...QUOTAS },
    limits: { instances: 10, cores: 20, ram: 51_200, key_pairs: 100 },
    networks: new Map(),
    subnets: new Map(),
    routers: new Map(),
    ports: new Map(),
    floatingIps: new Map(),
    forwardings: new Map(),
    groups: new Map(),
    rules: new Map(),
    servers: new Map(),
    keypairs: new Map(),
    flavors: new Map(),
    images: new Map(),
  };
}

/** What a GET would see. */
export function visible<T extends Kept>(table: ReadonlyMap<string, T>): T[] {
  return [...table.values()].filter(({ visibleAt }) => visibleAt <= Date.now());
}

/** Puts a new thing in its table, visible after the lag. */
export function keep<T extends Kept & { id: string }>(
  state: FakeState,
  table: Map<string, T>,
  thing: Omit<T, 'visibleAt'>,
): T {
  const kept = { ...thing, visibleAt: Date.now() + state.lagMs } as T;
  table.set(kept.id, kept);
  return kept;
}
