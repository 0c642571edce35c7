/** What Drawbridge believes of ports. */
import { randomUUID } from 'node:crypto';
import { expect, it } from 'vitest';
import { faultOf } from '../lxd/fault-of.ts';
import type { Contract } from './contract.ts';
import { clearAfterEach } from './made.ts';

export function portContract(contract: Contract): void {
  clearAfterEach();

  it('get an address, a MAC and the default group', async () => {
    const { client, made, networks } = contract;
    const port = await made.port(networks.network.id, { device_owner: 'drawbridge:reservation' });
    const [standard] = await client.listSecurityGroups({ name: 'default' });
    expect(port).toMatchObject({
      network_id: networks.network.id,
      device_id: '',
      device_owner: 'drawbridge:reservation',
      fixed_ips: [{ subnet_id: networks.network.subnets[0], ip_address: expect.any(String) }],
      mac_address: expect.stringMatching(/^fa:16:3e(:[0-9a-f]{2}){3}$/),
      security_groups: [standard?.id],
      allowed_address_pairs: [],
      port_security_enabled: true,
      status: 'DOWN',
      description: 'of the contract',
      tags: [],
      revision_number: expect.any(Number),
    });
    expect(await client.getPort(port.id)).toEqual(port);
    expect(await client.listPorts({ name: port.name })).toEqual([port]);
    const address = port.fixed_ips[0]?.ip_address;
    const filter = { network_id: port.network_id, fixed_ips: `ip_address=${address}` };
    expect(await client.listPorts(filter)).toEqual([port]);
  });

  it('may have several addresses', async () => {
    const { made, networks } = contract;
    const subnet_id = networks.network.subnets[0] ?? '';
    const port = await made.port(networks.network.id, { fixed_ips: [{ subnet_id }, { subnet_id }] });
    expect(new Set(port.fixed_ips.map(({ ip_address }) => ip_address)).size).toBe(2);
  });

  it('get an address that is asked for, unless it is taken or of another network', async () => {
    const { client, made, networks } = contract;
    const first = await made.port(networks.network.id);
    const ip_address = first.fixed_ips[0]?.ip_address ?? '';
    const taken = await faultOf(made.port(networks.network.id, { fixed_ips: [{ ip_address }] }));
    expect(taken).toMatchObject({ code: 'openstack_conflict', retryable: false });
    expect(taken.message).toMatch(/already allocated in subnet/);
    const far = await faultOf(made.port(networks.network.id, { fixed_ips: [{ ip_address: '192.0.2.9' }] }));
    expect(far).toMatchObject({ code: 'openstack_refused', retryable: false });
    expect(far.message).toMatch(/is not a valid IP for (the specified subnet|any of the subnets)/);
    await client.deletePort(first.id);
    const again = await made.port(networks.network.id, { fixed_ips: [{ ip_address }] });
    expect(again.fixed_ips[0]?.ip_address).toBe(ip_address);
  });

  it('are changed in parts, and count their revisions', async () => {
    const { client, made, networks } = contract;
    const port = await made.port(networks.network.id);
    await client.updatePort(port.id, () => ({ description: 'other', name: 'c-other' }));
    const seen = await client.getPort(port.id);
    expect(seen).toMatchObject({ description: 'other', name: 'c-other', fixed_ips: port.fixed_ips });
    expect(seen?.revision_number).toBeGreaterThan(port.revision_number);
    await client.updatePort(port.id, () => undefined);
    expect((await client.getPort(port.id))?.revision_number).toBe(seen?.revision_number);
  });

  it('are not changed by whoever saw an older revision', async () => {
    const { client, made, networks, raw } = contract;
    const port = await made.port(networks.network.id);
    await client.updatePort(port.id, () => ({ description: 'other' }));
    const older = { 'If-Match': `revision_number=${port.revision_number}` };
    const change = { port: { description: 'late' } };
    const { status, body } = await raw('network', 'PUT', `/ports/${port.id}`, change, older);
    expect(status).toBe(412);
    expect(JSON.stringify(body)).toMatch(/Constrained to \d+, but current revision is \d+/);
    expect((await client.getPort(port.id))?.description).toBe('other');
  });

  it('are listed whole, however few fit on a page', async () => {
    const { client, made, networks } = contract;
    const [one, two] = [await made.port(networks.network.id), await made.port(networks.network.id)];
    await client.updatePort(two.id, () => ({ name: one.name }));
    const listed = await client.listPorts({ name: one.name, limit: '1' });
    expect(listed.map(({ id }) => id).sort()).toEqual([one.id, two.id].sort());
  });

  it('are listed by a group that they are in', async () => {
    const { client, made, networks } = contract;
    const group = await made.group();
    const port = await made.port(networks.network.id, { security_groups: [group.id] });
    await made.port(networks.network.id);
    expect(await client.listPorts({ security_groups: group.id })).toEqual([port]);
  });

  it('are refused with groups and networks that are not there', async () => {
    const { made, networks } = contract;
    const id = randomUUID();
    const group = await faultOf(made.port(networks.network.id, { security_groups: [id] }));
    expect(group.message).toContain(`Security group ${id} does not exist`);
    expect(group).toMatchObject({ code: 'openstack_not_found' });
    const network = await faultOf(made.port(id));
    expect(network).toMatchObject({ code: 'openstack_not_found' });
    expect(network.message).toContain(`Network ${id} could not be found.`);
  });

  it('refuse what Neutron does not know of them, and words that are too long', async () => {
    const { made, networks, raw } = contract;
    const foreign = { port: { network_id: networks.network.id, colour: 'red' } };
    const { status, body } = await raw('network', 'POST', '/ports', foreign);
    expect(status).toBe(400);
    expect(JSON.stringify(body)).toMatch(/Unrecognized attribute\(s\) 'colour'/);
    const long = await faultOf(made.port(networks.network.id, { description: 'x'.repeat(256) }));
    expect(long).toMatchObject({ code: 'openstack_refused' });
    expect(long.message).toMatch(/Invalid input for description/);
  });

  it('are gone once', async () => {
    const { client, made, networks } = contract;
    const port = await made.port(networks.network.id);
    await client.deletePort(port.id);
    await client.deletePort(port.id);
    expect(await client.getPort(port.id)).toBeUndefined();
    const change = await faultOf(client.updatePort(port.id, () => ({ name: 'x' })));
    expect(change).toMatchObject({ code: 'openstack_not_found' });
    expect(change.message).toMatch(
      new RegExp(
        `^changing port ${port.id} in cloud contract: Port ${port.id} could not be found\\. \\(req-`,
      ),
    );
  });
}
