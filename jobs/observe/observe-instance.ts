/** Reads instances out of LXD's answers: NICs with their addresses and pins, proxy devices, what listens. */

import { parseListeners } from '../../src/core/listeners.ts';
import { CARD_KEY, parseCard } from '../../src/core/tags/card.ts';
import { doorOfDevice } from '../../src/core/tags/door-tag.ts';
import { PIN_KEY, parsePin } from '../../src/core/tags/pin.ts';
import type { InstanceWorld, Listener, NicWorld, ProxyWorld } from '../../src/core/world.ts';
import { isFault } from '../../src/errors.ts';
import type { LxdInstance } from '../../src/lxd/client.ts';
import type { Host } from '../tools.ts';

/** @param bridges names of the bridges that LXD manages on the host */
export function instanceWorldOf(instance: LxdInstance, bridges: readonly string[]): InstanceWorld {
  const nics = Object.entries(instance.expanded_devices)
    .filter(([, device]) => device.type === 'nic')
    .map(([name, device]) => nicOf(instance, name, device, bridges))
    .sort((a, b) => a.device.localeCompare(b.device));
  const type = instance.type === 'virtual-machine' ? 'virtual-machine' : 'container';
  const card = parseCard(instance.config[CARD_KEY]);
  return { name: instance.name, status: instance.status, type, nics, ...(card && { card }) };
}

function nicOf(
  instance: LxdInstance,
  name: string,
  device: Record<string, string>,
  bridges: readonly string[],
): NicWorld {
  const parent = device.network ?? (device.nictype === 'bridged' ? device.parent : undefined);
  const address = addressOf(instance, name, device);
  const pinned = device['ipv4.address'];
  const pin = parsePin(instance.config[PIN_KEY]);
  return {
    device: name,
    ...(parent !== undefined && bridges.includes(parent) && { network: parent }),
    ...(address !== undefined && { address }),
    ...(pinned !== undefined && pinned !== 'none' && { pinned }),
    pinnedFor: pin?.nic === name ? pin.doors : [],
  };
}

/** LXD's state names interfaces as the instance does; the hardware address says which device each one is. */
function addressOf(
  { config, state }: LxdInstance,
  name: string,
  device: Record<string, string>,
): string | undefined {
  const hwaddr = device.hwaddr ?? config[`volatile.${name}.hwaddr`];
  const interfaces = Object.entries(state?.network ?? {});
  const found =
    interfaces.find(([, each]) => hwaddr !== undefined && each.hwaddr === hwaddr) ??
    interfaces.find(([key]) => key === (device.name ?? name));
  return found?.[1].addresses.find(({ family, scope }) => family === 'inet' && scope === 'global')?.address;
}

/** The proxy devices that listen on the host. `listen` is `tcp:198.51.100.11:80` (LXD, "Type: proxy"). */
export function proxiesOf(instance: LxdInstance): ProxyWorld[] {
  return Object.entries(instance.expanded_devices).flatMap(([device, options]) => {
    const [listen, target] = [endOf(options.listen), endOf(options.connect)];
    const onHost = options.bind === undefined || options.bind === 'host';
    if (options.type !== 'proxy' || !onHost || listen === undefined || target === undefined) return [];
    const door = doorOfDevice(device);
    const proxy: ProxyWorld = {
      instance: instance.name,
      device,
      protocol: listen.protocol,
      listenAddress: listen.address,
      listenPort: listen.port,
      connectAddress: target.address,
      connectPort: target.port,
      nat: options.nat === 'true',
    };
    return [door === undefined ? proxy : { ...proxy, door }];
  });
}

function endOf(
  text: string | undefined,
): { protocol: 'tcp' | 'udp'; address: string; port: string } | undefined {
  const match = /^(tcp|udp):\[?([^\]]*?)\]?:([\d,-]+)$/.exec(text ?? '');
  if (match === null) return undefined;
  const [, protocol, address = '', port = ''] = match;
  return { protocol: protocol === 'udp' ? 'udp' : 'tcp', address, port };
}

/** Tables of the kernel that say what listens; read inside the instance, where they show its own network. */
const TABLES = ['tcp', 'tcp6', 'udp', 'udp6'] as const;

/**
 * What listens in a running container. undefined where it cannot be seen: no `cat` in it, a virtual machine without
 * agent, a host that does not answer in time.
 */
export async function observeListeners(
  host: Host,
  instance: string,
  signal?: AbortSignal,
): Promise<Listener[] | undefined> {
  try {
    const paths = TABLES.map((table) => `/proc/net/${table}`);
    const { stdout } = await host.client.exec(instance, ['cat', ...paths], signal);
    return parseListeners(stdout);
  } catch (error) {
    if (isFault(error)) return undefined;
    throw error;
  }
}
