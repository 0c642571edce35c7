/** Reads a host through LXD and tells it in the planner's words. Changes nothing. */

import type { HostCloud } from '../../src/core/cloud-world.ts';
import { ACL_NAME, MARK, parseTag } from '../../src/core/tags/door-tag.ts';
import type { FilterWorld, ForwardWorld, HostWorld } from '../../src/core/world.ts';
import { messageOf } from '../../src/errors.ts';
import type { LxdAcl, LxdForward, LxdInstance, LxdNetwork, LxdServer } from '../../src/lxd/client.ts';
import type { Host } from '../tools.ts';
import { interfaceStates } from './interface-states.ts';
import type { CloudLook } from './observe-cloud.ts';
import { observeHostCloud } from './observe-host-cloud.ts';
import { instanceWorldOf, proxiesOf } from './observe-instance.ts';

/**
 * Everything a plan needs to know of one host. Lists are sorted, so that the same host gives the same plan.
 * @param look where the host is a server of a cloud, and both are needed
 * @param listed the host's instances, where they were listed a moment ago
 */
export async function observeHost(
  host: Host,
  signal?: AbortSignal,
  look?: CloudLook,
  listed?: readonly LxdInstance[],
): Promise<HostWorld> {
  const { client } = host;
  const [server, instances, networks, acl, inCloud, guard] = await Promise.all([
    client.getServer(signal),
    listed ?? client.listInstances(signal),
    client.listNetworks(signal),
    client.getAcl(ACL_NAME, signal),
    look && host.server && observeHostCloud(host.name, host.server, look),
    observeGuard(host, signal),
  ]);
  const bridges = networks.filter(({ managed, type }) => managed && type === 'bridge');
  const canForward = server.api_extensions.includes('network_forward');
  const [addresses, forwards] = await Promise.all([
    addressesOf(host, networks, signal),
    canForward
      ? Promise.all(
          bridges.map(async ({ name }) => forwardsOf(name, await client.listForwards(name, signal))),
        )
      : [],
  ]);
  const sorted = [...instances].sort((a, b) => a.name.localeCompare(b.name));
  const cloud = inCloud && withUplink(inCloud, addresses);
  const publicAddress = host.publicAddress ?? soleAddress(addresses, networks);
  const uplink = uplinkOf(publicAddress, addresses, networks);
  return {
    host: host.name,
    ...(publicAddress !== undefined && { publicAddress }),
    ...(uplink && { uplink }),
    ...(cloud && { cloud }),
    drained: host.drained,
    ...(host.quarantined && { quarantined: host.quarantined }),
    publicPorts: host.publicPorts,
    ownPorts: ownPortsOf(host, server),
    can: abilitiesOf(server),
    addresses,
    bridges: bridges.map(bridgeOf).sort((a, b) => a.network.localeCompare(b.network)),
    forwards: forwards.flat().sort((a, b) => a.listenAddress.localeCompare(b.listenAddress)),
    proxies: sorted.flatMap(proxiesOf),
    filters: acl === undefined ? [] : filtersOf(acl),
    ...guard,
    instances: sorted.map((instance) =>
      instanceWorldOf(
        instance,
        bridges.map(({ name }) => name),
      ),
    ),
  };
}

function abilitiesOf({ api_extensions: has }: LxdServer): HostWorld['can'] {
  return {
    forward: has.includes('network_forward'),
    proxy: has.includes('proxy'),
    proxyNat: has.includes('proxy_nat'),
    filter: has.includes('network_bridge_acl'),
    routed: has.includes('container_nic_routed'),
  };
}

function ownPortsOf({ sshPort }: Host, { config }: LxdServer): HostWorld['ownPorts'] {
  const https = /:(\d+)$/.exec(config?.['core.https_address'] ?? '')?.[1];
  const lxd = [...new Set([8443, ...(https === undefined ? [] : [Number(https)])])];
  return [...new Set([22, sshPort])]
    .map((port) => ({ port, what: 'its ssh port' }))
    .concat(lxd.map((port) => ({ port, what: 'its LXD port' })));
}

