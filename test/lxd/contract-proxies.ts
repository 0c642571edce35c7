/** What Drawbridge believes of LXD's proxy devices; what they do is seen from the outside. */
import { afterEach, expect, it } from 'vitest';
import type { LxdDevice } from '../../src/lxd/client.ts';
import type { Contract } from './contract.ts';
import { faultOf } from './fault-of.ts';
import { echoOf, staysOpen, titleAt } from './reach.ts';

export function proxyContract(contract: Contract): void {
  const port = (offset: number) => contract.side.firstPort + offset;
  const put = (instance: string, added: Record<string, LxdDevice>): Promise<void> =>
    contract.client.updateInstance(instance, ({ devices }) => ({ devices: { ...devices, ...added } }));
  const strip = (instance: string): Promise<void> =>
    contract.client.updateInstance(instance, ({ devices }) => {
      const kept = Object.entries(devices).filter(([name]) => !name.startsWith('c-') && name !== 'eth0');
      return kept.length === Object.keys(devices).length ? undefined : { devices: Object.fromEntries(kept) };
    });
  const devicesOf = async (instance: string) => (await contract.client.getInstance(instance)).value.devices;
  const userspace = (offset: number, target: number, protocol = 'tcp'): LxdDevice => ({
    type: 'proxy',
    listen: `${protocol}:${contract.side.hostAddress}:${port(offset)}`,
    connect: `${protocol}:127.0.0.1:${target}`,
  });
  const nat = async (instance: string, offset: number): Promise<LxdDevice> => ({
    type: 'proxy',
    listen: `tcp:${contract.side.kernelAddress}:${port(offset)}`,
    connect: `tcp:${await contract.addressOf(instance)}:80`,
    nat: 'true',
  });
  const pin = async (instance: string): Promise<void> => {
    const { value } = await contract.client.getInstance(instance);
    const eth0 = { ...value.expanded_devices.eth0, 'ipv4.address': await contract.addressOf(instance) };
    await put(instance, { eth0 });
  };

  afterEach(async () => {
    const { web, other, inner, stopped } = contract.side;
    for (const instance of [web, other, inner.name, stopped]) await strip(instance);
  });

  it('copies into the instance, and stops at once', async () => {
    const { side } = contract;
    await put(side.web, { 'c-door': userspace(0, 80) });
    expect(await devicesOf(side.web)).toEqual({ 'c-door': userspace(0, 80) });
    expect(await titleAt(side.hostAddress, port(0))).toBe(side.web);
    await strip(side.web);
    expect(await titleAt(side.hostAddress, port(0))).toBeUndefined();
  });

  it('copies to what listens on the instance itself only', async () => {
    const { side } = contract;
    await put(side.inner.name, { 'c-door': userspace(0, side.inner.port) });
    expect(await staysOpen(side.hostAddress, port(0))).toBe(true);
  });

  it('hangs up where nothing listens', async () => {
    const { side } = contract;
    await put(side.web, { 'c-door': userspace(0, 81) });
    expect(await titleAt(side.hostAddress, port(0))).toBeUndefined();
    expect(await staysOpen(side.hostAddress, port(0))).toBe(false);
  });

  it('copies datagrams', async () => {
    const { side } = contract;
    await put(side.other, { 'c-door': userspace(0, 7, 'udp') });
    expect(await echoOf(side.hostAddress, port(0), 'hello')).toBe('hello');
  });

  it('gives a port to one only, and leaves no device behind', async () => {
    const { side } = contract;
    await put(side.web, { 'c-door': userspace(0, 80) });
    const rival = () => faultOf(put(side.other, { 'c-rival': userspace(0, 80) }));
    const first = await rival();
    // On a busy machine LXD gives up waiting for the process that cannot listen, and says that instead.
    const fault = first.retryable ? await rival() : first;
    expect(fault).toMatchObject({ code: 'lxd_refused', retryable: false });
    expect(fault.message).toMatch(/Failed to listen on \S+: listen tcp \S+: bind: address already in use/);
    expect(await devicesOf(side.other)).toEqual({});
    expect(await titleAt(side.hostAddress, port(0))).toBe(side.web);
  });

  it('may wait in an instance that does not run', async () => {
    const { side } = contract;
    await put(side.stopped, { 'c-door': userspace(0, 80) });
    expect(await titleAt(side.hostAddress, port(0))).toBeUndefined();
  });

  it('translates in the kernel for an instance with a fixed address', async () => {
    const { side } = contract;
    await pin(side.web);
    await put(side.web, { 'c-door': await nat(side.web, 0) });
    expect(await titleAt(side.kernelAddress, port(0))).toBe(side.web);
    await strip(side.web);
    expect(await titleAt(side.kernelAddress, port(0))).toBeUndefined();
  });

  it('translates for no other', async () => {
    const { side } = contract;
    const fault = await faultOf(put(side.web, { 'c-door': await nat(side.web, 0) }));
    expect(fault).toMatchObject({ code: 'lxd_refused', retryable: false });
    expect(fault.message).toMatch(/Connect IP "[\d.]+" must be one of the instance's static IPv4 addresses/);
    expect(await devicesOf(side.web)).toEqual({});
  });

  it.each([
    [
      'every address',
      { listen: 'tcp:0.0.0.0:9' },
      /Cannot listen on wildcard address "0\.0\.0\.0" when in nat mode/,
    ],
    ['two protocols', { connect: 'udp:10.0.0.9:80' }, /Proxying tcp <-> udp is not supported when using NAT/],
    ['a name', { listen: 'tcp:name:9' }, /Not an IP address "name"/],
    ['no protocol', { listen: 'frob' }, /Unknown protocol type "frob"/],
    ['an option of nobody', { nobody: '1' }, /Invalid device option "nobody"/],
  ])('refuses %s', async (_what, wrong, words) => {
    const { side } = contract;
    const fault = await faultOf(put(side.web, { 'c-door': { ...(await nat(side.web, 0)), ...wrong } }));
    expect(fault).toMatchObject({ code: 'lxd_refused', retryable: false });
    expect(fault.message).toMatch(words);
  });
}
