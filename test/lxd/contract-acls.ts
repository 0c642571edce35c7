/** What Drawbridge believes of LXD's network ACLs on a bridge: whom they keep out, and through which doors. */
import { afterEach, expect, it } from 'vitest';
import type { LxdAcl, LxdAclRule, LxdClient } from '../../src/lxd/client.ts';
import type { Contract } from './contract.ts';
import { faultOf } from './fault-of.ts';
import { titleAt } from './reach.ts';

const NAME = 'c-contract';

export function aclContract(contract: Contract): void {
  const acl = (...ingress: LxdAclRule[]): LxdAcl => ({
    name: NAME,
    description: 'of the contract',
    config: { 'user.contract': '1' },
    ingress,
    egress: [],
  });
  /** Keeps the stranger away from the instance's page. */
  const rule = (destination: string, more: Partial<LxdAclRule> = {}): LxdAclRule => ({
    action: 'drop',
    state: 'enabled',
    description: 'contract',
    source: `${contract.side.stranger}-${contract.side.stranger},192.0.2.0/24`,
    destination,
    protocol: 'tcp',
    destination_port: '80',
    ...more,
  });
  const attach = (acls: string | undefined): Promise<void> =>
    contract.client.updateNetwork(contract.side.network, ({ config }) => {
      const kept = Object.entries(config).filter(([key]) => !key.startsWith('security.acls'));
      if (acls === undefined && kept.length === Object.keys(config).length) return undefined;
      const attached = {
        'security.acls': acls ?? '',
        'security.acls.default.ingress.action': 'allow',
        'security.acls.default.egress.action': 'allow',
      };
      return { config: { ...Object.fromEntries(kept), ...(acls !== undefined && attached) } };
    });

  afterEach(async () => {
    const { client, side } = contract;
    await client.updateInstance(side.web, ({ devices }) =>
      Object.keys(devices).length === 0 ? undefined : { devices: {} },
    );
    if ((await client.getForward(side.network, side.kernelAddress)) !== undefined)
      await client.deleteForward(side.network, side.kernelAddress);
    await attach(undefined);
    if ((await client.getAcl(NAME)) !== undefined) await client.deleteAcl(NAME);
  });

  it('makes, reads, changes and deletes', async () => {
    const { client } = contract;
    expect(await client.getAcl(NAME)).toBeUndefined();
    await client.createAcl(acl(rule('10.0.0.1')));
    expect(await client.getAcl(NAME)).toEqual({ ...acl(rule('10.0.0.1')), used_by: [] });
    await client.updateAcl(NAME, ({ ingress }) => ({ ingress: [...ingress, rule('10.0.0.2')] }));
    expect((await client.getAcl(NAME))?.ingress).toEqual([rule('10.0.0.1'), rule('10.0.0.2')]);
    await client.deleteAcl(NAME);
    expect(await client.getAcl(NAME)).toBeUndefined();
  });

  /** LXD 5.0.2 looks at the ETag and writes later: of changes at the same moment some are lost (measured), so writers need a lock. */
  it('survives writers at the same moment, each of which writes it whole', async () => {
    const { client, side } = contract;
    const rivals = [client, side.connect(), side.connect()];
    await client.createAcl(acl());
    const add = (each: LxdClient, index: number): Promise<void> =>
      each.updateAcl(NAME, ({ ingress }) => ({ ingress: [...ingress, rule(`10.0.0.${index}`)] }));
    await Promise.all(rivals.map(add));
    const there = (await client.getAcl(NAME))?.ingress ?? [];
    expect(there.length).toBeGreaterThan(0);
    for (const each of there) expect(each).toEqual(rule(each.destination ?? ''));
    for (const [index, each] of rivals.entries()) await add(each, index + 3);
    expect((await client.getAcl(NAME))?.ingress).toHaveLength(there.length + 3);
    for (const rival of rivals.slice(1)) await rival.close();
  });

  it('is there once, and not deleted while it is used', async () => {
    const { client, side } = contract;
    await client.createAcl(acl());
    expect(await faultOf(client.createAcl(acl()))).toMatchObject({ code: 'lxd_conflict', retryable: false });
    await attach(NAME);
    const fault = await faultOf(client.deleteAcl(NAME));
    expect(fault).toMatchObject({ code: 'lxd_refused', retryable: false });
    expect(fault.message).toContain('in use');
    expect(await client.getAcl(NAME)).toMatchObject({ used_by: [`/1.0/networks/${side.network}`] });
  });

  it('cannot be changed or deleted where there is none', async () => {
    const { client } = contract;
    const works = [client.updateAcl(NAME, () => ({})), client.deleteAcl(NAME)];
    for (const fault of await Promise.all(works.map(faultOf)))
      expect(fault).toMatchObject({ code: 'lxd_not_found', retryable: false });
  });

  it.each<[string, Partial<LxdAclRule>, RegExp]>([
    [
      'a source that is none',
      { source: 'frob' },
      /Invalid ingress rule 0: Invalid Source: Invalid subject "frob"/,
    ],
    ['a range upside down', { source: '192.0.2.9-192.0.2.4' }, /Invalid Source: Invalid subject/],
    [
      'a destination that is none',
      { destination: '1.2.3' },
      /Invalid Destination: Invalid subject "1\.2\.3"/,
    ],
    ['an action of nobody', { action: 'frob' }, /Action must be one of: allow, drop, reject/],
    ['a state of nobody', { state: 'frob' }, /State must be one of/],
    ['a protocol of nobody', { protocol: 'frob' }, /Protocol must be one of/],
    ['a word for a port', { destination_port: 'web' }, /Invalid Destination port: Invalid port number "web"/],
  ])('refuses %s', async (_what, wrong, words) => {
    const { client } = contract;
    const fault = await faultOf(client.createAcl(acl(rule('10.0.0.1', wrong))));
    expect(fault).toMatchObject({ code: 'lxd_refused', retryable: false });
    expect(fault.message).toMatch(words);
    expect(await client.getAcl(NAME)).toBeUndefined();
  });

  it('refuses a rule twice', async () => {
    const fault = await faultOf(contract.client.createAcl(acl(rule('10.0.0.1'), rule('10.0.0.1'))));
    expect(fault).toMatchObject({ code: 'lxd_refused', retryable: false });
    expect(fault.message).toContain('Duplicate of ingress rule 0');
  });

  it('keeps strangers out of forwards and nat proxies, but not out of copying ones', async () => {
    const { client, side, addressOf } = contract;
    const address = await addressOf(side.web);
    const [forwarded, translated, copied] = [side.firstPort, side.firstPort + 1, side.firstPort + 2];
    const port = {
      description: '',
      protocol: 'tcp',
      listen_port: String(forwarded),
      target_address: address,
    };
    await client.createForward(side.network, {
      listen_address: side.kernelAddress,
      description: '',
      config: {},
      ports: [{ ...port, target_port: '80' }],
    });
    await client.updateInstance(side.web, ({ expanded_devices }) => ({
      devices: { eth0: { ...expanded_devices.eth0, 'ipv4.address': address } },
    }));
    const nat = {
      listen: `tcp:${side.kernelAddress}:${translated}`,
      connect: `tcp:${address}:80`,
      nat: 'true',
    };
    const copy = { listen: `tcp:${side.hostAddress}:${copied}`, connect: 'tcp:127.0.0.1:80' };
    await client.updateInstance(side.web, ({ devices }) => ({
      devices: { ...devices, 'c-nat': { type: 'proxy', ...nat }, 'c-copy': { type: 'proxy', ...copy } },
    }));
    const seen = (from?: string) =>
      Promise.all([
        titleAt(side.kernelAddress, forwarded, { from }),
        titleAt(side.kernelAddress, translated, { from }),
        titleAt(side.hostAddress, copied, { from }),
      ]);
    const { web, stranger } = side;
    // A bridge whose ACLs change is restarted: nobody comes in for about 0.7 s (measured on 5.0.2).
    const settled = { timeout: 10_000, interval: 100 };

    expect(await seen(stranger)).toEqual([web, web, web]);
    await client.createAcl(acl(rule(address)));
    expect(await seen(stranger)).toEqual([web, web, web]);
    await attach(NAME);
    await expect.poll(() => seen(), settled).toEqual([web, web, web]);
    expect(await seen(stranger)).toEqual([undefined, undefined, web]);

    await client.updateAcl(NAME, () => ({ ingress: [rule(address, { destination_port: '81' })] }));
    await expect.poll(() => seen(stranger), settled).toEqual([web, web, web]);
    await client.updateAcl(NAME, () => ({
      ingress: [rule(address, { action: 'reject', source: `${stranger}/32` })],
    }));
    await expect.poll(() => seen(stranger), settled).toEqual([undefined, undefined, web]);
    expect(await seen()).toEqual([web, web, web]);
    await client.updateAcl(NAME, () => ({ ingress: [rule(address, { state: 'disabled' })] }));
    await expect.poll(() => seen(stranger), settled).toEqual([web, web, web]);
  });

  it('rejects whatever no rule names where no default says otherwise', async () => {
    const { client, side, addressOf } = contract;
    const target = { target_address: await addressOf(side.web), target_port: '80' };
    await client.createForward(side.network, {
      listen_address: side.kernelAddress,
      description: '',
      config: {},
      ports: [{ description: '', protocol: 'tcp', listen_port: String(side.firstPort), ...target }],
    });
    await client.createAcl(acl());
    await client.updateNetwork(side.network, ({ config }) => ({
      config: { ...config, 'security.acls': NAME },
    }));
    await expect.poll(() => titleAt(side.kernelAddress, side.firstPort)).toBeUndefined();
    await attach(NAME);
    await expect
      .poll(() => titleAt(side.kernelAddress, side.firstPort), { timeout: 10_000, interval: 100 })
      .toBe(side.web);
  });
}
