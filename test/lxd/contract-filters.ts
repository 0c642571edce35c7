/** Whom the ACLs of a bridge keep out, and through which doors; seen from the outside. */
import { afterEach, expect, it } from 'vitest';
import { aclTools, NAME } from './acl-tools.ts';
import type { Contract } from './contract.ts';
import { titleAt } from './reach.ts';

export function filterContract(contract: Contract): void {
  const { acl, rule, attach, clear } = aclTools(contract);

  afterEach(clear);

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
