/** What Drawbridge believes of floating IPs. */
import { expect, it } from 'vitest';
import type { OsFloatingIp } from '../../src/openstack/client.ts';
import { faultOf } from '../lxd/fault-of.ts';
import { until } from '../stage/until.ts';
import type { Contract } from './contract.ts';
import { clearAfterEach } from './made.ts';

export function floatingIpContract(contract: Contract): void {
  clearAfterEach();

  /** As it is now: its status follows a while later, which is a revision of its own. */
  const now = async ({ id }: OsFloatingIp): Promise<OsFloatingIp> => {
    const [seen] = await contract.client.listFloatingIps({ id });
    if (seen === undefined) throw new Error('it is gone');
    return seen;
  };
  const point = async (floatingIp: OsFloatingIp, to: Parameters<typeof contract.client.pointFloatingIp>[1]) =>
    contract.client.pointFloatingIp(await now(floatingIp), to);

  it('point nowhere at first', async () => {
    const { client, made, networks } = contract;
    const floatingIp = await made.floatingIp(networks.external.id);
    expect(floatingIp).toMatchObject({
      floating_ip_address: expect.stringMatching(/^198\.51\.100\.\d+$/),
      floating_network_id: networks.external.id,
      fixed_ip_address: null,
      port_id: null,
      status: 'DOWN',
      description: 'of the contract',
      tags: [],
    });
    const filter = { floating_ip_address: floatingIp.floating_ip_address };
    expect((await client.listFloatingIps(filter)).map(({ id }) => id)).toEqual([floatingIp.id]);
  });

  it('point to a port, to another, to none', async () => {
    const { client, made, networks } = contract;
    const [one, two] = [await made.port(networks.network.id), await made.port(networks.network.id)];
    const floatingIp = await made.floatingIp(networks.external.id, { port_id: one.id });
    expect(floatingIp).toMatchObject({ port_id: one.id, fixed_ip_address: one.fixed_ips[0]?.ip_address });
    expect(await point(floatingIp, { port_id: two.id })).toMatchObject({
      port_id: two.id,
      fixed_ip_address: two.fixed_ips[0]?.ip_address,
      description: 'of the contract',
    });
    expect((await client.listFloatingIps({ port_id: two.id })).map(({ id }) => id)).toEqual([floatingIp.id]);
    expect(await point(floatingIp, undefined)).toMatchObject({ port_id: null, fixed_ip_address: null });
    expect(await point(floatingIp, undefined)).toMatchObject({ port_id: null });
  });

  it('are not pointed anew where somebody else was faster', async () => {
    const { client, made, networks } = contract;
    const [one, two] = [await made.port(networks.network.id), await made.port(networks.network.id)];
    const seen = await made.floatingIp(networks.external.id);
    await client.pointFloatingIp(seen, { port_id: one.id });
    const fault = await faultOf(client.pointFloatingIp(seen, { port_id: two.id }));
    expect(fault).toMatchObject({ code: 'openstack_changed', retryable: false });
    expect(fault.message).toMatch(
      new RegExp(
        `^pointing floating IP .* to port ${two.id} in cloud contract: it points to port ${one.id} by now$`,
      ),
    );
    expect(await now(seen)).toMatchObject({ port_id: one.id });
  });

  it('are pointed anew where only their tags or their status are others by now', async () => {
    const { client, made, networks } = contract;
    const [one, two] = [await made.port(networks.network.id), await made.port(networks.network.id)];
    const seen = await made.floatingIp(networks.external.id, { port_id: one.id });
    await client.addTag('floatingips', seen.id, 'c-other');
    const pointed = await client.pointFloatingIp(seen, { port_id: two.id });
    expect(pointed).toMatchObject({ port_id: two.id });
    expect(await client.pointFloatingIp(pointed, undefined)).toMatchObject({ port_id: null });
  });

  it('are one for each address of a port', async () => {
    const { made, networks } = contract;
    const port = await made.port(networks.network.id);
    await made.floatingIp(networks.external.id, { port_id: port.id });
    const second = await made.floatingIp(networks.external.id);
    const fault = await faultOf(point(second, { port_id: port.id }));
    expect(fault).toMatchObject({ code: 'openstack_conflict', retryable: false });
    expect(fault.message).toMatch(/as that fixed IP already has a floating IP on external network/);
    const atOnce = await faultOf(made.floatingIp(networks.external.id, { port_id: port.id }));
    expect(atOnce).toMatchObject({ code: 'openstack_conflict' });
  });

  it('need to be told which address of a port that has several', async () => {
    const { made, networks } = contract;
    const subnet_id = networks.network.subnets[0] ?? '';
    const port = await made.port(networks.network.id, { fixed_ips: [{ subnet_id }, { subnet_id }] });
    const [one, two] = await Promise.all([1, 2].map(() => made.floatingIp(networks.external.id)));
    if (one === undefined || two === undefined) throw new Error('two were made');
    const fault = await faultOf(point(one, { port_id: port.id }));
    expect(fault).toMatchObject({ code: 'openstack_refused', retryable: false });
    expect(fault.message).toMatch(/has multiple fixed IPv4 addresses/);
    const foreign = await faultOf(point(one, { port_id: port.id, fixed_ip_address: '192.0.2.9' }));
    expect(foreign).toMatchObject({ code: 'openstack_refused' });
    for (const [index, each] of [one, two].entries()) {
      const fixed_ip_address = port.fixed_ips[index]?.ip_address ?? '';
      expect(await point(each, { port_id: port.id, fixed_ip_address })).toMatchObject({ fixed_ip_address });
    }
  });

  it('are of external networks only', async () => {
    const { made, networks } = contract;
    const fault = await faultOf(made.floatingIp(networks.network.id));
    expect(fault).toMatchObject({ code: 'openstack_refused', retryable: false });
    expect(fault.message).toMatch(/is not a valid external network/);
  });

  it('do not reach networks that no router leads to', async () => {
    const { made, networks } = contract;
    const port = await made.port(networks.island.id);
    const floatingIp = await made.floatingIp(networks.external.id);
    const fault = await faultOf(point(floatingIp, { port_id: port.id }));
    expect(fault).toMatchObject({ code: 'openstack_not_found', retryable: false });
    expect(fault.message).toMatch(/External network .* is not reachable from subnet/);
  });

  it('outlive the port that they point to', async () => {
    const { client, made, networks } = contract;
    const port = await made.port(networks.network.id);
    const floatingIp = await made.floatingIp(networks.external.id, { port_id: port.id });
    await client.deletePort(port.id);
    expect(await now(floatingIp)).toMatchObject({ port_id: null, fixed_ip_address: null });
  });

  it('are gone once', async () => {
    const { client, made, networks } = contract;
    const floatingIp = await made.floatingIp(networks.external.id);
    await client.deleteFloatingIp(floatingIp.id);
    await client.deleteFloatingIp(floatingIp.id);
    expect(await client.listFloatingIps({ id: floatingIp.id })).toEqual([]);
    const fault = await faultOf(client.pointFloatingIp(floatingIp, undefined));
    expect(fault).toMatchObject({ code: 'openstack_not_found' });
  });

  it('are known by their port while it lives', async () => {
    const { client, made, networks } = contract;
    const port = await made.port(networks.network.id);
    const floatingIp = await made.floatingIp(networks.external.id, { port_id: port.id });
    const found = await until(
      async () => (await client.listFloatingIps({ port_id: port.id }))[0],
      'the floating IP',
    );
    expect(found.id).toBe(floatingIp.id);
    expect(await client.listFloatingIps({ description: 'nobody’s' })).toEqual([]);
  });
}
