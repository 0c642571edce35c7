/** What the fake cloud has from the start: what a project finds in a public cloud. */
import { randomUUID } from 'node:crypto';
import type { AllocationPool, FakeState } from './state.ts';

export const EXTERNAL = { network: 'public', cidr: '198.51.100.0/24' };
export const HOSTS = { network: 'hosts', cidr: '10.20.0.0/24' };
/** A network that no router leads to. */
export const LONELY = { network: 'lonely', cidr: '10.30.0.0/24' };

export function furnish(state: FakeState): void {
  const outside = addNetwork(state, { name: EXTERNAL.network, cidr: EXTERNAL.cidr, external: true });
  const hosts = addNetwork(state, { name: HOSTS.network, cidr: HOSTS.cidr });
  addNetwork(state, { name: LONELY.network, cidr: LONELY.cidr });
  const id = randomUUID();
  state.routers.set(id, {
    id,
    name: 'router',
    external_gateway_info: { network_id: outside.network },
    interfaces: [hosts.subnet],
    visibleAt: 0,
  });
  for (const [name, ram, vcpus, disk] of [
    ['m1.tiny', 512, 1, 1],
    ['m1.small', 2048, 1, 20],
    ['m1.medium', 4096, 2, 40],
  ] as const) {
    const flavor = randomUUID();
    state.flavors.set(flavor, { id: flavor, name, ram, vcpus, disk, visibleAt: 0 });
  }
  for (const name of ['debian-12', 'tiny']) {
    const image = randomUUID();
    const facts = { status: 'active', min_ram: 0, min_disk: 0, disk_format: 'qcow2', visibleAt: 0 };
    state.images.set(image, { id: image, name, ...facts });
  }
}

/** As an operator or the project would make it. */
export function addNetwork(
  state: FakeState,
  wanted: {
    name: string;
    cidr: string;
    external?: boolean;
    dhcp?: boolean;
    portSecurity?: boolean;
    /** The addresses that Neutron gives by itself; from the tenth on by default. */
    pool?: AllocationPool;
  },
): { network: string; subnet: string } {
  const [network, subnet] = [randomUUID(), randomUUID()];
  const { name, cidr, external = false, dhcp = !external, portSecurity = true } = wanted;
  state.networks.set(network, {
    id: network,
    name,
    'router:external': external,
    mtu: 1450,
    port_security_enabled: portSecurity,
    visibleAt: 0,
  });
  state.subnets.set(subnet, {
    id: subnet,
    name: `${name}-v4`,
    network_id: network,
    cidr,
    ip_version: 4,
    gateway_ip: cidr.replace(/\.\d+\/\d+$/, '.1'),
    enable_dhcp: dhcp,
    dns_nameservers: [],
    visibleAt: 0,
    ...(wanted.pool && { allocation_pools: [wanted.pool] }),
  });
  return { network, subnet };
}
