/** What the pretended LXD host knows: its instances, its bridge, forwards and ACLs. */
import type { SandboxAcl, SandboxForward } from './lxd-written.ts';

export type Devices = Record<string, Record<string, string>>;

export interface SandboxInstance {
  name: string;
  running: boolean;
  address: string;
  description: string;
  config: Record<string, string>;
  /** The instance's own devices, without those of the profile. */
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

/** What the pretended profile `default` gives. */
export const PROFILE_DEVICES: Devices = {
  eth0: { name: 'eth0', network: BRIDGE, type: 'nic' },
  root: { path: '/', pool: 'default', type: 'disk' },
};

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

export function expandedDevices({ devices }: Pick<SandboxInstance, 'devices'>): Devices {
  return { ...PROFILE_DEVICES, ...devices };
}

function instance(name: string, last: number, { running = true } = {}): SandboxInstance {
  const config = {
    'image.description': 'A pretended instance of the sandbox',
    'image.os': 'sandbox',
    'volatile.eth0.hwaddr': `00:16:3e:77:00:${last}`,
    ...(running && { 'volatile.eth0.host_name': `veth7700${last}` }),
    'volatile.last_state.power': running ? 'RUNNING' : 'STOPPED',
    'volatile.uuid': `77000000-0000-4000-8000-0000000000${last}`,
  };
  return { name, running, address: `${SUBNET_PREFIX}${last}`, description: '', config, devices: {} };
}
