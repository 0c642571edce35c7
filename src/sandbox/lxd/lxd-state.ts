/** What the pretended LXD host knows: its instances, its bridge, forwards and ACLs. */
import type { SandboxAcl, SandboxForward } from './lxd-written.ts';

export type Devices = Record<string, Record<string, string>>;

export interface SandboxInstance {
  name: string;
  running: boolean;
  address: string;
  profiles: string[];
  description: string;
  config: Record<string, string>;
  /** The instance's own devices, without those of the profile. */
  devices: Devices;
  snapshots: SandboxSnapshot[];
}

export interface SandboxSnapshot {
  name: string;
  /** RFC 3339. */
  createdAt: string;
  description: string;
  config: Record<string, string>;
  devices: Devices;
}

export interface LxdState {
  instances: SandboxInstance[];
  network: { description: string; config: Record<string, string> };
  forwards: SandboxForward[];
  acls: SandboxAcl[];
}

export const BRIDGE = 'lxdbr0';

/** The subnet of the pretended bridge is a /24, so that a prefix says what is in it. */
export const SUBNET_PREFIX = '10.77.0.';

/** The pretended profiles and what they give. */
export const PROFILES: Readonly<Record<string, Devices>> = {
  default: {
    eth0: { name: 'eth0', network: BRIDGE, type: 'nic' },
    root: { path: '/', pool: 'default', type: 'disk' },
  },
  bare: {},
};

/** The pretended images. Whatever is launched from them serves a page on port 80. */
export const IMAGES = [
  {
    alias: 'debian/12',
    fingerprint: '7d0b5ad7c1a35f28e9c0be2a3b1a43d5b6d8c1f0e2a49a7b8c6d5e4f3a2b1c0d',
    description: 'A pretended Debian that serves a page',
  },
];

/** The host as it is at first. */
export function freshState(): LxdState {
  return {
    instances: [
      instance('blog', 11),
      instance('shop', 12),
      instance('db', 13),
      instance('attic', 14, { running: false }),
    ],
    network: {
      description: '',
      config: {
        'ipv4.address': `${SUBNET_PREFIX}1/24`,
        'ipv4.dhcp.ranges': `${SUBNET_PREFIX}10-${SUBNET_PREFIX}199`,
        'ipv4.nat': 'true',
        'ipv6.address': 'none',
      },
    },
    forwards: [],
    acls: [],
  };
}

export function expandedDevices({
  profiles,
  devices,
}: Pick<SandboxInstance, 'devices' | 'profiles'>): Devices {
  return { ...Object.assign({}, ...profiles.map((name) => PROFILES[name])), ...devices };
}

/** A new one, stopped, at the first address that nobody has. */
export function freshInstance(
  { name, profiles, config }: Pick<SandboxInstance, 'name' | 'profiles' | 'config'>,
  { instances }: LxdState,
): SandboxInstance {
  const taken = new Set(instances.map(({ address }) => address));
  const free = Array.from({ length: 180 }, (_, index) => index + 20).find(
    (last) => !taken.has(`${SUBNET_PREFIX}${last}`),
  );
  const made = instance(name, free ?? 200, { running: false });
  return { ...made, profiles, config: { ...made.config, ...config } };
}

function instance(name: string, last: number, { running = true } = {}): SandboxInstance {
  const config = {
    'image.description': 'A pretended instance of the sandbox',
    'image.os': 'sandbox',
    'volatile.eth0.hwaddr': `00:16:3e:77:00:${last.toString(16).padStart(2, '0')}`,
    ...(running && { 'volatile.eth0.host_name': `veth7700${last}` }),
    'volatile.last_state.power': running ? 'RUNNING' : 'STOPPED',
    'volatile.uuid': `77000000-0000-4000-8000-0000000000${last}`,
  };
  return {
    name,
    running,
    address: `${SUBNET_PREFIX}${last}`,
    profiles: ['default'],
    description: '',
    config,
    devices: {},
    snapshots: [],
  };
}
