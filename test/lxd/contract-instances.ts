/** What Drawbridge believes of LXD's instances. */
import { afterEach, expect, it } from 'vitest';
import type { LxdInstance } from '../../src/lxd/client.ts';
import type { Contract } from './contract.ts';
import { faultOf } from './fault-of.ts';

export function instanceContract(contract: Contract): void {
  const read = async (key: string) =>
    (await contract.client.getInstance(contract.side.web)).value.config[key];

  afterEach(async () => {
    await contract.client.updateInstance(contract.side.web, ({ config, devices }) => {
      const { 'user.contract': _one, 'user.rival': _two, ...rest } = config;
      const { 'contract-none': _three, ...others } = devices;
      return { config: rest, devices: others };
    });
  });

  it('says what the server can', async () => {
    const { api_extensions, auth, environment } = await contract.client.getServer();
    expect(auth).toBe('trusted');
    expect(environment.server_version).toMatch(/^5\.0/);
    expect(api_extensions).toEqual(
      expect.arrayContaining(['network_forward', 'proxy', 'proxy_nat', 'proxy_udp', 'network_bridge_acl']),
    );
  });

  it('lists instances with what they run and where', async () => {
    const { client, side } = contract;
    const all = await client.listInstances();
    const [web, stopped] = [side.web, side.stopped].map((wanted) => all.find(({ name }) => name === wanted));
    expect(web).toMatchObject({
      type: 'container',
      status: 'Running',
      expanded_devices: { eth0: { type: 'nic', network: side.network, name: 'eth0' } },
      state: { status: 'Running' },
    });
    expect(web?.devices).toEqual({});
    const eth0 = web?.state?.network?.eth0;
    expect(eth0?.hwaddr).toBe(web?.config['volatile.eth0.hwaddr']);
    expect(eth0?.addresses).toContainEqual({
      family: 'inet',
      address: expect.stringMatching(/^10\./),
      netmask: '24',
      scope: 'global',
    });
    expect(stopped).toMatchObject({ status: 'Stopped', state: { status: 'Stopped', network: null } });
  });

  it('reads one instance and its state', async () => {
    const { client, side } = contract;
    const { value, etag } = await client.getInstance(side.web);
    expect(value).toMatchObject({ name: side.web, status: 'Running', profiles: [expect.any(String)] });
    expect(etag).toMatch(/./);
    expect(await client.getInstanceState(side.stopped)).toMatchObject({ status: 'Stopped', network: null });
  });

  it('does not know what is not there', async () => {
    const { client } = contract;
    const works = [
      client.getInstance('c-nowhere'),
      client.getInstanceState('c-nowhere'),
      client.updateInstance('c-nowhere', () => ({ config: {} })),
      client.patchInstance('c-nowhere', { config: {} }),
      client.exec('c-nowhere', ['true']),
      client.readFile('c-nowhere', '/etc/passwd'),
    ];
    for (const fault of await Promise.all(works.map(faultOf)))
      expect(fault).toMatchObject({ code: 'lxd_not_found', retryable: false });
  });

  it('changes its config and keeps the rest', async () => {
    const { client, side } = contract;
    const before = await client.getInstance(side.web);
    await client.updateInstance(side.web, ({ config }) => ({ config: { ...config, 'user.contract': '1' } }));
    const after = await client.getInstance(side.web);
    expect(after.value.config).toEqual({ ...before.value.config, 'user.contract': '1' });
    expect(after.value.devices).toEqual(before.value.devices);
    expect(after.value.profiles).toEqual(before.value.profiles);
    expect(after.etag).not.toBe(before.etag);
  });

  it('writes nothing when there is nothing to do', async () => {
    const { client, side } = contract;
    const before = await client.getInstance(side.web);
    await client.updateInstance(side.web, () => undefined);
    expect((await client.getInstance(side.web)).etag).toBe(before.etag);
  });

  it('loses no change that somebody else makes in between', async () => {
    const { client, side } = contract;
    const rival = side.connect();
    let asked = 0;
    const racing = async (): Promise<void> => {
      // The rival's write is on its way before ours: our first one meets 412.
      await rival.patchInstance(side.web, { config: { 'user.rival': 'was here' } });
    };
    const { value } = await client.getInstance(side.web);
    const stale = (await client.getInstance(side.web)).etag;
    await racing();
    const refused = await faultOf(
      client.patchInstance(side.web, { config: { 'user.contract': '1' } }, stale),
    );
    expect(refused).toMatchObject({ code: 'lxd_changed' });
    expect(value.config['user.rival']).toBeUndefined();
    await Promise.all(
      [client, rival].map((each, index) =>
        each.updateInstance(side.web, ({ config }) => {
          asked += 1;
          return { config: { ...config, [index === 0 ? 'user.contract' : 'user.rival']: `${index}` } };
        }),
      ),
    );
    expect([await read('user.contract'), await read('user.rival')]).toEqual(['0', '1']);
    expect(asked).toBeGreaterThanOrEqual(2);
    await rival.close();
  });

  it('merges what it patches', async () => {
    const { client, side } = contract;
    const { value, etag } = await client.getInstance(side.web);
    await client.patchInstance(side.web, { config: { 'user.contract': '1' } }, etag);
    expect((await client.getInstance(side.web)).value.config).toEqual({
      ...value.config,
      'user.contract': '1',
    });
  });

  it.each<[string, Partial<Pick<LxdInstance, 'config' | 'devices'>>, RegExp]>([
    [
      'a config key of nobody',
      { config: { 'nobody.knows': '1' } },
      /Unknown configuration key: nobody\.knows/,
    ],
    ['a device of no type', { devices: { 'contract-none': { type: 'frob' } } }, /Unsupported device type/],
    [
      'a proxy without an end',
      { devices: { 'contract-none': { type: 'proxy', listen: 'tcp:127.0.0.1:9' } } },
      /Device validation failed for "contract-none": .*connect/,
    ],
  ])('refuses %s, in either way of writing', async (_what, change, words) => {
    const { client, side } = contract;
    const works = [
      () => client.patchInstance(side.web, change),
      () =>
        client.updateInstance(side.web, (current) => ({
          config: { ...current.config, ...change.config },
          devices: { ...current.devices, ...change.devices },
        })),
    ];
    for (const work of works) {
      const fault = await faultOf(work());
      expect(fault).toMatchObject({ code: 'lxd_refused', retryable: false });
      expect(fault.message).toMatch(words);
    }
  });
}
