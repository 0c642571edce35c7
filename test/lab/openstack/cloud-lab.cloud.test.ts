import { afterAll, beforeAll, expect, it } from 'vitest';
import { waitUntil } from '../wait-until.ts';
import { type CloudApi, CloudRefusal, openCloud } from './cloud-api.ts';
import { emptyProject } from './cloud-lab.ts';
import { networkPlans } from './cloud-plan.ts';
import {
  bootServer,
  type CloudServer,
  makeFloatingIp,
  makeGroup,
  makePort,
  makeRule,
  pageAt,
} from './cloud-servers.ts';
import { describeCloud } from './describe-cloud.ts';

const userData = `#!/bin/sh
mkdir -p /www && echo hello >/www/index.html && httpd -h /www -p 80
`;

describeCloud('The cloud', (cloud) => {
  let bot: CloudApi;
  let group: string;
  let server: CloudServer;

  beforeAll(async () => {
    await emptyProject();
    bot = await openCloud(cloud.cloud);
    group = await makeGroup(bot, 'web');
    const { network, tinyImage: image, tinyFlavor: flavor } = cloud;
    server = await bootServer(bot, 'web', { network, image, flavor, userData, groups: [group] });
  });
  afterAll(emptyProject);

  it('lets the bot in by password and by application credential, and gives it no administration', async () => {
    const byCredential = await openCloud(cloud.appCredentialCloud);
    expect(byCredential.projectId).toBe(bot.projectId);
    const refusal = await bot
      .call('POST', 'compute', '/flavors', { flavor: { name: 'mine', ram: 64, disk: 1, vcpus: 1 } })
      .catch((error: unknown) => error);
    expect(refusal).toBeInstanceOf(CloudRefusal);
    expect((refusal as CloudRefusal).status).toBe(403);
  });

  it('has the extensions that the roads need', async () => {
    const extensions = await bot.list<{ alias: string }>('network', '/extensions', 'extensions');
    expect(extensions.map(({ alias }) => alias)).toEqual(
      expect.arrayContaining([
        'allowed-address-pairs',
        'floating-ip-port-forwarding',
        'floating-ip-port-forwarding-description',
        'port-security',
        'quota_details',
        'revision-if-match',
        'standard-attr-tag',
      ]),
    );
  });

  it('has its networks: with DHCP and a road out, without DHCP, without a road', async () => {
    for (const plan of networkPlans) {
      const [subnet] = await bot.list<{ cidr: string; enable_dhcp: boolean; network_id: string }>(
        'network',
        `/subnets?name=${plan.name}`,
        'subnets',
      );
      expect(subnet).toMatchObject({ cidr: plan.cidr, enable_dhcp: plan.dhcp });
      const filter = `/ports?network_id=${subnet?.network_id}&device_owner=network:router_interface`;
      expect(await bot.list('network', filter, 'ports')).toHaveLength(plan.routed ? 1 : 0);
    }
  });

  it('lets a server be reached over a floating IP with a rule, and not without it', async () => {
    const { address } = await makeFloatingIp(bot, cloud.externalNetwork, server.port);
    const rule = await makeRule(bot, group, 80);
    const answers = () => pageAt(address);
    expect(await waitUntil('the page', answers, { seconds: 120, pauseMs: 300 })).toBe('hello\n');
    await bot.call('DELETE', 'network', `/security-group-rules/${rule}`);
    const silent = async () => ((await pageAt(address)) === undefined ? true : undefined);
    await waitUntil('silence without the rule', silent);
    await makeRule(bot, group, 80);
    expect(await waitUntil('the page', answers)).toBe('hello\n');
  });

  it('forwards one port of a floating IP to another port of a server', async () => {
    // The first floating IP is still on the server's port: one port takes one or the other, so a second port is needed.
    const [taken] = await bot.list<{ id: string }>('network', '/floatingips', 'floatingips');
    await bot.call('PUT', 'network', `/floatingips/${taken?.id}`, { floatingip: { port_id: null } });
    const { id, address } = await makeFloatingIp(bot, cloud.externalNetwork);
    const port_forwarding = {
      protocol: 'tcp',
      internal_ip_address: server.address,
      internal_port: 80,
      internal_port_id: server.port,
      external_port: 8080,
      description: 'a door',
    };
    const at = `/floatingips/${id}/port_forwardings`;
    await bot.call('POST', 'network', at, { port_forwarding });
    expect(await waitUntil('the page', () => pageAt(address, 8080))).toBe('hello\n');
    expect(await pageAt(address, 80)).toBeUndefined();
  });

  it('refuses a change of a port that somebody else has changed meanwhile', async () => {
    const port = await makePort(bot, 'spare', cloud.network, [group]);
    const { revision_number } = (
      await bot.call<{ port: { revision_number: number } }>('GET', 'network', `/ports/${port.id}`)
    ).port;
    const change = (name: string) =>
      bot.call(
        'PUT',
        'network',
        `/ports/${port.id}`,
        { port: { name } },
        {
          'if-match': `revision_number=${revision_number}`,
        },
      );
    await change('first');
    expect(await change('second').catch((error: CloudRefusal) => error.status)).toBe(412);
  });

  it('is as it came after the project was emptied', async () => {
    await emptyProject();
    expect(await bot.list('compute', '/servers', 'servers')).toEqual([]);
    expect(await bot.list('network', '/floatingips', 'floatingips')).toEqual([]);
    const groups = await bot.list('network', '/security-groups', 'security_groups');
    expect(groups.map(({ name }) => name)).toEqual(['default']);
    const ports = await bot.list<{ device_owner: string }>('network', '/ports', 'ports');
    expect(ports.filter(({ device_owner }) => !device_owner.startsWith('network:'))).toEqual([]);
    const networks = await bot.list('network', '/networks', 'networks');
    expect(networks).toHaveLength(networkPlans.length + 1);
  });
});
