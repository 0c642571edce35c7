/** What Drawbridge believes of a cloud's services as a whole, its flavors, images, key pairs and networks. */
import { randomUUID } from 'node:crypto';
import { expect, it } from 'vitest';
import { createCloudClient } from '../../src/openstack/client.ts';
import { Secret } from '../../src/secret.ts';
import { faultOf } from '../lxd/fault-of.ts';
import type { Contract } from './contract.ts';
import { clearAfterEach, uniqueName } from './made.ts';

const KEY = 'ssh-ed25519 AAAAC3NzaC1lZDI1NTE5AAAAIGyrZ1+0m1GNlVhkYc4v6jJ8wq2rK1o0m5yqk8mVb7pX';

export function stockContract(contract: Contract): void {
  clearAfterEach();

  it('answers, and says how fast', async () => {
    const { compute, network } = await contract.client.check();
    expect(compute).toBeGreaterThanOrEqual(0);
    expect(network).toBeGreaterThanOrEqual(0);
  });

  it('lets nobody in with a wrong password', async () => {
    const { access } = contract.side;
    const login = {
      ...access.login,
      password: new Secret('planted-wrong'),
      secret: new Secret('planted-wrong'),
    };
    const client = createCloudClient({ name: 'contract', access: { ...access, login } });
    const fault = await faultOf(client.listPorts({}));
    expect(fault).toMatchObject({ code: 'openstack_unauthorized', retryable: false });
    expect(fault.message).toMatch(
      /^listing ports in cloud contract: logging in: Keystone refuses the credentials/,
    );
    expect(fault.message).toMatch(/requires authentication.*\(req-[0-9a-f-]{36}\)/);
    expect(fault.message).not.toMatch(/planted/);
  });

  it('lists flavors and images', async () => {
    const { client, side } = contract;
    const flavors = await client.listFlavors();
    expect(flavors.find(({ name }) => name === side.flavor)).toMatchObject({
      ram: expect.any(Number),
      vcpus: expect.any(Number),
    });
    const images = await client.listImages({ name: side.image, status: 'active' });
    expect(images.map(({ name }) => name)).toEqual([side.image]);
    expect(await client.listImages({ name: 'c-nothing' })).toEqual([]);
    const all = await client.listImages({});
    expect(all.length).toBeGreaterThan(1);
    expect(await client.listImages({ limit: '1' })).toEqual(all);
  });

  it('says what is used and what there is', async () => {
    const { client, made, networks } = contract;
    const limits = await client.getComputeLimits();
    expect(limits.maxTotalInstances).toBeGreaterThanOrEqual(limits.totalInstancesUsed);
    const before = await client.getNetworkQuotas();
    expect(before).toMatchObject({
      floatingip: { limit: 50 },
      security_group: { limit: 10 },
      security_group_rule: { limit: 100 },
      port: { limit: 500 },
    });
    await made.port(networks.network.id);
    await made.group();
    const after = await client.getNetworkQuotas();
    expect(after.port?.used).toBeGreaterThan(before.port?.used ?? 0);
    // A group begins with two rules, and they count.
    expect(after.security_group_rule?.used).toBeGreaterThanOrEqual(
      (before.security_group_rule?.used ?? 0) + 2,
    );
  });

  it('keeps quotas of others to itself', async () => {
    const { status } = await contract.raw(
      'network',
      'GET',
      `/quotas/${randomUUID().replaceAll('-', '')}/details.json`,
    );
    expect([403, 404]).toContain(status);
  });

  it('names its extensions', async () => {
    const extensions = await contract.client.listExtensions();
    for (const each of [
      'router',
      'security-group',
      'allowed-address-pairs',
      'standard-attr-tag',
      'revision-if-match',
    ])
      expect(extensions).toContain(each);
  });

  it('shows networks, their subnets and routers', async () => {
    const { client, networks, side } = contract;
    expect(networks.external['router:external']).toBe(true);
    const outside = await client.listNetworks({ 'router:external': 'true' });
    expect(outside.map(({ name }) => name)).toEqual([side.external]);
    const [subnet] = await client.listSubnets({ network_id: networks.network.id });
    expect(subnet).toMatchObject({ id: networks.network.subnets[0], enable_dhcp: true, ip_version: 4 });
    expect(networks.network).toMatchObject({ mtu: expect.any(Number), port_security_enabled: true });
    const routers = await client.listRouters({});
    expect(routers.map(({ external_gateway_info }) => external_gateway_info?.network_id)).toContain(
      networks.external.id,
    );
  });

  it('hides the subnets of the external network', async () => {
    const { client, networks } = contract;
    expect(networks.external.subnets).not.toEqual([]);
    expect(await client.listSubnets({ network_id: networks.external.id })).toEqual([]);
  });

  it('refuses filters that it does not know', async () => {
    const fault = await faultOf(contract.client.listPorts({ colour: 'red' }));
    expect(fault).toMatchObject({ code: 'openstack_refused', retryable: false });
    expect(fault.message).toMatch(/\['colour'\] is invalid attribute for filtering \(req-/);
  });

  it('keeps key pairs', async () => {
    const { client, made } = contract;
    const name = uniqueName();
    expect(await client.getKeypair(name)).toBeUndefined();
    made.later(() => client.deleteKeypair(name));
    await client.createKeypair(name, KEY);
    expect(await client.getKeypair(name)).toEqual({
      name,
      public_key: KEY,
      fingerprint: expect.stringMatching(/^([0-9a-f]{2}:){15}[0-9a-f]{2}$/),
    });
    const twice = await faultOf(client.createKeypair(name, KEY));
    expect(twice).toMatchObject({ code: 'openstack_conflict', retryable: false });
    expect(twice.message).toMatch(/already exists.*\(req-/);
    await client.deleteKeypair(name);
    await client.deleteKeypair(name);
    expect(await client.getKeypair(name)).toBeUndefined();
  });

  it('refuses keys that are none', async () => {
    const fault = await faultOf(contract.client.createKeypair(uniqueName(), 'ssh-rsa nonsense'));
    expect(fault).toMatchObject({ code: 'openstack_refused', retryable: false });
    expect(fault.message).toMatch(/Keypair data is invalid/);
  });
}
