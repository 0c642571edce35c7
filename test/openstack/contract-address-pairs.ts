/** What Drawbridge believes of allowed address pairs. */
import { expect, it } from 'vitest';
import type { OsAddressPair } from '../../src/openstack/client.ts';
import { faultOf } from '../lxd/fault-of.ts';
import type { Contract } from './contract.ts';
import { clearAfterEach } from './made.ts';

export function addressPairContract(contract: Contract): void {
  clearAfterEach();

  const allow = (port: string, allowed_address_pairs: OsAddressPair[]) =>
    contract.client.updatePort(port, () => ({ allowed_address_pairs }));
  const pair = (last: number): OsAddressPair => ({ ip_address: `192.0.2.${last}` });

  it('get the MAC of the port where none is given', async () => {
    const { client, made, networks } = contract;
    const port = await made.port(networks.network.id);
    const other = 'fa:16:3e:00:00:01';
    await allow(port.id, [pair(1), { ...pair(2), mac_address: other }]);
    const seen = await client.getPort(port.id);
    expect(seen?.allowed_address_pairs).toHaveLength(2);
    expect(seen?.allowed_address_pairs).toEqual(
      expect.arrayContaining([
        { ...pair(1), mac_address: port.mac_address },
        { ...pair(2), mac_address: other },
      ]),
    );
    await allow(port.id, []);
    expect((await client.getPort(port.id))?.allowed_address_pairs).toEqual([]);
  });

  it('are ten at most', async () => {
    const { made, networks } = contract;
    const port = await made.port(networks.network.id);
    const ten = Array.from({ length: 10 }, (_, index) => pair(index + 1));
    await allow(port.id, ten);
    const fault = await faultOf(allow(port.id, [...ten, pair(11)]));
    expect(fault).toMatchObject({ code: 'openstack_refused', retryable: false });
    expect(fault.message).toMatch(/number of allowed address pair exceeds the maximum 10/);
  });

  it('are refused twice, and where they are no addresses', async () => {
    const { made, networks } = contract;
    const port = await made.port(networks.network.id);
    const twice = await faultOf(allow(port.id, [pair(1), pair(1)]));
    expect(twice).toMatchObject({ code: 'openstack_refused' });
    expect(twice.message).toMatch(/duplicate address pair/);
    const nonsense = await faultOf(allow(port.id, [{ ip_address: 'blog' }]));
    expect(nonsense).toMatchObject({ code: 'openstack_refused' });
  });

  it('need port security, and port security off needs them gone', async () => {
    const { made, networks, raw } = contract;
    const port = await made.port(networks.network.id, { security_groups: [] });
    const change = (more: object) => raw('network', 'PUT', `/ports/${port.id}`, { port: more });
    expect((await change({ port_security_enabled: false })).status).toBe(200);
    const fault = await faultOf(allow(port.id, [pair(1)]));
    expect(fault).toMatchObject({ code: 'openstack_conflict', retryable: false });
    expect(fault.message).toMatch(/Port Security must be enabled in order to have allowed address pairs/);
    expect((await change({ port_security_enabled: true })).status).toBe(200);
    await allow(port.id, [pair(1)]);
    expect((await change({ port_security_enabled: false })).status).toBe(409);
  });
}
