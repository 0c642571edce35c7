/** What Drawbridge believes of LXD's networks. */
import { afterEach, expect, it } from 'vitest';
import type { Contract } from './contract.ts';
import { faultOf } from './fault-of.ts';

export function networkContract(contract: Contract): void {
  const bridge = async () =>
    (await contract.client.listNetworks()).find(({ name }) => name === contract.side.network);

  afterEach(async () => {
    await contract.client.updateNetwork(contract.side.network, ({ config }) => {
      const { 'user.contract': _one, 'user.rival': _two, ...rest } = config;
      return Object.keys(rest).length === Object.keys(config).length ? undefined : { config: rest };
    });
  });

  it('lists the bridges that LXD manages and the interfaces of the host', async () => {
    expect(await bridge()).toMatchObject({
      type: 'bridge',
      managed: true,
      config: { 'ipv4.address': expect.stringMatching(/^10\.\d+\.\d+\.1\/24$/) },
    });
    const lo = (await contract.client.listNetworks()).find(({ name }) => name === 'lo');
    expect(lo).toMatchObject({ type: 'loopback', managed: false, config: {} });
  });

  it('tells the addresses of each', async () => {
    const { client, side } = contract;
    const own = (await bridge())?.config['ipv4.address']?.split('/')[0];
    const inet = { family: 'inet', netmask: '24', scope: 'global' };
    expect((await client.getNetworkState(side.network)).addresses).toContainEqual({ ...inet, address: own });
    const names = (await client.listNetworks()).map(({ name }) => name);
    const states = await Promise.all(names.map((name) => client.getNetworkState(name)));
    const all = states.flatMap(({ addresses }) => addresses ?? []).map(({ address }) => address);
    expect(all).toContain(side.hostAddress);
  });

  it('changes its config and keeps the rest', async () => {
    const { client, side } = contract;
    const before = await bridge();
    const add = (key: string): Promise<void> =>
      client.updateNetwork(side.network, ({ config }) => ({ config: { ...config, [key]: '1' } }));
    await add('user.contract');
    await add('user.rival');
    expect(await bridge()).toEqual({
      ...before,
      config: { ...before?.config, 'user.contract': '1', 'user.rival': '1' },
      used_by: expect.any(Array),
    });
  });

  it.each([
    [{ 'security.acls': 'c-nope' }, /Network ACL "c-nope" does not exist/],
    [{ nobody: '1' }, /Invalid option .*nobody/],
    [{ 'security.acls.default.ingress.action': 'frob' }, /Invalid value "frob"/],
  ])('refuses %o', async (wrong, words) => {
    const { client, side } = contract;
    const work = client.updateNetwork(side.network, ({ config }) => ({ config: { ...config, ...wrong } }));
    const fault = await faultOf(work);
    expect(fault).toMatchObject({ code: 'lxd_refused', retryable: false });
    expect(fault.message).toMatch(words);
  });

  it('does not know what is not there, nor changes what it does not manage', async () => {
    const { client } = contract;
    const works = [
      client.getNetworkState('c-nowhere'),
      client.updateNetwork('c-nowhere', () => ({})),
      client.updateNetwork('lo', () => ({ config: {} })),
      client.listForwards('c-nowhere'),
    ];
    for (const fault of await Promise.all(works.map(faultOf)))
      expect(fault).toMatchObject({ code: 'lxd_not_found', retryable: false });
  });
}
