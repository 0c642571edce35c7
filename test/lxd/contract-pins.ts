/** What Drawbridge believes of fixing an instance's address: nobody outside notices. */
import { setTimeout as sleep } from 'node:timers/promises';
import { afterEach, expect, it } from 'vitest';
import type { Contract } from './contract.ts';
import { faultOf } from './fault-of.ts';
import { titleAt } from './reach.ts';

export function pinContract(contract: Contract): void {
  const set = (instance: string, address: string | undefined): Promise<void> =>
    contract.client.updateInstance(instance, ({ devices, expanded_devices }) => {
      const { eth0: _own, ...others } = devices;
      if (address === undefined) return { devices: others };
      return { devices: { ...others, eth0: { ...expanded_devices.eth0, 'ipv4.address': address } } };
    });

  afterEach(async () => {
    const { web, other, network, kernelAddress } = contract.side;
    for (const instance of [web, other]) await set(instance, undefined);
    if ((await contract.client.getForward(network, kernelAddress)) !== undefined)
      await contract.client.deleteForward(network, kernelAddress);
  });

  it('fixes and frees an address under traffic', async () => {
    const { client, side, addressOf } = contract;
    const address = await addressOf(side.web);
    const port = {
      description: '',
      protocol: 'tcp',
      listen_port: String(side.firstPort),
      target_address: address,
      target_port: '80',
    };
    const forward = { listen_address: side.kernelAddress, description: '', config: {}, ports: [port] };
    await client.createForward(side.network, forward);

    const seen: (string | undefined)[] = [];
    let watching = true;
    const watch = (async () => {
      while (watching) {
        seen.push(await titleAt(side.kernelAddress, side.firstPort));
        await sleep(5);
      }
    })();
    await set(side.web, address);
    const pinned = (await client.getInstance(side.web)).value;
    await sleep(100);
    await set(side.web, undefined);
    await sleep(100);
    watching = false;
    await watch;

    expect(pinned.devices.eth0).toMatchObject({ type: 'nic', 'ipv4.address': address });
    expect(seen.length).toBeGreaterThan(5);
    expect(new Set(seen)).toEqual(new Set([side.web]));
    expect((await client.getInstance(side.web)).value.devices).toEqual({});
    expect(await addressOf(side.web)).toBe(address);
  });

  it('gives no address to two', async () => {
    const { side, addressOf } = contract;
    const address = await addressOf(side.web);
    await set(side.web, address);
    const fault = await faultOf(set(side.other, address));
    expect(fault).toMatchObject({ code: 'lxd_refused', retryable: false });
    expect(fault.message).toMatch(/IP address "[\d.]+" already defined on another NIC/);
  });

  it('gives no address of another network', async () => {
    const fault = await faultOf(set(contract.side.web, '192.0.2.7'));
    expect(fault).toMatchObject({ code: 'lxd_refused', retryable: false });
    expect(fault.message).toMatch(/Device IP address "192\.0\.2\.7" not within network "[\w-]+" subnet/);
  });
}
