/**
 * LXD's nouns as its REST API spells them (LXD REST reference), limited to the fields that Drawbridge reads. Whatever else LXD
 * sends stays on the objects, so that an object that is read, changed and written back loses nothing.
 */

export interface LxdServer {
  api_extensions: string[];
  /** `trusted`, or `untrusted` for a certificate that LXD does not know. */
  auth: string;
  environment: { server: string; server_version: string; server_name?: string };
  /** Settings of the server, like `core.https_address`. Missing for clients that may not see them. */
  config?: Record<string, string>;
}

export interface LxdAddress {
  /** `inet` or `inet6`. */
  family: string;
  address: string;
  /** Length of the prefix, `24`. */
  netmask: string;
  /** `global`, `link` or `local`. */
  scope: string;
}

export interface LxdInstanceState {
  /** `Running`, `Stopped`, `Frozen`, `Error` … */
  status: string;
  /** By the interface's name inside the instance; null while it does not run. */
  network: Record<string, { addresses: LxdAddress[]; hwaddr: string; host_name?: string }> | null;
}

/** A device: all its values are strings, `{type: 'nic', network: 'lxdbr0'}`. */
export type LxdDevice = Record<string, string>;

export interface LxdInstance {
  name: string;
  /** `container` or `virtual-machine`. */
  type: string;
  status: string;
  description: string;
  profiles: string[];
  /** Its own, without what profiles give. */
  config: Record<string, string>;
  devices: Record<string, LxdDevice>;
  /** With what profiles give. Read only. */
  expanded_config: Record<string, string>;
  expanded_devices: Record<string, LxdDevice>;
  /** Only in listInstances; null where LXD could not look. */
  state?: LxdInstanceState | null;
}

/** An image of the host, or one that LXD fetches from a simplestreams server, like those of LXD's own remotes. */
export type LxdImageSource = { alias: string } | { fingerprint: string } | { server: string; alias: string };

export interface LxdNewInstance {
  name: string;
  source: LxdImageSource;
  /** Absent: LXD's `default`. */
  profiles?: readonly string[];
  config: Record<string, string>;
}

/** How far LXD is with an image: `Unpack: 40% (11MB/s)`. */
export type LxdProgress = (text: string) => unknown;

export interface LxdSnapshot {
  /** Without the instance's. */
  name: string;
  /** RFC 3339. */
  created_at: string;
  /** As the instance had them. */
  config: Record<string, string>;
  devices: Record<string, LxdDevice>;
}

export interface LxdImage {
  fingerprint: string;
  aliases: { name: string }[];
  /** `container` or `virtual-machine`. */
  type: string;
  properties: Record<string, string>;
}

export interface LxdProfile {
  name: string;
  devices: Record<string, LxdDevice>;
}

/** Bytes. */
export interface LxdSpace {
  total: number;
  used: number;
}

/** What of an instance may be changed here. Each part that is given replaces the whole of that part. */
export type LxdInstanceChange = Partial<Pick<LxdInstance, 'config' | 'devices' | 'description' | 'profiles'>>;

export interface LxdNetwork {
  name: string;
  /** `bridge`, `physical`, `loopback`, `unknown` … */
  type: string;
  /** False for the host's own interfaces. */
  managed: boolean;
  description: string;
  config: Record<string, string>;
}

export type LxdNetworkChange = Partial<Pick<LxdNetwork, 'config' | 'description'>>;

export interface LxdNetworkState {
  /** null for an interface without addresses. */
  addresses: LxdAddress[] | null;
  hwaddr: string;
  /** `up` or `down`. */
  state: string;
}

export interface LxdForwardPort {
  description: string;
  /** `tcp` or `udp`. */
  protocol: string;
  /** `80`, `80-90` or `80,443`. */
  listen_port: string;
  target_address: string;
  /** Empty or absent: the same as listen_port. */
  target_port?: string;
}

export interface LxdForward {
  listen_address: string;
  description: string;
  /** `target_address` takes every packet that no port takes. */
  config: Record<string, string>;
  ports: LxdForwardPort[];
}

export interface LxdAclRule {
  /** `allow`, `drop` or `reject`. */
  action: string;
  /** `enabled`, `disabled` or `logged`. */
  state: string;
  description?: string;
  /** Comma list of addresses, CIDRs and ranges `first-last`; absent: everybody. */
  source?: string;
  destination?: string;
  protocol?: string;
  source_port?: string;
  destination_port?: string;
}

export interface LxdAcl {
  name: string;
  description: string;
  config: Record<string, string>;
  ingress: LxdAclRule[];
  egress: LxdAclRule[];
}

export type LxdAclChange = Partial<Pick<LxdAcl, 'config' | 'description' | 'ingress' | 'egress'>>;

/** A thing that LXD does in the background. */
export interface LxdOperation {
  id: string;
  /** `Running`, `Success`, `Failure`, `Cancelled` … */
  status: string;
  /** 100 to 199 while it runs, 200 on success, 400 and more when it ended otherwise (LXD REST API, "Return values"). */
  status_code: number;
  err: string;
  metadata: Record<string, unknown> | null;
  /** What it is about, by kind: `{instances: ['/1.0/instances/blog']}`. */
  resources?: Record<string, string[]>;
}

/** A value and the ETag that LXD gave with it. */
export interface Tagged<T> {
  value: T;
  etag: string | undefined;
}
