/** Makes a host a server of a fake cloud, and gives the project things of other people. */
import { randomUUID } from 'node:crypto';
import { createCloudClient } from '../../../src/openstack/client.ts';
import type { FakeCloud } from '../../openstack/fake-cloud/fake-cloud.ts';
import { addNetwork, EXTERNAL } from '../../openstack/fake-cloud/furnish.ts';
import { createPort } from '../../openstack/fake-cloud/neutron-ports.ts';
import type { AllocationPool, FakeState } from '../../openstack/fake-cloud/state.ts';

export interface FakeHost {
  /** Of its port. */
  port: string;
  /** Of the network of floating IPs. */
  external: string;
  network: string;
}

/** The network that the host is on, and who answers there. */
export interface HostNetwork {
  cidr: string;
  router: string;
  dhcp: string;
}

/** That of the lab's hosts. */
const LAN: HostNetwork = { cidr: '198.51.100.0/24', router: '198.51.100.1', dhcp: '198.51.100.2' };

/**
 * The server `web1` on a network with DHCP, whose router leads to the network of floating IPs.
 * @param address the one that the host has
 * @param floating where floating IPs come from: a range of the loopback, so that nothing leaves
 */
export function addHost(
  state: FakeState,
  { address, pool, floating }: { address: string; pool: AllocationPool; floating: string },
  { cidr, router: gateway, dhcp } = LAN,
): FakeHost {
  const external = [...state.networks.values()].find(({ name }) => name === EXTERNAL.network)?.id ?? '';
  for (const subnet of state.subnets.values())
    if (subnet.network_id === external)
      Object.assign(subnet, { cidr: floating, gateway_ip: floating.replace(/\.\d+\/\d+$/, '.1') });
  const { network, subnet } = addNetwork(state, { name: 'lan', cidr, pool });
  for (const router of state.routers.values()) {
    router.interfaces.push(subnet);
    infrastructure(state, network, subnet, gateway, 'network:router_interface', router.id);
  }
  infrastructure(state, network, subnet, dhcp, 'network:dhcp', 'dhcp');
  const server = randomUUID();
  state.servers.set(server, {
    ...{ id: server, name: 'web1', flavor: '', key_name: null, metadata: {}, user_data: undefined },
    ...{ config_drive: false, activeAt: 0, goneAt: undefined, fault: undefined, status: 'running' },
    ...{ console: undefined, visibleAt: 0 },
  });
  const fixed = { fixed_ips: [{ ip_address: address }] };
  const port = createPort(state, { network_id: network, ...fixed }, true);
  Object.assign(port, { device_id: server, device_owner: 'compute:nova', status: 'ACTIVE' });
  return { port: port.id, external, network };
}

function infrastructure(
  state: FakeState,
  network: string,
  subnet: string,
  address: string,
  device_owner: string,
  device_id: string,
): void {
  const port = createPort(state, { network_id: network, fixed_ips: [] }, false);
  const fixed_ips = [{ subnet_id: subnet, ip_address: address }];
  Object.assign(port, { device_owner, device_id, fixed_ips, security_groups: [], status: 'ACTIVE' });
}

/** A group with a rule on the host's port, a pair there, and a port with two floating IPs, one by a forwarding. */
export async function addForeigners({ access }: FakeCloud, { port, external, network }: FakeHost) {
  const client = createCloudClient({ name: 'others', access });
  const office = await client.createSecurityGroup('office', 'drawbridge is not what made this');
  const ssh = { protocol: 'tcp', port_range_min: 22, port_range_max: 22, remote_ip_prefix: '10.0.0.0/8' };
  await client.createRule({
    ...ssh,
    security_group_id: office.id,
    direction: 'ingress',
    ethertype: 'IPv4',
    description: 'for the admins',
  });
  await client.addTag('security-groups', office.id, 'door-keeper is on leave');
  await client.updatePort(port, ({ security_groups }) => ({
    security_groups: [...security_groups, office.id],
    allowed_address_pairs: [{ ip_address: '192.0.2.250' }],
  }));
  const made = await client.createPort({ network_id: network, name: 'mail', description: 'of the mail' });
  const second = await client.createPort({ network_id: network, name: 'chat', description: '' });
  await client.createFloatingIp({ floating_network_id: external, description: 'mail', port_id: made.id });
  const shared = await client.createFloatingIp({ floating_network_id: external, description: 'chat' });
  await client.createPortForwarding(shared.id, {
    ...{ protocol: 'tcp', external_port: 80, internal_port: 80, internal_port_id: second.id },
    ...{ internal_ip_address: second.fixed_ips[0]?.ip_address ?? '', description: 'chat' },
  });
}

/** One that nobody uses. */
export async function addFreeFloatingIp({ access }: FakeCloud, { external }: FakeHost): Promise<void> {
  const client = createCloudClient({ name: 'others', access });
  await client.createFloatingIp({ floating_network_id: external, description: 'spare' });
}
