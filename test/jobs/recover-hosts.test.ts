/** Hosts found again in a strict fake cloud, by the marks and the console of their servers; LXD behind them is the sandbox. */
import { execFileSync } from 'node:child_process';
import { randomUUID } from 'node:crypto';
import { mkdtempSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterAll, beforeAll, beforeEach, expect, it } from 'vitest';
import { stringify } from 'yaml';
import { connectClouds } from '../../jobs/connect-clouds.ts';
import { recoverHosts } from '../../jobs/recovery/recover-hosts.ts';
import type { Cloud } from '../../jobs/tools.ts';
import { loadConfig } from '../../src/config.ts';
import { CONSOLE_MARK } from '../../src/core/cloud-init.ts';
import { cloudMark, groupNameOf } from '../../src/core/tags/cloud-tag.ts';
import type { HostAccess } from '../../src/core/thing.ts';
import { createLog } from '../../src/log.ts';
import { createLxdClient } from '../../src/lxd/client.ts';
import type { KnownHost } from '../../src/records/known-hosts.ts';
import { createSandboxHost } from '../../src/sandbox/lxd/lxd-host.ts';
import { type FakeCloud, startFakeCloud } from '../openstack/fake-cloud/fake-cloud.ts';
import { EXTERNAL } from '../openstack/fake-cloud/furnish.ts';
import { fakeCloudConfig } from '../stage/fake-cloud-config.ts';

const folder = mkdtempSync(join(tmpdir(), 'db-recover-hosts-'));
const socket = join(folder, 'lxd.sock');
const log = createLog({ level: 'silent', readable: false });
const sandbox = createSandboxHost({ socket, publicAddress: '127.0.0.1', log });
let fake: FakeCloud;
let clouds: Cloud[];
let key: string;
let fingerprint: string;

beforeAll(async () => {
  await sandbox.start();
  const path = join(folder, 'host');
  execFileSync('ssh-keygen', ['-q', '-t', 'ed25519', '-N', '', '-f', path]);
  key = readFileSync(`${path}.pub`, 'utf8').trim();
  fingerprint = execFileSync('ssh-keygen', ['-lf', `${path}.pub`], { encoding: 'utf8' }).split(' ')[1] ?? '';
});
beforeEach(async () => {
  await fake?.stop();
  fake = await startFakeCloud();
  const { section, env } = fakeCloudConfig({ fake: { cloud: fake, external: EXTERNAL.network } }, folder);
  const file = join(folder, 'drawbridge.yaml');
  writeFileSync(file, stringify({ hosts: {}, clouds: section, roles: {}, policy: {} }));
  clouds = connectClouds(loadConfig({ ...env, DRAWBRIDGE_CONFIG: file }));
});
afterAll(async () => {
  await fake?.stop();
  await sandbox.stop();
  rmSync(folder, { recursive: true, force: true });
});

/** A server as it is long after it was made. */
function addServer(name: string, metadata: Record<string, string>, console: string | undefined): string {
  const id = randomUUID();
  fake.state.servers.set(id, {
    ...{ id, name, flavor: '', key_name: null, metadata, user_data: undefined },
    ...{ config_drive: false, activeAt: 0, goneAt: undefined, fault: undefined, status: 'running' },
    ...{ console, visibleAt: 0 },
  });
  return id;
}

async function addFloatingIp(owner: string): Promise<string> {
  const [cloud] = clouds;
  const [network] = (await cloud?.client.listNetworks({ 'router:external': 'true' })) ?? [];
  const description = cloudMark(owner, owner);
  const made = await cloud?.client.createFloatingIp({ floating_network_id: network?.id ?? '', description });
  return made?.floating_ip_address ?? '';
}

