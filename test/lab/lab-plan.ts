import { join } from 'node:path';

/** What the lab is made of. Every name and address of it stands here and nowhere else. */

export type HostName = 'web1' | 'web2';

export interface LabHttps {
  url: string;
  /** A client certificate this host trusts, and its key. */
  certFile: string;
  keyFile: string;
  /** What the host shows: its certificate, and the SHA-256 of it in lower-case hex without colons. */
  serverCertFile: string;
  serverCertFingerprint: string;
}

export interface LabHost {
  name: HostName;
  namespace: string;
  /** Everything the host owns on disk. */
  dir: string;
  address: string;
  extraAddresses: string[];
  lxdDir: string;
  socket: string;
  bridge: string;
  gateway: string;
  subnet: string;
  ssh: {
    user: string;
    port: number;
    /** May open the LXD socket and nothing else. */
    keyFile: string;
    hostKeyFingerprint: string;
    /** Opens a shell as root. */
    adminKeyFile: string;
    knownHostsFile: string;
  };
}

/** How a container of the host gets into the LAN that the host's own address is in, whose DHCP server then answers it. */
export interface LabLan {
  /** The uplink, to put a macvlan NIC on. */
  parent: string;
  /** A bridge of the host into the same LAN. */
  bridge: string;
  pool: { first: string; last: string };
}

export interface Lab {
  dir: string;
  outsideNamespace: string;
  /** Where Drawbridge itself stands, and an address of somebody else in the same namespace. */
  ownAddress: string;
  strangerAddress: string;
  hosts: { web1: LabHost & { lan: LabLan }; web2: LabHost & { https: LabHttps } };
}

export interface HostPlan {
  name: HostName;
  namespace: string;
  address: string;
  extraAddresses: string[];
  /** First three octets of the bridge. */
  bridgePrefix: string;
  httpsPort?: number;
  /** Whether containers can get into the LAN. */
  lan?: boolean;
}

export interface InstancePlan {
  host: HostName;
  name: string;
  running: boolean;
  /** Read by the image's init, see lab-image.ts. */
  environment?: Record<string, string>;
}

export const outside = {
  namespace: 'drawbridge-outside',
  address: '198.51.100.1',
  stranger: '198.51.100.129',
};
export const lan: LabLan = {
  parent: 'eth0',
  bridge: 'br-lan',
  pool: { first: '198.51.100.200', last: '198.51.100.220' },
};
export const bridgeName = 'lxdbr0';
export const botUser = 'drawbridge-bot';

export const hostPlans: readonly HostPlan[] = [
  {
    name: 'web1',
    namespace: 'drawbridge-web1',
    address: '198.51.100.11',
    extraAddresses: ['198.51.100.21'],
    bridgePrefix: '10.11.0',
    lan: true,
  },
  {
    name: 'web2',
    namespace: 'drawbridge-web2',
    address: '198.51.100.12',
    extraAddresses: [],
    bridgePrefix: '10.12.0',
    httpsPort: 8443,
  },
];

export const instancePlans: readonly InstancePlan[] = [
  { host: 'web1', name: 'blog', running: true },
  { host: 'web1', name: 'twin', running: true },
  { host: 'web1', name: 'local', running: true, environment: { LAB_HTTP: '127.0.0.1:80' } },
  { host: 'web1', name: 'idle', running: true, environment: { LAB_HTTP: 'none' } },
  { host: 'web1', name: 'off', running: false },
  { host: 'web2', name: 'shop', running: true },
  { host: 'web2', name: 'twin', running: true },
];

export function labDir(): string {
  return process.env.DRAWBRIDGE_LAB_DIR ?? '/var/lib/drawbridge-lab';
}

export function hostDir(host: HostName): string {
  return join(labDir(), host);
}

export function lxdDirOf(host: HostName): string {
  return join(hostDir(host), 'lxd');
}
