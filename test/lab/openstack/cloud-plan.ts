/** What the cloud is made of, by name: networks, images, flavors, accounts. Every figure of its first content stands here. */
import { join } from 'node:path';

export interface CloudLab {
  /** The state folder. */
  dir: string;
  /** A clouds.yaml, and the names in it: the bot's by password, the bot's by application credential, the administrator's. */
  cloudsFile: string;
  cloud: string;
  appCredentialCloud: string;
  adminCloud: string;
  authUrl: string;
  region: string;
  /** Whose everything is that suites make; not an administrator. */
  project: string;
  externalNetwork: string;
  /** Of the bot's project: with DHCP and a road out, without DHCP, with DHCP but without a router. */
  network: string;
  dryNetwork: string;
  islandNetwork: string;
  router: string;
  /** Debian with cloud-init and LXD (user `debian`); and busybox with SSH (user `root`), which boots in a third of the time. */
  image: string;
  tinyImage: string;
  /** For an LXD host; for the same with less memory; for the tiny image. */
  flavor: string;
  smallFlavor: string;
  tinyFlavor: string;
  /** This machine's address on the external network; packets from it come from outside the cloud. */
  gateway: string;
}

export const externalBridge = 'br-ex';
export const authUrl = 'http://127.0.0.1:5000/v3';
export const region = 'RegionOne';
export const hostName = 'compute1';

export const names = {
  project: 'bot',
  externalNetwork: 'public',
  network: 'hosts',
  dryNetwork: 'dry',
  islandNetwork: 'island',
  router: 'edge',
  image: 'debian-lxd',
  tinyImage: 'tiny',
  flavor: 'm1.lxd',
  smallFlavor: 'm1.lxd512',
  tinyFlavor: 'm1.micro',
  gateway: '198.51.100.1',
} as const;

export const externalSubnet = {
  cidr: '198.51.100.0/24',
  gateway: names.gateway,
  pool: { start: '198.51.100.10', end: '198.51.100.250' },
};

export interface NetworkPlan {
  name: string;
  cidr: string;
  dhcp: boolean;
  routed: boolean;
}

export const networkPlans: readonly NetworkPlan[] = [
  { name: names.network, cidr: '10.30.0.0/24', dhcp: true, routed: true },
  { name: names.dryNetwork, cidr: '10.31.0.0/24', dhcp: false, routed: true },
  { name: names.islandNetwork, cidr: '10.32.0.0/24', dhcp: true, routed: false },
];

/** Memory in MB, disk in GB. */
export const flavorPlans = [
  { name: 'm1.nano', ram: 128, disk: 1, vcpus: 1 },
  { name: 'm1.micro', ram: 192, disk: 1, vcpus: 1 },
  { name: 'm1.tiny', ram: 512, disk: 1, vcpus: 1 },
  { name: 'm1.small', ram: 1024, disk: 4, vcpus: 1 },
  { name: 'm1.lxd512', ram: 512, disk: 4, vcpus: 2 },
  { name: 'm1.lxd', ram: 1024, disk: 6, vcpus: 2 },
] as const;

export interface ImagePlan {
  name: string;
  /** Files in the cache's folder of this name. */
  disk: { file: string; format: 'raw' | 'qcow2' };
  minRam: number;
  minDisk: number;
  commandLine: string;
  properties: Record<string, string>;
}

const onSerial = 'console=ttyS0 quiet panic=5 nokaslr';

export const imagePlans: readonly ImagePlan[] = [
  {
    name: names.tinyImage,
    disk: { file: 'rootfs.img', format: 'raw' },
    minRam: 96,
    minDisk: 0,
    commandLine: `root=/dev/vda ${onSerial}`,
    properties: {},
  },
  {
    name: names.image,
    disk: { file: 'disk.qcow2', format: 'qcow2' },
    minRam: 384,
    minDisk: 2,
    // Each word after `nokaslr` saves seconds where the processor is emulated.
    commandLine: `root=/dev/vda rw ${onSerial} mitigations=off audit=0 apparmor=0 fsck.mode=skip systemd.show_status=0 rcupdate.rcu_expedited=1 no_timer_check tsc=reliable`,
    properties: { os_distro: 'debian', os_version: '12' },
  },
];

export function cloudDir(): string {
  return process.env.DRAWBRIDGE_CLOUD_DIR ?? '/var/lib/drawbridge-cloud';
}

export function cloudsFile(): string {
  return join(cloudDir(), 'clouds.yaml');
}

/** What outlives the cloud: guest images, kernel, empty schemas. */
export function cacheDir(): string {
  return join(cloudDir(), 'cache');
}
