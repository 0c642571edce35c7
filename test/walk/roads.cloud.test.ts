/**
 * The article's question, answered on a real cloud: a host from nothing by a Slack command, an instance on it, and every road to
 * it opened, answered from outside, closed and silent.
 */
import { mkdtempSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterAll, beforeAll, expect, it } from 'vitest';
import { openCloud } from '../lab/openstack/cloud-api.ts';
import { emptyProject } from '../lab/openstack/cloud-lab.ts';
import { externalBridge } from '../lab/openstack/cloud-plan.ts';
import { bootServer, makeFloatingIp, makeGroup } from '../lab/openstack/cloud-servers.ts';
import { describeCloud } from '../lab/openstack/describe-cloud.ts';
import { runCommand } from '../lab/run-command.ts';
import { cloudConfig } from '../stage/cloud-config.ts';
import { curl } from '../stage/curl.ts';
import { ALICE, BOB, DAVE, raiseStage, type Shown, type Stage } from '../stage/stage.ts';
import { until } from '../stage/until.ts';
import { openRoadBreaker } from './break-road.ts';
import { type GuestLxd, openGuestLxd } from './guest-lxd.ts';

/** Another address outside, for a visitor whom `from` does not name. */
const STRANGER = '198.51.100.2';
const MINUTE = 60_000;

