/**
 * OpenStack's nouns as its APIs spell them (Compute, Image and Network API references), limited to the fields that Drawbridge
 * reads. What else a service sends is left out on the way in.
 */

export interface OsServer {
  id: string;
  name: string;
  /** `BUILD`, `ACTIVE`, `ERROR`, `SHUTOFF` … */
  status: string;
  'OS-EXT-STS:task_state': string | null;
  /** By the network's name. */
  addresses: Record<string, { addr: string; version: number; 'OS-EXT-IPS:type'?: string }[]>;
  metadata: Record<string, string>;
  key_name: string | null;
  /** Why it is in ERROR. */
  fault?: { message: string };
}

export interface OsServerRequest {
  name: string;
  imageRef: string;
  flavorRef: string;
  key_name: string;
  networks: { port: string }[];
  /** Plain text; encoded on the way out. */
  user_data: string;
  metadata: Record<string, string>;
  config_drive?: boolean;
  availability_zone?: string;
}

export interface OsFlavor {
  id: string;
  name: string;
  /** MiB. */
  ram: number;
  /** GiB; 0 means that the volume decides. */
  disk: number;
  vcpus: number;
}

export interface OsImage {
  id: string;
  name: string;
  status: string;
  /** MiB and GiB. */
  min_ram: number;
  min_disk: number;
}

export interface OsKeypair {
  name: string;
  public_key: string;
  fingerprint: string;
}

/** `absolute` of GET /limits; -1 is no limit. RAM in MiB. */
export interface OsComputeLimits {
  maxTotalInstances: number;
  totalInstancesUsed: number;
  maxTotalCores: number;
  totalCoresUsed: number;
  maxTotalRAMSize: number;
  totalRAMUsed: number;
}

export interface OsNetwork {
  id: string;
  name: string;
  'router:external': boolean;
  /** Somebody else's, open to this project: its routers and DHCP ports are not to be seen. */
  shared: boolean;
  mtu?: number;
  subnets: string[];
  port_security_enabled?: boolean;
}

export interface OsSubnet {
  id: string;
  name: string;
  network_id: string;
  cidr: string;
  ip_version: number;
  gateway_ip: string | null;
  enable_dhcp: boolean;
  dns_nameservers: string[];
}

export interface OsAddressPair {
  ip_address: string;
  mac_address?: string;
}

export interface OsPort {
  id: string;
  name: string;
  network_id: string;
  device_id: string;
  device_owner: string;
  mac_address: string;
  fixed_ips: { subnet_id: string; ip_address: string }[];
  security_groups: string[];
  allowed_address_pairs: OsAddressPair[];
  port_security_enabled?: boolean;
  status: string;
  description: string;
  tags: string[];
  revision_number: number;
}

export type OsPortChange = Partial<{
  name: string;
  description: string;
  security_groups: string[];
  allowed_address_pairs: OsAddressPair[];
}>;

export interface OsPortRequest {
  network_id: string;
  name: string;
  description: string;
  security_groups?: string[];
  fixed_ips?: { subnet_id?: string; ip_address?: string }[];
  device_owner?: string;
}

export interface OsFloatingIp {
  id: string;
  floating_ip_address: string;
  floating_network_id: string;
  fixed_ip_address: string | null;
  port_id: string | null;
  status: string;
  description: string;
  tags: string[];
  revision_number: number;
}

export interface OsPortForwarding {
  id: string;
  protocol: string;
  internal_ip_address: string;
  internal_port: number;
  internal_port_id: string;
  external_port: number;
  description?: string;
}

export interface OsRule {
  id: string;
  security_group_id: string;
  /** `ingress` or `egress`. */
  direction: string;
  /** `IPv4` or `IPv6`. */
  ethertype: string;
  /** A name or number; null is any. */
  protocol: string | null;
  port_range_min: number | null;
  port_range_max: number | null;
  remote_ip_prefix: string | null;
  remote_group_id: string | null;
  description: string;
}

export interface OsRuleRequest {
  security_group_id: string;
  direction: 'ingress';
  ethertype: 'IPv4';
  protocol: string;
  port_range_min: number;
  port_range_max: number;
  remote_ip_prefix: string;
  description: string;
}

export interface OsSecurityGroup {
  id: string;
  name: string;
  description: string;
  tags: string[];
  security_group_rules: OsRule[];
}

export interface OsRouter {
  id: string;
  name: string;
  external_gateway_info: { network_id: string } | null;
}

/** GET /v2.0/quotas/{project}/details.json; a limit of -1 is none. */
export type OsNetworkQuotas = Record<string, { limit: number; used: number; reserved: number }>;