/** A guard that does not answer must keep no door from being closed. */
async function observeGuard(
  { guard }: Host,
  signal?: AbortSignal,
): Promise<Pick<HostWorld, 'guard' | 'guardTrouble'>> {
  try {
    return guard === undefined ? {} : { guard: await guard.read() };
  } catch (error) {
    signal?.throwIfAborted();
    return { guardTrouble: messageOf(error) };
  }
}

function withUplink(cloud: HostCloud, addresses: HostWorld['addresses']): HostCloud {
  const uplink = addresses.find(({ address }) => address === cloud.server.port.address)?.interface;
  return uplink === undefined ? cloud : { ...cloud, uplink };
}

/** The interface with the public address, if it is one that an instance could share. */
function uplinkOf(
  address: string | undefined,
  addresses: HostWorld['addresses'],
  networks: LxdNetwork[],
): HostWorld['uplink'] {
  const name = addresses.find((each) => each.address === address)?.interface;
  const network = networks.find((each) => each.name === name);
  if (network === undefined || network.managed || network.type === 'loopback') return undefined;
  return { interface: network.name, bridge: network.type === 'bridge' };
}

/** IPv4 addresses of the interfaces that LXD sees on the host: its bridges and the host's own. */
async function addressesOf(
  { client }: Host,
  networks: LxdNetwork[],
  signal?: AbortSignal,
): Promise<HostWorld['addresses']> {
  const states = await interfaceStates(client, networks, signal);
  const seen = states.map(({ name, state }) =>
    (state.addresses ?? [])
      .filter(({ family }) => family === 'inet')
      .map(({ address }) => ({ address, interface: name })),
  );
  return seen.flat().sort((a, b) => a.address.localeCompare(b.address));
}

/** The host's one address that is neither a bridge's nor loopback; undefined when there are none or several. */
function soleAddress(addresses: HostWorld['addresses'], networks: LxdNetwork[]): string | undefined {
  const managed = new Set(networks.filter((network) => network.managed).map(({ name }) => name));
  const outer = addresses.filter((each) => !managed.has(each.interface) && !each.address.startsWith('127.'));
  return outer.length === 1 ? outer[0]?.address : undefined;
}

function bridgeOf({ name, config }: LxdNetwork): HostWorld['bridges'][number] {
  const ipv4 = config['ipv4.address'];
  const filtered = (config['security.acls'] ?? '').split(',').some((acl) => acl.trim() === ACL_NAME);
  return { network: name, filtered, ...(ipv4 !== undefined && ipv4 !== 'none' && { ipv4 }) };
}

function forwardsOf(network: string, forwards: LxdForward[]): ForwardWorld[] {
  return forwards.map(({ listen_address, config, ports }) => {
    const defaultTarget = config.target_address;
    return {
      network,
      listenAddress: listen_address,
      ...(defaultTarget !== undefined && defaultTarget !== '' && { defaultTarget }),
      ours: config[MARK] !== undefined,
      ports: ports.map(({ protocol, listen_port, target_address, target_port, description }) => {
        const tag = parseTag(description);
        return {
          protocol: protocol === 'udp' ? 'udp' : 'tcp',
          listenPort: listen_port,
          targetAddress: target_address,
          targetPort: target_port === undefined || target_port === '' ? listen_port : target_port,
          ...(tag !== undefined && { door: tag.door, instance: tag.instance }),
        };
      }),
    };
  });
}

function filtersOf({ ingress }: LxdAcl): FilterWorld[] {
  return ingress.flatMap(
    ({ action, state, description, source, destination, protocol, destination_port }) => {
      const tag = parseTag(description);
      if (tag?.sources === undefined || destination === undefined) return [];
      // One that is switched off drops nobody.
      if (action !== 'drop' || state === 'disabled') return [];
      const drops = (source ?? '').split(',').map((part) => part.trim());
      const same = {
        door: tag.door,
        protocol: protocol === 'udp' ? 'udp' : 'tcp',
        address: destination,
        port: Number(destination_port ?? tag.port),
        instance: tag.instance,
      } as const;
      return [{ ...same, sources: tag.sources, drops }];
    },
  );
}
