/** What Drawbridge believes of LXD's network forwards; what they do is seen from the outside. */
import { afterEach, expect, it } from 'vitest';
import type { LxdForward, LxdForwardPort } from '../../src/lxd/client.ts';
import type { Contract } from './contract.ts';
import { faultOf } from './fault-of.ts';
import { echoOf, titleAt } from './reach.ts';

export function forwardContract(contract: Contract): void {
  const listen = () => contract.side.kernelAddress;
  const port = (offset: number) => contract.side.firstPort + offset;
  const title = (offset: number) => titleAt(listen(), port(offset));
  const forward = (...ports: LxdForwardPort[]): LxdForward => ({
    listen_address: listen(),
    description: 'of the contract',
    config: { 'user.contract': '1' },
    ports,
  });
  async function to(
    instance: string,
    offset: number,
    protocol: 'tcp' | 'udp' = 'tcp',
  ): Promise<LxdForwardPort> {
    return {
      description: `to ${instance}`,
      protocol,
      listen_port: String(port(offset)),
      target_address: await contract.addressOf(instance),
      target_port: protocol === 'tcp' ? '80' : '7',
    };
  }

  afterEach(async () => {
    const { client, side } = contract;
    if ((await client.getForward(side.network, listen())) !== undefined)
      await client.deleteForward(side.network, listen());
  });

  it('opens, changes and closes', async () => {
    const { client, side } = contract;
    expect(await client.getForward(side.network, listen())).toBeUndefined();
    expect(await title(0)).toBeUndefined();

    await client.createForward(side.network, forward(await to(side.web, 0)));
    expect(await title(0)).toBe(side.web);

    await client.putForward(side.network, listen(), forward(await to(side.other, 0), await to(side.web, 1)));
    expect([await title(0), await title(1)]).toEqual([side.other, side.web]);

    await client.putForward(side.network, listen(), forward(await to(side.web, 1)));
    expect([await title(0), await title(1)]).toEqual([undefined, side.web]);

    await client.deleteForward(side.network, listen());
    expect(await title(1)).toBeUndefined();
    expect(await client.getForward(side.network, listen())).toBeUndefined();
  });

  it('keeps what is said about it', async () => {
    const { client, side } = contract;
    const given = forward(await to(side.web, 0), await to(side.other, 0, 'udp'));
    await client.createForward(side.network, given);
    expect(await client.getForward(side.network, listen())).toEqual({ ...given, location: 'none' });
    const listed = await client.listForwards(side.network);
    expect(listed).toContainEqual({ ...given, location: 'none' });
  });

  it('forwards datagrams', async () => {
    const { client, side } = contract;
    await client.createForward(side.network, forward(await to(side.other, 0, 'udp')));
    expect(await echoOf(listen(), port(0), 'hello')).toBe('hello');
    expect(await title(0)).toBeUndefined();
  });

  it('lets nobody answer where nothing listens', async () => {
    const { client, side } = contract;
    await client.createForward(side.network, forward({ ...(await to(side.web, 0)), target_port: '81' }));
    expect(await title(0)).toBeUndefined();
    await client.putForward(side.network, listen(), forward(await to(side.inner.name, 0)));
    expect(await title(0)).toBeUndefined();
  });

  it('takes a list of ports, and an empty target port for the same', async () => {
    const { client, side } = contract;
    const range = `${port(0)}-${port(1)},${port(3)}`;
    await client.createForward(side.network, forward({ ...(await to(side.web, 0)), listen_port: range }));
    expect([await title(0), await title(1), await title(2), await title(3)]).toEqual([
      side.web,
      side.web,
      undefined,
      side.web,
    ]);
    const same = { ...(await to(side.web, 0)), target_port: '' };
    await client.putForward(side.network, listen(), forward(same));
    expect((await client.getForward(side.network, listen()))?.ports).toEqual([same]);
  });

  it('accepts an address that the host does not have, and does nothing', async () => {
    const { client, side } = contract;
    const nowhere = { ...forward(await to(side.web, 0)), listen_address: '192.0.2.250' };
    await client.createForward(side.network, nowhere);
    expect(await titleAt(side.hostAddress, port(0))).toBeUndefined();
    await client.deleteForward(side.network, '192.0.2.250');
  });

  it('is there once', async () => {
    const { client, side } = contract;
    await client.createForward(side.network, forward());
    const fault = await faultOf(client.createForward(side.network, forward()));
    expect(fault).toMatchObject({ code: 'lxd_conflict', retryable: false });
    expect(fault.message).toContain('A forward for that listen address already exists');
  });

  it('cannot be changed or deleted where there is none', async () => {
    const { client, side } = contract;
    const works = [
      client.putForward(side.network, listen(), forward()),
      client.deleteForward(side.network, listen()),
      client.createForward('c-nowhere', forward()),
    ];
    for (const fault of await Promise.all(works.map(faultOf)))
      expect(fault).toMatchObject({ code: 'lxd_not_found', retryable: false });
  });

  it.each<[string, (good: LxdForwardPort) => Partial<LxdForward>, RegExp]>([
    ['an option of nobody', () => ({ config: { nobody: '1' } }), /Invalid option "nobody"/],
    [
      'a default target elsewhere',
      () => ({ config: { target_address: '192.0.2.1' } }),
      /Default target address is not within the network subnet/,
    ],
    [
      'a port twice',
      (good) => ({ ports: [good, good] }),
      /Duplicate listen port \d+ for protocol "tcp" in port specification 1/,
    ],
    [
      'a target elsewhere',
      (good) => ({ ports: [{ ...good, target_address: '192.0.2.1' }] }),
      /Target address is not within the network subnet in port specification 0/,
    ],
    [
      'no target',
      (good) => ({ ports: [{ ...good, target_address: '' }] }),
      /Invalid target address in port specification 0/,
    ],
    [
      'no listen port',
      (good) => ({ ports: [{ ...good, listen_port: '' }] }),
      /Missing listen port in port specification 0/,
    ],
    [
      'a word for a listen port',
      (good) => ({ ports: [{ ...good, listen_port: 'web' }] }),
      /Invalid listen port in port specification 0: /,
    ],
    [
      'a word for a target port',
      (good) => ({ ports: [{ ...good, target_port: 'web' }] }),
      /Invalid target port in port specification 0/,
    ],
    [
      'a protocol of nobody',
      (good) => ({ ports: [{ ...good, protocol: 'sctp' }] }),
      /Invalid port protocol in port specification 0, protocol must be one of: tcp, udp/,
    ],
    [
      'more targets than ports',
      (good) => ({ ports: [{ ...good, target_port: '80,81' }] }),
      /Mismatch of listen port\(s\) and target port\(s\) count in port specification 0/,
    ],
  ])('refuses %s and stays as it was', async (_what, wrong, words) => {
    const { client, side } = contract;
    const good = await to(side.web, 0);
    await client.createForward(side.network, forward(good));
    const work = client.putForward(side.network, listen(), { ...forward(good), ...wrong(good) });
    const fault = await faultOf(work);
    expect(fault).toMatchObject({ code: 'lxd_refused', retryable: false });
    expect(fault.message).toMatch(words);
    expect((await client.getForward(side.network, listen()))?.ports).toEqual([good]);
    expect(await title(0)).toBe(side.web);
  });
}
