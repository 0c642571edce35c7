/** What Drawbridge believes of tags. */
import { randomUUID } from 'node:crypto';
import { expect, it } from 'vitest';
import { faultOf } from '../lxd/fault-of.ts';
import type { Contract } from './contract.ts';
import { clearAfterEach } from './made.ts';

export function tagContract(contract: Contract): void {
  clearAfterEach();

  it('are set, found, and taken one by one', async () => {
    const { client, made, networks } = contract;
    const port = await made.port(networks.network.id);
    const [one, two] = [`door-${port.id.slice(0, 6)}`, `host:web1.${port.id.slice(0, 6)}_x`];
    await client.addTag('ports', port.id, one);
    await client.addTag('ports', port.id, one);
    await client.addTag('ports', port.id, two);
    expect((await client.getPort(port.id))?.tags.sort()).toEqual([one, two].sort());
    expect((await client.listPorts({ tags: one })).map(({ id }) => id)).toEqual([port.id]);
    expect(await client.listPorts({ tags: `${one},c-other` })).toEqual([]);
    await client.removeTag('ports', port.id, one);
    await client.removeTag('ports', port.id, one);
    expect((await client.getPort(port.id))?.tags).toEqual([two]);
  });

  it('stand on floating IPs and security groups, too', async () => {
    const { client, made, networks } = contract;
    const floatingIp = await made.floatingIp(networks.external.id);
    const group = await made.group();
    const tag = `c-${group.id.slice(0, 8)}`;
    await client.addTag('floatingips', floatingIp.id, tag);
    await client.addTag('security-groups', group.id, tag);
    expect((await client.listFloatingIps({ tags: tag })).map(({ id }) => id)).toEqual([floatingIp.id]);
    expect((await client.listSecurityGroups({ tags: tag })).map(({ id }) => id)).toEqual([group.id]);
  });

  it('lose none when several are set at once', async () => {
    const { client, made, networks } = contract;
    const port = await made.port(networks.network.id);
    const tags = ['a', 'b', 'c', 'd'].map((letter) => `door-${letter}`);
    await Promise.all(tags.map((tag) => client.addTag('ports', port.id, tag)));
    expect((await client.getPort(port.id))?.tags.sort()).toEqual(tags);
  });

  it('are a revision of the thing that has them', async () => {
    const { client, made, networks } = contract;
    const floatingIp = await made.floatingIp(networks.external.id);
    await client.addTag('floatingips', floatingIp.id, 'c-revision');
    const [seen] = await client.listFloatingIps({ id: floatingIp.id });
    expect(seen?.revision_number).toBeGreaterThan(floatingIp.revision_number);
  });

  it('do not stand on things that are not there', async () => {
    const { client } = contract;
    const id = randomUUID();
    expect(await faultOf(client.addTag('ports', id, 'c-x'))).toMatchObject({ code: 'openstack_not_found' });
    await client.removeTag('ports', id, 'c-x');
  });
}
