/** Reads a cloud and tells it in the planner's words. Changes nothing. */
import { isIPv4 } from 'node:net';
import type { CloudWorld, ServerWorld, SubnetWorld } from '../../src/core/cloud-world.ts';
import { Fault } from '../../src/errors.ts';
import type {
  CloudClient,
  OsNetwork,
  OsPort,
  OsRouter,
  OsServer,
  OsSubnet,
} from '../../src/openstack/client.ts';
import type { Cloud, Tools } from '../tools.ts';
import { cloudWorldOf, portWorldOf, type SeenCloud } from './cloud-world-of.ts';

/** One look at every cloud that is asked for: several hosts of one cloud do not make it answer several times. */
export interface CloudLook {
  /** @throws Fault host_unknown when the configuration no longer has it, or what OpenStack ends with */
  world(cloud: string): Promise<CloudWorld>;
  /** undefined: the project has no such server. @param server its name or id */
  server(cloud: string, server: string): Promise<ServerWorld | undefined>;
}

export function lookAtClouds({ clouds }: Pick<Tools, 'clouds'>, signal?: AbortSignal): CloudLook {
  const seen = new Map<string, Promise<SeenCloud>>();
  const find = (name: string): Cloud => {
    const cloud = clouds.find((each) => each.name === name);
    if (cloud === undefined) throw new Fault('host_unknown', `the cloud ${name} is not in the configuration`);
    return cloud;
  };
  const see = (name: string): Promise<SeenCloud> => {
    const present = seen.get(name) ?? seeCloud(find(name), signal);
    seen.set(name, present);
    return present;
  };
  return {
    world: async (name) => cloudWorldOf(await see(name)),
    server: async (name, wanted) => {
      const { client } = find(name);
      const [cloud, server] = await Promise.all([see(name), findServer(client, wanted, signal)]);
      return server && serverWorldOf(server, cloud, client, signal);
    },
  };
}

async function seeCloud(cloud: Cloud, signal?: AbortSignal): Promise<SeenCloud> {
  const { client } = cloud;
  const [extensions, quotas, externals, ports, floatingIps, groups] = await Promise.all([
    client.listExtensions(signal),
    client.getNetworkQuotas(signal),
    client.listNetworks({ 'router:external': 'true' }, signal),
    client.listPorts({}, signal),
    client.listFloatingIps({}, signal),
    client.listSecurityGroups({}, signal),
  ]);
  // Only a floating IP that leads to no one port can lead on single ones.
  const shared = extensions.has('floating-ip-port-forwarding')
    ? floatingIps.filter(({ port_id }) => port_id === null)
    : [];
  const forwardings = new Map(
    await Promise.all(
      shared.map(async ({ id }) => [id, await client.listPortForwardings(id, signal)] as const),
    ),
  );
  return { cloud, extensions, quotas, externals, ports, floatingIps, groups, forwardings };
}

const UUID = /^[0-9a-f]{8}-([0-9a-f]{4}-){3}[0-9a-f]{12}$/;

/** @throws Fault foreign_object when several servers have the name */
export async function findServer(
  client: CloudClient,
  wanted: string,
  signal?: AbortSignal,
): Promise<OsServer | undefined> {
  if (UUID.test(wanted)) return client.getServer(wanted, signal);
  // Nova takes the name for a regular expression.
  const name = `^${wanted.replace(/[.*+?^${}()|[\]\\]/g, '\\$&')}$`;
  const found = (await client.listServers({ name }, signal)).filter((each) => each.name === wanted);
  if (found.length > 1)
    throw new Fault('foreign_object', `${found.length} servers are named ${wanted}; say which by its id`);
  return found[0];
}

async function serverWorldOf(
  server: OsServer,
  seen: SeenCloud,
  client: CloudClient,
  signal?: AbortSignal,
): Promise<ServerWorld> {
  const own = seen.ports.filter(({ device_id }) => device_id === server.id);
  // The cards that were plugged in for instances are not the server's own; of the rest the one with a floating IP speaks for it.
  const candidates = own.filter((port) =>
    portWorldOf(port).owners.every((owner) => !owner.startsWith('door-')),
  );
  const pointed = candidates.find(({ id }) => seen.floatingIps.some(({ port_id }) => port_id === id));
  const port = pointed ?? candidates[0];
  const fixed = port?.fixed_ips.find(({ ip_address }) => isIPv4(ip_address));
  if (port === undefined || fixed === undefined)
    throw new Fault('openstack_not_found', `the server ${server.name} has no port with an IPv4 address`);
  const subnet = await subnetWorldOf(port, fixed.subnet_id, seen, client, signal);
  return {
    id: server.id,
    name: server.name,
    status: server.status,
    port: portWorldOf(port, fixed.ip_address),
    subnet,
  };
}

async function subnetWorldOf(
  { network_id }: OsPort,
  id: string,
  { ports, cloud, externals }: SeenCloud,
  client: CloudClient,
  signal?: AbortSignal,
): Promise<SubnetWorld> {
  const [subnets, networks, routers] = await Promise.all([
    client.listSubnets({ network_id }, signal),
    client.listNetworks({ id: network_id }, signal),
    client.listRouters({}, signal),
  ]);
  const subnet = subnets.find((each) => each.id === id);
  if (subnet === undefined) throw new Fault('openstack_not_found', `the subnet ${id} is not to be seen`);
  const there = ports.filter((port) => port.network_id === network_id);
  return {
    ...describeSubnet(subnet, there),
    routed: isRouted(subnet, networks[0], there, routers, cloud.externalNetwork, externals),
  };
}

/** What a subnet offers, as far as its own ports tell. */
export function describeSubnet(subnet: OsSubnet, ports: readonly OsPort[]): Omit<SubnetWorld, 'routed'> {
  const servers = ports
    .filter(({ device_owner }) => device_owner === 'network:dhcp')
    .flatMap(({ fixed_ips }) => fixed_ips.filter(({ subnet_id }) => subnet_id === subnet.id))
    .map(({ ip_address }) => `${ip_address}/32`)
    .sort();
  return {
    cidr: subnet.cidr,
    dhcp: subnet.enable_dhcp,
    dhcpServers: servers.length > 0 ? servers : [subnet.cidr],
    ...(subnet.gateway_ip !== null && { gateway: subnet.gateway_ip }),
  };
}

/** A router with a leg in the subnet and one in an external network. On a shared network it is somebody else's and not to be seen. */
export function isRouted(
  subnet: OsSubnet,
  network: OsNetwork | undefined,
  ports: readonly OsPort[],
  routers: readonly OsRouter[],
  external: string | undefined,
  externals: readonly OsNetwork[],
): boolean {
  if (network?.shared === true) return true;
  const wanted = externals.filter(
    ({ id, name }) => external === undefined || external === name || external === id,
  );
  return ports.some(
    ({ device_owner, device_id, fixed_ips }) =>
      device_owner.startsWith('network:router_interface') &&
      fixed_ips.some(({ subnet_id }) => subnet_id === subnet.id) &&
      routers.some(
        ({ id, external_gateway_info: gateway }) =>
          id === device_id && wanted.some((each) => each.id === gateway?.network_id),
      ),
  );
}
