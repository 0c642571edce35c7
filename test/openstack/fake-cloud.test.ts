/** What tests may set in the fake cloud and a project cannot provoke in a real one. */
import { describe, expect, it } from 'vitest';
import type { OsServerRequest } from '../../src/openstack/client.ts';
import { faultOf } from '../lxd/fault-of.ts';
import { addNetwork } from './fake-cloud/furnish.ts';
import { type FaultSide, faultSide } from './fault-client.ts';

const KEY = 'ssh-ed25519 AAAAC3NzaC1lZDI1NTE5AAAAIGyrZ1+0m1GNlVhkYc4v6jJ8wq2rK1o0m5yqk8mVb7pX';

/** A request for a server that the cloud takes. */
async function requestFor({ client }: FaultSide): Promise<OsServerRequest> {
  const [image] = await client.listImages({ name: 'tiny' });
  const flavor = (await client.listFlavors()).find(({ name }) => name === 'm1.medium');
  const [network] = await client.listNetworks({ name: 'hosts' });
  if ((await client.getKeypair('key')) === undefined) await client.createKeypair('key', KEY);
  const port = await client.createPort({ network_id: network?.id ?? '', name: 'web9', description: '' });
  return {
    name: 'web9',
    imageRef: image?.id ?? '',
    flavorRef: flavor?.id ?? '',
    key_name: 'key',
    networks: [{ port: port.id }],
    user_data: '#cloud-config\n',
    metadata: { host: 'web9' },
  };
}

/** Nothing happens by itself in so many milliseconds; the test says when it has happened. */
const HOURS = 3_600_000;

