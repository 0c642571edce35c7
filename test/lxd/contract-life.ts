/** What Drawbridge believes of making, starting, stopping, keeping and deleting instances. */
import { afterEach, expect, it } from 'vitest';
import type { Contract } from './contract.ts';
import { faultOf } from './fault-of.ts';
import { titleAt } from './reach.ts';

const NAME = 'c-fresh';

export function lifeContract(contract: Contract): void {
  const make = (over: object = {}, progress?: (text: string) => void) => {
    const { side, client } = contract;
    const wanted = { name: NAME, profiles: [side.profile], config: { 'user.contract': 'fresh' } };
    return client.createInstance({ ...wanted, source: { alias: side.image }, ...over }, progress);
  };
  const status = async () => (await contract.client.getInstanceState(NAME)).status;

  afterEach(async () => {
    const { client } = contract;
    await client.awaitInstance(NAME);
    await client.stopInstance(NAME).catch(() => {});
    await client.deleteInstance(NAME).catch(() => {});
  });

  it('lists images by alias, and profiles with what they give', async () => {
    const { client, side } = contract;
    const image = (await client.listImages()).find(({ aliases }) =>
      aliases.some(({ name }) => name === side.image),
    );
    expect(image).toMatchObject({ type: 'container', fingerprint: expect.stringMatching(/^[0-9a-f]{64}$/) });
    const profile = (await client.listProfiles()).find(({ name }) => name === side.profile);
    expect(profile?.devices).toMatchObject({
      eth0: { type: 'nic', network: side.network },
      root: { type: 'disk', path: '/', pool: 'default' },
    });
  });

  it('says how much memory and disk there is, and how much of it is used', async () => {
    const { client } = contract;
    for (const space of [await client.getMemory(), await client.getPoolSpace('default')]) {
      expect(space.used).toBeGreaterThan(0);
      expect(space.total).toBeGreaterThan(space.used);
    }
    expect((await faultOf(client.getPoolSpace('c-nowhere'))).message).toContain('Storage pool not found');
  });

  it('makes an instance with its mark, starts it, and it has an address and a page', async () => {
    const { client, side } = contract;
    await make();
    const { value } = await client.getInstance(NAME);
    expect(value).toMatchObject({
      status: 'Stopped',
      profiles: [side.profile],
      config: { 'user.contract': 'fresh' },
    });
    await client.startInstance(NAME);
    await client.startInstance(NAME);
    expect(await status()).toBe('Running');
    const address = await expect
      .poll(() => contract.addressOf(NAME).catch(() => ''), { timeout: 30_000, interval: 50 })
      .toMatch(/^10\./)
      .then(() => contract.addressOf(NAME));
    const to = {
      description: '',
      protocol: 'tcp',
      listen_port: String(side.firstPort),
      target_address: address,
    };
    await client.createForward(side.network, {
      listen_address: side.kernelAddress,
      description: '',
      config: {},
      ports: [{ ...to, target_port: '80' }],
    });
    await expect.poll(() => titleAt(side.kernelAddress, side.firstPort), { timeout: 10_000 }).toBe(NAME);
    await client.deleteForward(side.network, side.kernelAddress);
  });

  it('makes one from a fingerprint', async () => {
    const { client, side } = contract;
    const image = (await client.listImages()).find(({ aliases }) =>
      aliases.some(({ name }) => name === side.image),
    );
    await make({ source: { fingerprint: image?.fingerprint ?? '' } });
    expect(await status()).toBe('Stopped');
  });

  it('makes none of a name that is there, from an image, profile or server that is not, or with a name that is none', async () => {
    const { client, side } = contract;
    const source = { alias: side.image };
    await make();
    expect(await faultOf(make())).toMatchObject({ code: 'lxd_conflict', retryable: false });
    const works: [object, string, RegExp][] = [
      [{ name: 'c-no', source: { alias: 'c-nowhere' } }, 'lxd_not_found', /Image alias not found/],
      [{ name: 'c-no', source: { fingerprint: 'abcdef012345' } }, 'lxd_refused', /Image not provided/],
      [{ name: 'c-no', source, profiles: ['c-nowhere'] }, 'lxd_refused', /profile "c-nowhere" doesn't exist/],
      [{ name: 'c_no', source }, 'lxd_refused', /Invalid instance name/],
      [{ name: 'c-no', source, config: { 'nobody.knows': '1' } }, 'lxd_refused', /nobody\.knows/],
    ];
    for (const [over, code, words] of works) {
      const fault = await faultOf(make(over));
      expect(fault, JSON.stringify(over)).toMatchObject({ code, retryable: false });
      expect(fault.message).toMatch(words);
    }
    expect((await client.listInstances()).some(({ name }) => name === 'c-no')).toBe(false);
  });

  it('waits for an instance that is still being made', async () => {
    const { client } = contract;
    const making = make();
    await expect.poll(() => client.getInstance(NAME).catch(() => undefined), { interval: 5 }).toBeDefined();
    await client.awaitInstance(NAME);
    await client.startInstance(NAME);
    expect(await status()).toBe('Running');
    await making;
    await client.awaitInstance('c-nowhere');
  });

  it('stops it, and stops what is stopped without a word', async () => {
    const { client } = contract;
    await make();
    await client.stopInstance(NAME);
    await client.startInstance(NAME);
    await client.stopInstance(NAME);
    await client.stopInstance(NAME);
    expect(await status()).toBe('Stopped');
  });

  it('deletes what is stopped, and only that', async () => {
    const { client } = contract;
    await make();
    await client.startInstance(NAME);
    const fault = await faultOf(client.deleteInstance(NAME));
    expect(fault).toMatchObject({ code: 'lxd_refused', retryable: false });
    await client.stopInstance(NAME);
    await client.deleteInstance(NAME);
    const works = [client.deleteInstance(NAME), client.startInstance(NAME), client.stopInstance(NAME)];
    for (const fault of await Promise.all(works.map(faultOf)))
      expect(fault).toMatchObject({ code: 'lxd_not_found' });
  });

  it('keeps snapshots, puts config and devices back to them, and deletes them', async () => {
    const { client } = contract;
    await make();
    expect(await client.listSnapshots(NAME)).toEqual([]);
    await client.createSnapshot(NAME, 'z-first');
    await client.updateInstance(NAME, ({ config, devices }) => ({
      config: { ...config, 'user.contract': 'changed' },
      devices: { ...devices, none: { type: 'none' } },
    }));
    await client.createSnapshot(NAME, 'a-second');
    const all = await client.listSnapshots(NAME);
    expect(all.map(({ name, config }) => [name, config['user.contract']])).toEqual([
      ['z-first', 'fresh'],
      ['a-second', 'changed'],
    ]);
    expect(Date.parse(all[0]?.created_at ?? '')).toBeGreaterThan(Date.now() - 600_000);
    expect(await faultOf(client.createSnapshot(NAME, 'z-first'))).toMatchObject({ code: 'lxd_conflict' });

    await client.startInstance(NAME);
    await client.restoreSnapshot(NAME, 'z-first');
    expect(await status()).toBe('Running');
    const { value } = await client.getInstance(NAME);
    expect([value.config['user.contract'], value.devices]).toEqual(['fresh', {}]);

    await client.deleteSnapshot(NAME, 'z-first');
    expect((await client.listSnapshots(NAME)).map(({ name }) => name)).toEqual(['a-second']);
    expect(await faultOf(client.deleteSnapshot(NAME, 'z-first'))).toMatchObject({ code: 'lxd_not_found' });
    expect(await faultOf(client.restoreSnapshot(NAME, 'z-first'))).toMatchObject({
      code: 'lxd_refused',
      retryable: false,
    });
    expect(await faultOf(client.listSnapshots('c-nowhere'))).toMatchObject({ code: 'lxd_not_found' });
  });

  it('gives what came on the console once while it runs, and whole when it is stopped', async () => {
    const { client } = contract;
    await make();
    await client.startInstance(NAME);
    const said = await client.readConsole(NAME);
    expect(await client.readConsole(NAME)).toBe('');
    await client.stopInstance(NAME);
    const whole = await client.readConsole(NAME);
    expect(whole).toContain(said);
    expect(await client.readConsole(NAME)).toBe(whole);
    expect(typeof (await client.readLxcLog(NAME))).toBe('string');
    const works = [client.readConsole('c-nowhere'), client.readLxcLog('c-nowhere')];
    for (const fault of await Promise.all(works.map(faultOf)))
      expect(fault).toMatchObject({ code: 'lxd_not_found' });
  });

  it('shows the last lines of a file', async () => {
    const { client, side } = contract;
    const lines = async (count: number) =>
      (await client.exec(side.web, ['tail', '-n', String(count), '/etc/passwd'])).exitCode;
    expect(await client.exec(side.web, ['journalctl', '-n', '1'])).toEqual({ exitCode: 127, stdout: '' });
    expect(await lines(1)).toBe(0);
    expect(await client.exec(side.web, ['tail', '-n', '1', '/c-nowhere'])).toEqual({
      exitCode: 1,
      stdout: '',
    });
  });
}
