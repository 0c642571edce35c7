/** What Drawbridge believes of security groups and their rules. */
import { randomUUID } from 'node:crypto';
import { expect, it } from 'vitest';
import type { OsRuleRequest } from '../../src/openstack/client.ts';
import { faultOf } from '../lxd/fault-of.ts';
import type { Contract } from './contract.ts';
import { clearAfterEach } from './made.ts';

export function securityGroupContract(contract: Contract): void {
  clearAfterEach();

  const rule = (group: string, port: number, more: Partial<OsRuleRequest> = {}): OsRuleRequest => ({
    security_group_id: group,
    direction: 'ingress',
    ethertype: 'IPv4',
    protocol: 'tcp',
    port_range_min: port,
    port_range_max: port,
    remote_ip_prefix: '0.0.0.0/0',
    description: 'of the contract',
    ...more,
  });

  it('begin with two rules that let everything out', async () => {
    const { client, made } = contract;
    const group = await made.group();
    const [seen] = await client.listSecurityGroups({ name: group.name });
    expect(seen).toMatchObject({ id: group.id, description: 'of the contract', tags: [] });
    const rules = seen?.security_group_rules.map(({ direction, ethertype }) => `${direction} ${ethertype}`);
    expect(rules?.sort()).toEqual(['egress IPv4', 'egress IPv6']);
  });

  it('may share a name', async () => {
    const { client, made } = contract;
    const group = await made.group();
    const twin = await client.createSecurityGroup(group.name, 'twin');
    made.later(() => client.deleteSecurityGroup(twin.id));
    expect(await client.listSecurityGroups({ name: group.name })).toHaveLength(2);
  });

  it('take rules and give them back', async () => {
    const { client, made } = contract;
    const group = await made.group();
    const request = rule(group.id, 80, { remote_ip_prefix: '192.0.2.0/24' });
    const made1 = await client.createRule(request);
    expect(made1).toEqual({ id: expect.any(String), remote_group_id: null, ...request });
    const [seen] = await client.listSecurityGroups({ id: group.id });
    expect(seen?.security_group_rules).toContainEqual(made1);
    await client.deleteRule(made1.id);
    await client.deleteRule(made1.id);
    expect((await client.listSecurityGroups({ id: group.id }))[0]?.security_group_rules).toHaveLength(2);
  });

  it('refuse the same rule twice, whatever its description, and name the one that stands', async () => {
    const { client, made } = contract;
    const group = await made.group();
    const { id } = await client.createRule(rule(group.id, 80));
    const fault = await faultOf(client.createRule(rule(group.id, 80, { description: 'another' })));
    expect(fault).toMatchObject({ code: 'openstack_conflict', retryable: false });
    expect(fault.message).toContain(`Security group rule already exists. Rule id is ${id}.`);
  });

  it('take the same ports from others, by another protocol, and as a wider range', async () => {
    const { client, made } = contract;
    const group = await made.group();
    await client.createRule(rule(group.id, 80));
    await client.createRule(rule(group.id, 80, { remote_ip_prefix: '192.0.2.0/24' }));
    await client.createRule(rule(group.id, 80, { protocol: 'udp' }));
    await client.createRule(rule(group.id, 80, { port_range_max: 90 }));
    expect((await client.listSecurityGroups({ id: group.id }))[0]?.security_group_rules).toHaveLength(6);
  });

  it('write the network of a single address with its prefix, or as it was sent', async () => {
    const { client, made } = contract;
    const group = await made.group();
    const { remote_ip_prefix } = await client.createRule(
      rule(group.id, 80, { remote_ip_prefix: '192.0.2.7/32' }),
    );
    expect(remote_ip_prefix).toBe('192.0.2.7/32');
  });

  it('refuse ranges upside down and networks that are none', async () => {
    const { client, made } = contract;
    const group = await made.group();
    const upside = await faultOf(client.createRule(rule(group.id, 90, { port_range_max: 80 })));
    expect(upside).toMatchObject({ code: 'openstack_refused', retryable: false });
    expect(upside.message).toMatch(/port_range_min must be <= port_range_max/);
    const nowhere = await faultOf(client.createRule(rule(group.id, 80, { remote_ip_prefix: 'office' })));
    expect(nowhere).toMatchObject({ code: 'openstack_refused' });
    expect(nowhere.message).toMatch(/Invalid CIDR office given as IP prefix/);
  });

  it('have rules that cannot be changed', async () => {
    const { client, made, raw } = contract;
    const group = await made.group();
    const { id } = await client.createRule(rule(group.id, 80));
    const body = { security_group_rule: { description: 'other' } };
    const { status } = await raw('network', 'PUT', `/security-group-rules/${id}`, body);
    expect(status).toBeGreaterThanOrEqual(400);
    const [seen] = await client.listSecurityGroups({ id: group.id });
    expect(seen?.security_group_rules.find((each) => each.id === id)?.description).toBe('of the contract');
  });

  it('stay while a port has them', async () => {
    const { client, made, networks } = contract;
    const group = await made.group();
    const port = await made.port(networks.network.id, { security_groups: [group.id] });
    expect(port.security_groups).toEqual([group.id]);
    const fault = await faultOf(client.deleteSecurityGroup(group.id));
    expect(fault).toMatchObject({ code: 'openstack_conflict', retryable: false });
    expect(fault.message).toMatch(new RegExp(`Security Group ${group.id} in use\\.`));
    await client.deletePort(port.id);
    await client.deleteSecurityGroup(group.id);
    await client.deleteSecurityGroup(group.id);
    expect(await client.listSecurityGroups({ id: group.id })).toEqual([]);
  });

  it('cannot be made beyond the quota', async () => {
    const { client, made } = contract;
    const { limit = 0, used = 0 } = (await client.getNetworkQuotas()).security_group ?? {};
    for (let count = used; count < limit; count += 1) await made.group();
    const fault = await faultOf(made.group());
    expect(fault).toMatchObject({ code: 'openstack_quota', retryable: false });
    expect(fault.message).toMatch(/Quota exceeded for resources: \['security_group'\]/);
  });

  it('does not know rules in groups that are not there', async () => {
    const id = randomUUID();
    const fault = await faultOf(contract.client.createRule(rule(id, 80)));
    expect(fault).toMatchObject({ code: 'openstack_not_found' });
    expect(fault.message).toContain(`Security group ${id} does not exist`);
  });
}