describe('the fake cloud', () => {
  it('builds servers for a while, then has them run with what they were told', async () => {
    const side = await faultSide();
    const { client, cloud } = side;
    cloud.state.buildMs = HOURS;
    cloud.state.console = 'one\ntwo\nthree';
    const request = await requestFor(side);
    const { id } = await client.createServer({ ...request, config_drive: true });
    expect(await client.getServer(id)).toMatchObject({
      status: 'BUILD',
      'OS-EXT-STS:task_state': 'spawning',
    });
    expect(await client.getConsole(id, 5)).toBe('');
    const busy = await faultOf(client.attachPort(id, (await requestFor(side)).networks[0]?.port ?? ''));
    expect(busy).toMatchObject({ code: 'openstack_conflict' });
    expect(busy.message).toMatch(/while it is in vm_state building/);
    Object.assign(cloud.state.servers.get(id) ?? {}, { activeAt: Date.now() });
    expect(await client.getServer(id)).toMatchObject({ status: 'ACTIVE' });
    expect(await client.getConsole(id, 2)).toBe('two\nthree');
    const kept = cloud.state.servers.get(id);
    expect(kept).toMatchObject({ metadata: { host: 'web9' }, config_drive: true });
    expect(Buffer.from(kept?.user_data ?? '', 'base64').toString()).toBe('#cloud-config\n');
  });

  it('ends servers in ERROR, with a reason', async () => {
    const side = await faultSide();
    side.cloud.state.buildFault = 'No valid host was found.';
    const { id } = await side.client.createServer(await requestFor(side));
    expect(await side.client.getServer(id)).toMatchObject({
      status: 'ERROR',
      fault: { message: 'No valid host was found.' },
    });
  });

  it('deletes servers for a while, and frees their ports at the end', async () => {
    const side = await faultSide();
    const { client, cloud } = side;
    cloud.state.deleteMs = HOURS;
    const request = await requestFor(side);
    const { id } = await client.createServer(request);
    await client.deleteServer(id);
    expect(await client.getServer(id)).toMatchObject({ 'OS-EXT-STS:task_state': 'deleting' });
    expect(await client.getPort(request.networks[0]?.port ?? '')).toMatchObject({ device_id: id });
    Object.assign(cloud.state.servers.get(id) ?? {}, { goneAt: Date.now() });
    expect(await client.getServer(id)).toBeUndefined();
    expect(await client.getPort(request.networks[0]?.port ?? '')).toMatchObject({ device_id: '' });
  });

  it.each([
    ['instances', 1, /Quota exceeded for instances: Requested 1, but already used 1 of 1 instances/],
    ['cores', 3, /Quota exceeded for cores: Requested 2, but already used 2 of 3 cores/],
    ['ram', 5000, /Quota exceeded for ram: Requested 4096, but already used 4096 of 5000 ram/],
  ] as const)('keeps to its limit of %s', async (name, limit, words) => {
    const side = await faultSide();
    side.cloud.state.limits[name] = limit;
    await side.client.createServer(await requestFor(side));
    const fault = await faultOf(side.client.createServer(await requestFor(side)));
    expect(fault).toMatchObject({ code: 'openstack_quota', retryable: false });
    expect(fault.message).toMatch(words);
  });

  it('keeps to its quotas of ports, floating IPs and rules', async () => {
    const { client, cloud } = await faultSide();
    Object.assign(cloud.state.quotas, { port: 0, floatingip: 0, security_group_rule: 4 });
    const [hosts] = await client.listNetworks({ name: 'hosts' });
    const [outside] = await client.listNetworks({ name: 'public' });
    const group = await client.createSecurityGroup('web', '');
    const rule = {
      security_group_id: group.id,
      direction: 'ingress',
      ethertype: 'IPv4',
      protocol: 'tcp',
      port_range_min: 80,
      port_range_max: 80,
      remote_ip_prefix: '0.0.0.0/0',
      description: '',
    } as const;
    const works = [
      client.createPort({ network_id: hosts?.id ?? '', name: 'p', description: '' }),
      client.createFloatingIp({ floating_network_id: outside?.id ?? '', description: '' }),
      client.createRule(rule),
    ];
    const faults = await Promise.all(works.map(faultOf));
    expect(faults.map(({ code }) => code)).toEqual(Array(3).fill('openstack_quota'));
    expect(faults.map(({ message }) => /\['(\w+)'\]/.exec(message)?.[1])).toEqual([
      'port',
      'floatingip',
      'security_group_rule',
    ]);
  });

  it('does without what an extension brings, where it is taken away', async () => {
    const { client, cloud } = await faultSide();
    cloud.state.extensions.delete('floating-ip-port-forwarding');
    const [outside] = await client.listNetworks({ name: 'public' });
    const floatingIp = await client.createFloatingIp({
      floating_network_id: outside?.id ?? '',
      description: '',
    });
    expect(await client.listExtensions()).not.toContain('floating-ip-port-forwarding');
    expect(await faultOf(client.listPortForwardings(floatingIp.id))).toMatchObject({
      code: 'openstack_not_found',
    });
  });

  it('has no room on a network that is full', async () => {
    const { client, cloud } = await faultSide();
    const { network } = addNetwork(cloud.state, { name: 'small', cidr: '10.40.0.0/30' });
    await client.createPort({ network_id: network, name: 'p', description: '' });
    const fault = await faultOf(client.createPort({ network_id: network, name: 'q', description: '' }));
    expect(fault).toMatchObject({ code: 'openstack_conflict' });
    expect(fault.message).toMatch(/No more IP addresses available/);
  });

  it('compares revisions before it writes, not while, as Neutron does', async () => {
    const { client, cloud } = await faultSide();
    const [network] = await client.listNetworks({ name: 'hosts' });
    const { id } = await client.createPort({ network_id: network?.id ?? '', name: 'p', description: 'a' });
    cloud.state.writeMs = 200;
    const add = (word: string) =>
      client.updatePort(id, ({ description }) => ({ description: `${description} ${word}` }));
    await Promise.all([add('b'), add('c')]);
    expect((await client.getPort(id))?.description).toMatch(/^a [bc]$/);
  });
});