describeCloud('the article on a real cloud', (cloud) => {
  const folder = mkdtempSync(join(tmpdir(), 'db-cloud-'));
  const configured = cloudConfig(cloud, folder);
  let stage: Stage;
  let guest: GuestLxd;
  let before = '';

  beforeAll(async () => {
    await emptyProject();
    await runCommand(['ip', 'addr', 'replace', `${STRANGER}/32`, 'dev', externalBridge]);
    before = await inventory();
    stage = await raiseStage(configured);
  });
  afterAll(async () => {
    guest?.close();
    await stage?.stop();
    await runCommand(['ip', 'addr', 'del', `${STRANGER}/32`, 'dev', externalBridge]);
    await emptyProject();
    rmSync(folder, { recursive: true, force: true });
  });

  /** Everything in the project that a road or a host may make or change, as one text to compare. */
  async function inventory(): Promise<string> {
    const api = await openCloud(cloud.cloud);
    const kinds: ['network' | 'compute', string, string][] = [
      ['network', '/floatingips', 'floatingips'],
      ['network', '/ports', 'ports'],
      ['network', '/security-groups', 'security_groups'],
      ['compute', '/servers', 'servers'],
      ['compute', '/os-keypairs', 'keypairs'],
    ];
    const lists = await Promise.all(
      kinds.map(([service, path, key]) => api.list<object>(service, path, key)),
    );
    const changing = new Set(['updated_at', 'revision_number', 'status']);
    return JSON.stringify(lists, (key, value) => (changing.has(key) ? undefined : value));
  }

  async function approved(text: string, ms: number): Promise<{ id: string; message: Shown }> {
    const id = await stage.ask(ALICE, text);
    const asked = await stage.seeRequest(id, 'Needs approval', MINUTE);
    await stage.click(BOB, asked, 'approve_request');
    await until(
      async () => ((await stage.records.requests.get(id))?.state === 'ended' ? true : undefined),
      `${id} to end`,
      ms,
      300,
    );
    return { id, message: await stage.seeRequest(id, /\*(Open|Closed|Done|Failed|Refused|Carried)/, MINUTE) };
  }

  async function opened(text: string): Promise<string> {
    const { id, message } = await approved(text, 4 * MINUTE);
    const outcome = (await stage.records.requests.get(id))?.outcome;
    expect(outcome, message.words).toMatchObject({ kind: 'done', proof: { state: 'proven' } });
    return outcome?.kind === 'done' ? (outcome.address ?? '') : '';
  }

  async function closed(text: string): Promise<void> {
    const id = await stage.ask(ALICE, text);
    const record = await until(
      async () => {
        const found = await stage.records.requests.get(id);
        return found?.state === 'ended' ? found : undefined;
      },
      `${id} to end`,
      4 * MINUTE,
      300,
    );
    expect(record.outcome).toMatchObject({ kind: 'done' });
  }

  async function silent(address: string, port = 80): Promise<void> {
    const answer = async () => ((await curl(`http://${address}:${port}/`)).code !== 0 ? true : undefined);
    await until(answer, `${address}:${port} to be silent`, 20_000, 500);
  }

  /** What Drawbridge could have left on the instance. */
  async function marksAndDevices(): Promise<string> {
    const config = await guest.lxc('config', 'show', 'blog');
    const marks = config.split('\n').filter((line) => line.includes('user.drawbridge'));
    return [...marks, await guest.lxc('config', 'device', 'show', 'blog')].join('\n');
  }

  function tell(line: string): void {
    process.stdout.write(`road ${line}\n`);
  }

  it('makes a host from nothing, by cloud-init alone', { timeout: 10 * MINUTE }, async () => {
    const begun = Date.now();
    const { id, message } = await approved('host create web9', 9 * MINUTE);
    expect((await stage.records.requests.get(id))?.outcome, message.words).toMatchObject({ kind: 'done' });
    const known = (await stage.records.knownHosts.get('web9')) ?? expect.fail('web9 in the register');
    guest = await openGuestLxd(known.access.address, known.access.user, configured.keyFile);
    expect(await guest.lxc('network', 'get', 'lxdbr0', 'bridge.mtu')).toMatch(/^1[45]\d\d\n$/);
    await guest.addImage('busybox');
    process.stdout.write(`host web9 from nothing to LXD in ${Math.round((Date.now() - begun) / 1000)} s\n`);
  });

  it('opens SSH only to the workers, and to LXD’s socket and the guard only', async () => {
    const { access } = (await stage.records.knownHosts.get('web9')) ?? expect.fail('web9');
    const ssh = (...args: string[]) =>
      runCommand([
        'timeout',
        '8',
        'ssh',
        '-o',
        'BatchMode=yes',
        '-o',
        'StrictHostKeyChecking=no',
        '-o',
        'UserKnownHostsFile=/dev/null',
        '-i',
        configured.keyFile,
        ...args,
      ]);
    // Whatever the key asks for, the guard answers.
    expect(JSON.parse(await ssh(`${access.user}@${access.address}`, 'id'))).toHaveProperty('nftables');
    expect(access.guard).toBe(true);
    await expect(ssh('-b', STRANGER, `${access.user}@${access.address}`, 'id')).rejects.toThrow();
    expect((await curl(`http://${access.address}:22/`, STRANGER)).code).toBe(28);
  });

  it('launches an instance there', { timeout: 3 * MINUTE }, async () => {
    const id = await stage.ask(ALICE, 'launch busybox blog on web9');
    const record = await until(
      async () => {
        const found = await stage.records.requests.get(id);
        return found?.state === 'ended' ? found : undefined;
      },
      `${id} to end`,
      2 * MINUTE,
      300,
    );
    expect(record.outcome).toMatchObject({ kind: 'done' });
    expect(await guest.lxc('list', 'blog', '-cns', '-fcsv')).toBe('blog,RUNNING\n');
  });

  it.each(['', 'proxy', 'userspace', 'routed', 'bridged', 'port'])(
    'opens the road “%s”, answers from outside, closes and is silent',
    { timeout: 8 * MINUTE },
    async (road) => {
      const [here, asItWas] = [await inventory(), await marksAndDevices()];
      const address = await opened(
        `expose web9/blog 80 from ${cloud.gateway}${road === '' ? '' : ` via ${road}`}`,
      );
      expect((await curl(`http://${address}/`)).body).toContain('<title>blog</title>');
      expect((await curl(`http://${address}/`, STRANGER)).code).toBe(28);
      await closed('unexpose blog 80');
      await silent(address);
      expect(await inventory()).toBe(here);
      expect(await marksAndDevices()).toBe(asItWas);
      expect(await guest.lxc('list', 'blog', '-cs', '-fcsv')).toBe('RUNNING\n');
      tell(
        `${road === '' ? 'forward (chosen)' : road}: opened at ${address}, answered from outside, closed, silent`,
      );
    },
  );

  it('opens the road “server” to any server of the cloud', { timeout: 5 * MINUTE }, async () => {
    const api = await openCloud(cloud.cloud);
    const group = await makeGroup(api, 'own');
    const userData =
      '#!/bin/sh\nmkdir -p /www; echo "<title>web</title>" > /www/index.html; httpd -h /www -p 80\n';
    await bootServer(api, 'web', {
      network: cloud.network,
      image: cloud.tinyImage,
      flavor: cloud.tinyFlavor,
      groups: [group],
      userData,
    });
    const free = await makeFloatingIp(api, cloud.externalNetwork);
    const here = await inventory();
    const address = await opened('expose server:web 80');
    expect(address).toBe(free.address);
    expect((await curl(`http://${address}/`)).body).toContain('<title>web</title>');
    await closed('unexpose server:web 80');
    await silent(address);
    expect(await inventory()).toBe(here);
    tell(`server: opened at ${address}, answered from outside, closed, silent`);
  });

  it('keeps a rule that two doors need until the second is closed, and says why that one does not answer', {
    timeout: 10 * MINUTE,
  }, async () => {
    await closed('launch busybox shop on web9');
    const [blog, shop] = [
      await opened('expose blog 80 via routed'),
      await opened('expose shop 80 via routed'),
    ];
    await closed('unexpose blog 80');
    await silent(blog);
    expect((await curl(`http://${shop}/`)).body).toContain('<title>shop</title>');
    await whyIsItBroken(shop);
    await closed('unexpose shop 80');
    await silent(shop);
  });

  /** Every hop that somebody of the project may break is broken, the door is silent, and `why` names the hop. */
  async function whyIsItBroken(address: string): Promise<void> {
    const why = async (words: string): Promise<void> => {
      const said = (await stage.messages()).length;
      await stage.type(ALICE, 'why shop 80');
      const answer = async () =>
        (await stage.messages()).slice(said).find(({ text }) => text.includes('via routed'));
      expect((await until(answer, 'an answer', MINUTE, 200)).words).toContain(words);
    };
    const answers = async () => ((await curl(`http://${address}/`)).code === 0 ? true : undefined);
    const breaker = await openRoadBreaker(await openCloud(cloud.cloud), address, 'drawbridge-web9');
    await why('It works: it answered 200 “shop”');
    for (const [take, says] of [
      [breaker.takePair, 'address pair on the port of web9 is gone'],
      [breaker.takeGroup, 'security group drawbridge-web9 does not hang on the port of web9'],
    ] as const) {
      const giveBack = await take();
      await silent(address);
      await why(`Broken at: *${says}`);
      await giveBack();
      await until(answers, `${address} to answer again`, MINUTE, 300);
    }
    await breaker.deleteRule();
    await silent(address);
    await why('Broken at: *rule for tcp 80 is gone: nobody is let in to 80');
    await breaker.deleteFloatingIp();
    await why(`Broken at: *floating IP ${address} is not in this project of`);
    tell('why: pair, group, rule and floating IP broken, each named');
  }

  it('shares one floating IP by port where the host has none', { timeout: 8 * MINUTE }, async () => {
    const api = await openCloud(cloud.cloud);
    const host = (await stage.records.knownHosts.get('web9')) ?? expect.fail('web9');
    // The host is reached by another floating IP, one port of which an administrator leads to it.
    const own = (
      await api.list<{ id: string; floating_ip_address: string; port_id: string; fixed_ip_address: string }>(
        'network',
        '/floatingips',
        'floatingips',
      )
    ).find(({ floating_ip_address }) => floating_ip_address === host.access.address);
    await api.call('PUT', 'network', `/floatingips/${own?.id}`, { floatingip: { port_id: null } });
    const jump = await makeFloatingIp(api, cloud.externalNetwork);
    await api.call('POST', 'network', `/floatingips/${jump.id}/port_forwardings`, {
      port_forwarding: {
        protocol: 'tcp',
        external_port: 22,
        internal_port: 22,
        internal_port_id: own?.port_id,
        internal_ip_address: own?.fixed_ip_address,
      },
    });
    // sshd is no web server, but whoever answers at all is neither refused (7) nor silent (28).
    const answers = async () =>
      [7, 28].includes((await curl(`http://${jump.address}:22/`)).code) ? undefined : true;
    await until(answers, 'the host to answer behind the other floating IP', MINUTE, 500);
    await stage.records.knownHosts.put({ ...host, access: { ...host.access, address: jump.address } });
    const here = await inventory();
    const first = await opened('expose blog 80 as 8080 via fip-port');
    const second = await opened('expose shop 80 as 8081 via fip-port');
    expect(second).toBe(first);
    expect((await curl(`http://${first}:8080/`)).body).toContain('<title>blog</title>');
    expect((await curl(`http://${second}:8081/`)).body).toContain('<title>shop</title>');
    await closed('unexpose blog 80');
    await silent(first, 8080);
    await closed('unexpose shop 80');
    await silent(first, 8081);
    expect(await inventory()).toBe(here);
    tell(`fip-port: opened twice at ${first}, answered from outside, closed, silent`);
    await stage.records.knownHosts.put(host);
    await api.call('PUT', 'network', `/floatingips/${own?.id}`, { floatingip: { port_id: own?.port_id } });
  });

  it('refuses networks on which a host would not come to life, before anything is made', {
    timeout: 3 * MINUTE,
  }, async () => {
    const here = await inventory();
    for (const [network, why] of [
      [cloud.dryNetwork, 'has no DHCP'],
      [cloud.islandNetwork, 'No router leads from'],
    ]) {
      const id = await stage.ask(ALICE, `host create web8 network ${network}`);
      const record = await until(async () => {
        const found = await stage.records.requests.get(id);
        return found?.state === 'ended' ? found : undefined;
      }, `${id} to end`);
      expect(record.outcome).toMatchObject({
        kind: 'refused',
        reason: 'cloud_unfit',
        message: expect.stringContaining(why ?? ''),
      });
    }
    expect(await inventory()).toBe(here);
  });

  it('deletes the host after two approvals, and leaves nothing of it', { timeout: 5 * MINUTE }, async () => {
    const id = await stage.ask(ALICE, 'host delete web9 with instances');
    await stage.click(BOB, await stage.seeRequest(id, 'by 2 people', MINUTE), 'approve_request');
    await stage.click(DAVE, await stage.seeRequest(id, '1 more to go', MINUTE), 'approve_request');
    const record = await until(
      async () => {
        const found = await stage.records.requests.get(id);
        return found?.state === 'ended' ? found : undefined;
      },
      `${id} to end`,
      3 * MINUTE,
      300,
    );
    expect(record.outcome).toMatchObject({ kind: 'done' });
    await emptyForeign();
    expect(await inventory()).toBe(before);
  });

  /** What this suite made by its own hands: a server, two floating IPs, a group. */
  async function emptyForeign(): Promise<void> {
    const api = await openCloud(cloud.cloud);
    for (const { id, name } of await api.list<{ id: string; name: string }>('compute', '/servers', 'servers'))
      if (name === 'web') await api.call('DELETE', 'compute', `/servers/${id}`);
    for (const { id } of await api.list<{ id: string }>('network', '/floatingips', 'floatingips')) {
      const forwardings = await api.list<{ id: string }>(
        'network',
        `/floatingips/${id}/port_forwardings`,
        'port_forwardings',
      );
      for (const each of forwardings)
        await api.call('DELETE', 'network', `/floatingips/${id}/port_forwardings/${each.id}`);
      await api.call('DELETE', 'network', `/floatingips/${id}`);
    }
    await until(
      async () => {
        const servers = await api.list<object>('compute', '/servers', 'servers');
        return servers.length === 0 ? true : undefined;
      },
      'the server to go',
      MINUTE,
      500,
    );
    for (const { id, name } of await api.list<{ id: string; name: string }>('network', '/ports', 'ports'))
      if (name === 'web') await api.call('DELETE', 'network', `/ports/${id}`);
    for (const { id, name } of await api.list<{ id: string; name: string }>(
      'network',
      '/security-groups',
      'security_groups',
    ))
      if (name === 'own') await api.call('DELETE', 'network', `/security-groups/${id}`);
  }
});
