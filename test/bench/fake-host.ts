/** A pretended LXD host on the loopback as a server of a fake cloud, as `host create` leaves one: with a floating IP and a group of its own. */
import { randomUUID } from 'node:crypto';
import { cloudMark, groupNameOf, hostOwner } from '../../src/core/tags/cloud-tag.ts';
import { type CloudClient, createCloudClient } from '../../src/openstack/client.ts';
import type { FakeCloud } from '../openstack/fake-cloud/fake-cloud.ts';
import { addNetwork, EXTERNAL } from '../openstack/fake-cloud/furnish.ts';
import { createPort } from '../openstack/fake-cloud/neutron-ports.ts';
import { keep } from '../openstack/fake-cloud/state.ts';

export const HOST = 'box';
/** The host's address inside the cloud and outside: between the two nothing translates here. */
export const ADDRESS = '127.0.0.1';

const GATEWAY = '127.0.0.254';

/** @returns a client that takes no part in what is counted before */
export async function addFakeHost({ state, access }: FakeCloud): Promise<CloudClient> {
  const { network, subnet } = addNetwork(state, { name: 'loop', cidr: '127.0.0.0/24' });
  Object.assign(state.subnets.get(subnet) ?? {}, { gateway_ip: GATEWAY });
  for (const router of state.routers.values()) {
    router.interfaces.push(subnet);
    const leg = createPort(state, { network_id: network, fixed_ips: [] }, false);
    const own = { device_owner: 'network:router_interface', device_id: router.id };
    Object.assign(leg, { ...own, fixed_ips: [{ subnet_id: subnet, ip_address: GATEWAY }] });
  }
  const server = randomUUID();
  state.servers.set(server, {
    ...{ id: server, name: HOST, flavor: '', key_name: null, metadata: {}, user_data: undefined },
    ...{ config_drive: false, activeAt: 0, goneAt: undefined, fault: undefined, status: 'running' },
    ...{ console: undefined, visibleAt: 0 },
  });
  const client = createCloudClient({ name: 'by hand', access });
  const owner = hostOwner(HOST);
  const group = await client.createSecurityGroup(groupNameOf(HOST), cloudMark(owner, `host ${HOST}`));
  await client.addTag('security-groups', group.id, owner);
  const fixed = { network_id: network, fixed_ips: [{ ip_address: ADDRESS }], security_groups: [group.id] };
  const port = createPort(state, fixed, true);
  Object.assign(port, { device_id: server, device_owner: 'compute:nova', status: 'ACTIVE' });
  const external = [...state.networks.values()].find(({ name }) => name === EXTERNAL.network);
  keep(state, state.floatingIps, {
    ...{ id: randomUUID(), floating_ip_address: ADDRESS, floating_network_id: external?.id ?? '' },
    ...{ port_id: port.id, fixed_ip_address: ADDRESS, description: '', tags: [] },
    ...{ revision_number: 0, status: 'ACTIVE', router_id: null },
  });
  return client;
}
