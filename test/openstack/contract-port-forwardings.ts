/** What Drawbridge believes of port forwardings on floating IPs. */
import { randomUUID } from 'node:crypto';
import { beforeEach, expect, it } from 'vitest';
import type { OsFloatingIp, OsPort, OsPortForwarding } from '../../src/openstack/client.ts';
import { faultOf } from '../lxd/fault-of.ts';
import type { Contract } from './contract.ts';
import { clearAfterEach } from './made.ts';

type Request = Omit<OsPortForwarding, 'id'>;

export function portForwardingContract(contract: Contract): void {
  clearAfterEach();
  let port: OsPort;
  let floatingIp: OsFloatingIp;

  beforeEach(async () => {
    const { made, networks } = contract;
    port = await made.port(networks.network.id);
    floatingIp = await made.floatingIp(networks.external.id);
  });

  const to = (target: OsPort, external: number, internal = 80, more: Partial<Request> = {}): Request => ({
    protocol: 'tcp',
    internal_ip_address: target.fixed_ips[0]?.ip_address ?? '',
    internal_port: internal,
    internal_port_id: target.id,
    external_port: external,
    description: 'of the contract',
    ...more,
  });
  const forward = async (request: Request, on = floatingIp) => {
    const made = await contract.client.createPortForwarding(on.id, request);
    contract.made.later(() => contract.client.deletePortForwarding(on.id, made.id));
    return made;
  };

  it('are made, listed and removed', async () => {
    const { client } = contract;
    const request = to(port, 8080);
    const made = await forward(request);
    expect(made).toEqual({ id: expect.any(String), ...request });
    expect(await client.listPortForwardings(floatingIp.id)).toEqual([made]);
    await client.deletePortForwarding(floatingIp.id, made.id);
    await client.deletePortForwarding(floatingIp.id, made.id);
    expect(await client.listPortForwardings(floatingIp.id)).toEqual([]);
  });

  it('share a floating IP, by ports and protocols', async () => {
    const { client, made, networks } = contract;
    const other = await made.port(networks.network.id);
    await forward(to(port, 8080));
    await forward(to(port, 8081, 81));
    await forward(to(port, 8080, 80, { protocol: 'udp' }));
    await forward(to(other, 8082));
    expect(await client.listPortForwardings(floatingIp.id)).toHaveLength(4);
  });

  it('refuse a public port that is taken, and a target that is', async () => {
    await forward(to(port, 8080));
    for (const twin of [to(port, 8080, 81), to(port, 8081)]) {
      const fault = await faultOf(forward(twin));
      expect(fault).toMatchObject({ code: 'openstack_refused', retryable: false });
      expect(fault.message).toMatch(/port collision with the (in|ex)ternal_port_range/);
    }
  });

  it('go to addresses of their port only', async () => {
    const fault = await faultOf(forward(to(port, 8080, 80, { internal_ip_address: '192.0.2.9' })));
    expect(fault).toMatchObject({ code: 'openstack_refused', retryable: false });
    expect(fault.message).toMatch(/192\.0\.2\.9/);
  });

  it('do not go to a port that has a floating IP', async () => {
    const { made, networks } = contract;
    await made.floatingIp(networks.external.id, { port_id: port.id });
    const fault = await faultOf(forward(to(port, 8080)));
    expect(fault).toMatchObject({ code: 'openstack_conflict', retryable: false });
    expect(fault.message).toMatch(/already has a binding floating IP|has binding floating IP/i);
  });

  it('do not go by a floating IP that points to a port', async () => {
    const { made, networks } = contract;
    const bound = await made.floatingIp(networks.external.id, { port_id: port.id });
    const other = await made.port(networks.network.id);
    const fault = await faultOf(forward(to(other, 8080), bound));
    expect(fault).toMatchObject({ code: 'openstack_conflict', retryable: false });
    expect(fault.message).toMatch(/already associated|already has a floating IP/i);
  });

  it('keep their floating IP from pointing to a port', async () => {
    const { client } = contract;
    await forward(to(port, 8080));
    const [seen] = await client.listFloatingIps({ id: floatingIp.id });
    const fault = await faultOf(client.pointFloatingIp(seen ?? floatingIp, { port_id: port.id }));
    expect(fault).toMatchObject({ code: 'openstack_conflict', retryable: false });
    expect(fault.message).toMatch(/Port Forwarding/i);
  });

  it('do not go to one target from two floating IPs', async () => {
    const { made, networks } = contract;
    await forward(to(port, 8080));
    const other = await made.floatingIp(networks.external.id);
    const fault = await faultOf(forward(to(port, 8080), other));
    expect(fault).toMatchObject({ code: 'openstack_refused', retryable: false });
    expect(fault.message).toMatch(/port collision with the internal_port_range/);
  });

  it('go with their port, and keep their floating IP from going', async () => {
    const { client, made, networks } = contract;
    const other = await made.port(networks.network.id);
    await forward(to(port, 8080));
    await forward(to(other, 8081));
    await client.deletePort(port.id);
    const left = await client.listPortForwardings(floatingIp.id);
    expect(left.map(({ external_port }) => external_port)).toEqual([8081]);
    const fault = await faultOf(client.deleteFloatingIp(floatingIp.id));
    expect(fault).toMatchObject({ code: 'openstack_conflict', retryable: false });
    expect(fault.message).toMatch(/in use by Port Forwarding resources/);
  });

  it('do not reach networks that no router leads to', async () => {
    const { made, networks } = contract;
    const lonely = await made.port(networks.island.id);
    const fault = await faultOf(forward(to(lonely, 8080)));
    expect(['openstack_refused', 'openstack_not_found']).toContain(fault.code);
    expect(fault.message).toMatch(/not reachable|router/i);
  });

  it('refuse ports and protocols that are none', async () => {
    for (const wrong of [to(port, 70_000), to(port, 8080, 0), to(port, 8080, 80, { protocol: 'frob' })])
      expect(await faultOf(forward(wrong))).toMatchObject({ code: 'openstack_refused' });
  });

  it('does not know ports and floating IPs that are not there', async () => {
    const id = randomUUID();
    const far = await faultOf(forward(to(port, 8080), { ...floatingIp, id }));
    expect(far).toMatchObject({ code: 'openstack_not_found' });
    expect(await faultOf(contract.client.listPortForwardings(id))).toMatchObject({
      code: 'openstack_not_found',
    });
    const lost = await faultOf(forward(to({ ...port, id }, 8080)));
    expect(lost).toMatchObject({ code: 'openstack_not_found' });
  });
}