/** LXD answers behind one socket of two; what was asked for on the way is kept. */
function search(register: readonly KnownHost[] = []) {
  const tried: { name: string; access: HostAccess }[] = [];
  const hosts = {
    sockets: ['/nowhere', '/var/lib/lxd/unix.socket'],
    list: async () => [],
    connect: (name: string, access: HostAccess) => {
      tried.push({ name, access });
      const answers = access.socket === '/var/lib/lxd/unix.socket' ? socket : join(folder, 'nobody');
      return createLxdClient({ host: name, transport: { kind: 'unix', socket: answers } });
    },
  };
  const { signal } = new AbortController();
  return { tried, found: recoverHosts({ clouds, hosts, register, channel: 'C0DOORS', now: 7, signal }) };
}

const known = (name: string, server: string): KnownHost => ({
  ...{ name, server, cloud: 'fake', request: 'req-a', since: 1 },
  access: { address: '198.51.100.9', port: 22, user: 'drawbridge', hostKey: 'SHA256:x', socket: '/s' },
});

it('takes a host in with the key that its console says, and changes nothing in the cloud', async () => {
  const said = `[ 3.1] noise\n${CONSOLE_MARK} host key ${key}\r\n${CONSOLE_MARK} phase ready\n`;
  const server = addServer('web9', { drawbridge: 'host-web9' }, said);
  const address = await addFloatingIp('host-web9');
  const before = fake.calls().length;
  const { found, tried } = search();
  const access = {
    address,
    port: 22,
    user: 'drawbridge',
    hostKey: fingerprint,
    socket: '/var/lib/lxd/unix.socket',
  };
  expect(await found).toEqual({
    found: [
      { name: 'web9', access, cloud: 'fake', server, request: 'req-recovered', channel: 'C0DOORS', since: 7 },
    ],
    ...{ gone: [], lost: [], silent: [] },
  });
  expect(tried.every(({ access: { hostKey } }) => hostKey === fingerprint)).toBe(true);
  const changes = fake
    .calls()
    .slice(before)
    .filter(({ method, path }) => method !== 'GET' && path !== '/auth/tokens');
  expect(changes.map(({ body }) => body)).toEqual([{ 'os-getConsoleOutput': { length: 2_000 } }]);
});

it('trusts no key that was not said: it names the host and what to type instead', async () => {
  addServer('web8', { drawbridge: 'host-web8' }, 'rotated away');
  await addFloatingIp('host-web8');
  addServer(
    'web7',
    { drawbridge: 'host-web7' },
    `${CONSOLE_MARK} host key ${key}\n${CONSOLE_MARK} phase ready`,
  );
  addServer('old', {}, undefined);
  const group = await clouds[0]?.client.createSecurityGroup(
    groupNameOf('old'),
    cloudMark('door-a', 'blog:80'),
  );
  await clouds[0]?.client.addTag('security-groups', group?.id ?? '', 'door-a:tcp:80:0.0.0.0_0');
  addServer('somebody', {}, undefined);
  const { found, tried } = search();
  const { lost, found: taken } = await found;
  expect([...lost].sort((a, b) => a.name.localeCompare(b.name))).toEqual([
    {
      name: 'old',
      why: expect.stringContaining('was adopted'),
      next: '/lxd host adopt old on fake',
    },
    { name: 'web7', why: expect.stringContaining('no floating IP'), next: '/lxd host adopt web7 on fake' },
    { name: 'web8', why: expect.stringContaining('its console'), next: '/lxd host adopt web8 on fake' },
  ]);
  expect([taken, tried]).toEqual([[], []]);
});

it('leaves a host of the register as it is, and says when its server is gone or its cloud silent', async () => {
  const server = addServer('web9', { drawbridge: 'host-web9' }, undefined);
  const gone = known('web6', randomUUID());
  expect(await search([known('web9', server), gone]).found).toEqual({
    ...{ found: [], lost: [], silent: [] },
    gone: [gone],
  });
  await fake.stop();
  const silent = await search([gone]).found;
  expect(silent).toMatchObject({ found: [], gone: [], silent: [{ name: 'fake' }] });
}, 60_000);
