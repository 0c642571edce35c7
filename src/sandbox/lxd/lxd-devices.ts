/** Checks devices of a pretended instance as LXD 5.0.2 does, with its words; reads proxy devices. */
import { isIPv4 } from 'node:net';
import { LxdRefused } from './lxd-answer.ts';
import {
  BRIDGE,
  type Devices,
  expandedDevices,
  type LxdState,
  type SandboxInstance,
  SUBNET_PREFIX,
} from './lxd-state.ts';

export interface ProxyEnd {
  protocol: 'tcp' | 'udp';
  address: string;
  ports: number[];
}

export interface ProxyDevice {
  listen: ProxyEnd;
  connect: ProxyEnd;
  nat: boolean;
}

const PROXY_OPTIONS = ['type', 'listen', 'connect', 'bind', 'nat', 'proxy_protocol', 'mode', 'uid', 'gid'];

/** @throws LxdRefused for the first device that LXD would not take */
export function checkDevices(instance: SandboxInstance, state: LxdState): void {
  for (const [name, device] of Object.entries(instance.devices)) {
    if (device.type === 'nic') checkNic(instance, name, device, state);
    else if (device.type === 'proxy') checkProxy(instance, name, device);
    else if (device.type !== 'disk' && device.type !== 'none')
      throw invalid(name, `Failed loading device "${name}": Unsupported device type`);
  }
}

/** A proxy device that listens on the host; undefined for any other device. */
export function proxyOf(device: Record<string, string>): ProxyDevice | undefined {
  const onHost = device.bind === undefined || device.bind === 'host';
  if (device.type !== 'proxy' || !onHost) return undefined;
  const [listen, connect] = [endOf(device.listen ?? ''), endOf(device.connect ?? '')];
  if (typeof listen === 'string' || typeof connect === 'string') return undefined;
  return { listen, connect, nat: device.nat === 'true' };
}

/** `80`, `80-82` and `80,443` as single ports; undefined for anything else. */
export function portsOf(text: string): number[] | undefined {
  const parts = text.split(',').map((part) => /^(\d+)(?:-(\d+))?$/.exec(part.trim()));
  const ports: number[] = [];
  for (const part of parts) {
    if (part === null) return undefined;
    const [from, to] = [Number(part[1]), Number(part[2] ?? part[1])];
    if (to < from) return undefined;
    for (let port = from; port <= to; port += 1) ports.push(port);
  }
  return ports;
}

function checkNic(
  instance: SandboxInstance,
  name: string,
  device: Record<string, string>,
  { instances }: LxdState,
): void {
  const address = device['ipv4.address'];
  if (address === undefined || address === '' || address === 'none') return;
  if (!isIPv4(address) || !address.startsWith(SUBNET_PREFIX))
    throw invalid(name, `Device IP address "${address}" not within network "${BRIDGE}" subnet`);
  const taken = instances.some(
    (other) => other.name !== instance.name && staticAddresses(other).includes(address),
  );
  if (taken) {
    const why = `IP address "${address}" already defined on another NIC`;
    throw new LxdRefused(409, `Failed update validation for device "${name}": ${why}`);
  }
}

function checkProxy(instance: SandboxInstance, name: string, device: Record<string, string>): void {
  const unknown = Object.keys(device).find(
    (key) => !PROXY_OPTIONS.includes(key) && !key.startsWith('security.') && !key.startsWith('user.'),
  );
  if (unknown !== undefined) throw invalid(name, `Invalid device option "${unknown}"`);
  for (const option of ['listen', 'connect'] as const) {
    const end = endOf(device[option] ?? '');
    if (typeof end === 'string') throw invalid(name, `Invalid value for device option "${option}": ${end}`);
  }
  const proxy = proxyOf(device);
  if (proxy?.nat === true) checkNat(instance, name, proxy);
}

function checkNat(instance: SandboxInstance, name: string, { listen, connect }: ProxyDevice): void {
  if (listen.protocol !== connect.protocol) {
    const ends = `${listen.protocol} <-> ${connect.protocol}`;
    throw invalid(name, `Proxying ${ends} is not supported when using NAT`);
  }
  if (listen.address === '0.0.0.0')
    throw invalid(name, 'Cannot listen on wildcard address "0.0.0.0" when in nat mode');
  if (!instance.running || staticAddresses(instance).includes(connect.address)) return;
  const start = `Failed to start device "${name}": `;
  const why = `Connect IP "${connect.address}" must be one of the instance's static IPv4 addresses`;
  throw new LxdRefused(500, `${start}${start}${why}`);
}

function staticAddresses(instance: SandboxInstance): string[] {
  return Object.values(expandedDevices(instance) satisfies Devices).flatMap((device) => {
    const address = device['ipv4.address'];
    return device.type === 'nic' && address !== undefined ? [address] : [];
  });
}

/** `tcp:127.0.0.1:80`, or what is wrong with it. */
function endOf(text: string): ProxyEnd | string {
  const [protocol = '', ...rest] = text.split(':');
  if (protocol !== 'tcp' && protocol !== 'udp')
    return `Unknown protocol type "${rest.length > 0 ? protocol : text}"`;
  const ports = portsOf(rest.pop() ?? '');
  const address = rest.join(':').replace(/^\[|\]$/g, '');
  if (!isIPv4(address)) return `Not an IP address "${address}"`;
  return ports === undefined ? `Invalid port in "${text}"` : { protocol, address, ports };
}

function invalid(device: string, why: string): LxdRefused {
  return new LxdRefused(500, `Invalid devices: Device validation failed for "${device}": ${why}`);
}
