/** Requests that are cancelled while their steps run: what was done is taken back, and there is one outcome whoever is first. */
import { mkdtempSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { setTimeout as sleep } from 'node:timers/promises';
import { afterAll, afterEach, beforeAll, beforeEach, describe, expect, it } from 'vitest';
import { createLog } from '../../src/log.ts';
import { createLxdClient, type LxdClient } from '../../src/lxd/client.ts';
import { createSandboxHost } from '../../src/sandbox/lxd/lxd-host.ts';
import { type FakeCloud, startFakeCloud } from '../openstack/fake-cloud/fake-cloud.ts';
import { EXTERNAL } from '../openstack/fake-cloud/furnish.ts';
import { fakeCloudConfig } from '../stage/fake-cloud-config.ts';
import { type Gate, type GateCall, type GateDeed, openGate } from '../stage/lxd-gate.ts';
import { startRedis, type TestRedis } from '../stage/start-redis.ts';
import { until } from '../stage/until.ts';
import { spawnWorker } from '../stage/worker-process.ts';
import { type Backstage, openBackstage } from './backstage.ts';
import { addHost } from './kill-cloud/fake-host.ts';

const ALICE = 'U0ALICE';
const folder = mkdtempSync(join(tmpdir(), 'db-cancel-'));
const log = createLog({ level: 'silent', readable: false });
let redis: TestRedis;

beforeAll(async () => {
  redis = await startRedis();
});
afterAll(async () => {
  await redis.stop();
  rmSync(folder, { recursive: true, force: true });
});

const wish = (back: Backstage, id: string, by = ALICE) =>
  back.records.requests.wishCancel(id, { by, at: Date.now() });

async function endings(back: Backstage, id: string): Promise<number> {
  return (await back.records.audit.of(id)).filter(({ kind }) => kind === 'ended').length;
}

describe('a request on a host that is cancelled while its steps run', () => {
  const [target, socket] = [join(folder, 'lxd.sock'), join(folder, 'gate.sock')];
  const sandbox = createSandboxHost({ socket: target, publicAddress: '127.0.0.1', log });
  let gate: Gate;
  let client: LxdClient;
  let back: Backstage;
  let before: (call: GateCall) => Promise<GateDeed> | GateDeed = () => 'pass';

  beforeAll(async () => {
    await sandbox.start();
    gate = await openGate({ socket, target, before: (call) => before(call) });
    client = createLxdClient({ host: 'box', transport: { kind: 'unix', socket: target } });
  });
  afterAll(async () => {
    await client.close();
    await gate.close();
    await sandbox.stop();
  });
  beforeEach(async () => {
    back = await openBackstage({ box: { unix: socket, public_address: '127.0.0.1' } }, redis);
    await back.work();
  });
  afterEach(async () => {
    before = () => 'pass';
    for (const port of await ports()) await back.ended(await back.ask(`unexpose blog 80 as ${port}`));
    await back.close();
  });

  const ports = async () =>
    (await client.listForwards('lxdbr0')).flatMap(({ ports: all }) =>
      all.map(({ listen_port }) => listen_port),
    );
  const isPinned = async () => (await client.getInstance('blog')).value.devices.eth0 !== undefined;

  /** Holds the calls to a path until it is told to let them go; the first gets this answer then. */
  function hold(path: string, answer: GateDeed = 'pass'): { reached: Promise<true>; letGo: () => void } {
    let first = true;
    let [arrive, letGo] = [(_: true) => {}, () => {}];
    const reached = new Promise<true>((resolve) => {
      arrive = resolve;
    });
    const gone = new Promise<void>((resolve) => {
      letGo = resolve;
    });
    before = async (call): Promise<GateDeed> => {
      if (!call.path.includes(path)) return 'pass';
      const deed = first ? answer : 'pass';
      first = false;
      arrive(true);
      await gone;
      return deed;
    };
    return { reached, letGo: () => letGo() };
  }

  it('lets the change under way come to its end, takes all of it back, and says what', async () => {
    const { reached, letGo } = hold('/forwards');
    const id = await back.ask('expose blog 80 as 18401');
    await reached;
    expect(await wish(back, id)).toEqual({ kind: 'kept' });
    expect(await wish(back, id, 'U0BOB')).toMatchObject({ kind: 'wished', wish: { by: ALICE } });
    letGo();
    const { outcome, steps } = await back.ended(id);
    expect(outcome).toEqual({
      kind: 'cancelled',
      by: ALICE,
      undone: [expect.stringContaining('forward'), expect.stringContaining('keep blog at')],
      left: [],
    });
    expect(steps).toEqual(['undone', 'undone']);
    expect([await ports(), await isPinned(), await back.records.doors.list()]).toEqual([[], false, []]);
    expect(await wish(back, id)).toEqual({ kind: 'elsewhere' });
    expect(await endings(back, id)).toBe(1);
  });

  it('names what could not be taken back', async () => {
    const { reached, letGo } = hold('/forwards');
    const id = await back.ask('expose blog 80 as 18402');
    await reached;
    await wish(back, id);
    before = () => 'error500';
    letGo();
    const { outcome, steps } = await back.ended(id);
    expect(outcome).toMatchObject({ kind: 'cancelled', undone: [] });
    expect(outcome).toMatchObject({
      left: [expect.stringMatching(/forward.*locked/), expect.stringMatching(/keep blog/)],
    });
    expect(steps).toEqual(['left', 'left']);
  });

  it('ends as cancelled, not as failed, where a step fails after the wish', async () => {
    const { reached, letGo } = hold('/forwards', 'error500');
    const id = await back.ask('expose blog 80 as 18403');
    await reached;
    await wish(back, id);
    letGo();
    expect((await back.ended(id)).outcome).toMatchObject({ kind: 'cancelled', left: [] });
    expect(await isPinned()).toBe(false);
  });

  it('goes on to its end where it closes a door, and says why', async () => {
    await back.ended(await back.ask('expose blog 80 as 18404'));
    const { reached, letGo } = hold('/forwards');
    const id = await back.ask('unexpose blog 80');
    await reached;
    expect(await wish(back, id)).toMatchObject({
      kind: 'sealed',
      why: expect.stringContaining('half closed'),
    });
    letGo();
    expect((await back.ended(id)).outcome).toMatchObject({ kind: 'done' });
    expect(await ports()).toEqual([]);
  });

  it('goes on to its end from the step on that nothing takes back', async () => {
    await back.ended(await back.ask('launch debian/12 short-lived'));
    const { reached, letGo } = hold('/1.0/instances/short-lived');
    const id = await back.ask('delete short-lived');
    await back.approve(id);
    await reached;
    expect(await wish(back, id)).toMatchObject({
      kind: 'sealed',
      why: expect.stringContaining('cannot be taken back'),
    });
    letGo();
    expect((await back.ended(id)).outcome).toMatchObject({ kind: 'done' });
  });

  it('deletes what it has launched', async () => {
    const { reached, letGo } = hold('/1.0/instances/fresh/state');
    const id = await back.ask('launch debian/12 fresh');
    await reached;
    expect(await wish(back, id)).toEqual({ kind: 'kept' });
    letGo();
    const { outcome } = await back.ended(id);
    expect(outcome).toMatchObject({ kind: 'cancelled', left: [] });
    expect(JSON.stringify(outcome)).toContain('fresh');
    expect((await client.listInstances()).map(({ name }) => name)).not.toContain('fresh');
  });

  it('has one outcome, which is what whoever cancelled was told, at whatever moment that was', {
    timeout: 120_000,
  }, async () => {
    const ends = { cancelled: 0, done: 0 };
    let usual = 120;
    for (let round = 0; round < 40; round += 1) {
      const begun = performance.now();
      const id = await back.ask(`expose blog 80 as ${18_410 + round}`);
      await sleep((usual * (round % 20)) / 16);
      const wishes = await Promise.all([wish(back, id), wish(back, id, 'U0BOB')]);
      const kept = wishes.filter(({ kind }) => kind === 'kept');
      const { outcome } = await back.ended(id);
      usual = Math.max(50, (usual + performance.now() - begun) / 2);
      expect(kept.length).toBe(outcome?.kind === 'cancelled' ? 1 : 0);
      expect(await endings(back, id)).toBe(1);
      expect((await back.records.doors.list()).length).toBe(outcome?.kind === 'done' ? 1 : 0);
      expect((await ports()).length).toBe(outcome?.kind === 'done' ? 1 : 0);
      ends[outcome?.kind as 'done'] += 1;
      if (outcome?.kind === 'done') await back.ended(await back.ask('unexpose blog 80'));
    }
    expect(ends.cancelled + ends.done).toBe(40);
    expect(Math.min(ends.cancelled, ends.done), JSON.stringify(ends)).toBeGreaterThan(0);
  });
});

describe('a host that is being made in a cloud', () => {
  let cloud: FakeCloud;
  let back: Backstage;

  beforeEach(async () => {
    cloud = await startFakeCloud();
    const pool = { start: '198.51.100.10', end: '198.51.100.99' };
    addHost(cloud.state, { address: '198.51.100.11', pool, floating: '127.77.9.0/24' });
    const name = `fake${Math.random().toString(36).slice(2, 7)}`;
    const settings = fakeCloudConfig({ [name]: { cloud, external: EXTERNAL.network } }, folder);
    const section = { [name]: { ...(settings.section[name] as object), ssh_from: ['127.0.0.0/8'] } };
    back = await openBackstage({}, redis, undefined, { ...settings, section });
  });
  afterEach(async () => {
    await back.close();
    await cloud.stop();
  });

  const made = () => ({
    servers: [...cloud.state.servers.values()].filter(({ name }) => name === 'web9').length,
    addresses: cloud.state.floatingIps.size,
    ours: [...cloud.state.groups.values()].filter(({ name }) => name.startsWith('drawbridge')).length,
  });

  /** Asks for a host whose console never says anything, so that it waits for its boot. */
  async function askForHost(): Promise<string> {
    const id = await back.ask(`host create web9 flavor m1.small image debian-12 network lan`);
    await back.approve(id);
    const boots = async () =>
      (await back.records.requests.get(id))?.progress === 'booting' ? true : undefined;
    await until(boots, 'the host to boot', 40_000);
    return id;
  }

  it('is cancelled within seconds while it waits for its boot, and leaves nothing in the cloud', {
    timeout: 90_000,
  }, async () => {
    await back.work();
    const id = await askForHost();
    expect(made().servers).toBe(1);
    await wish(back, id);
    const begun = performance.now();
    const { outcome } = await back.ended(id, 40_000);
    expect(performance.now() - begun).toBeLessThan(20_000);
    expect(outcome).toMatchObject({ kind: 'cancelled', left: [] });
    expect(JSON.stringify(outcome)).toContain('web9');
    expect(made()).toEqual({ servers: 0, addresses: 0, ours: 0 });
    expect(await back.records.knownHosts.list()).toEqual([]);
  });

  it('stays cancelled over kill -9: the worker that takes it up takes it back', {
    timeout: 120_000,
  }, async () => {
    const first = spawnWorker(back.env);
    const id = await askForHost();
    first.kill();
    expect(await wish(back, id)).toEqual({ kind: 'kept' });
    await back.work();
    expect((await back.ended(id, 60_000)).outcome).toMatchObject({ kind: 'cancelled', by: ALICE, left: [] });
    expect(made()).toEqual({ servers: 0, addresses: 0, ours: 0 });
    expect(await endings(back, id)).toBe(1);
  });

  it('is taken back by the next worker where one dies over it, and all of it is named', {
    timeout: 120_000,
  }, async () => {
    cloud.state.deleteMs = 4_000;
    const first = spawnWorker(back.env);
    const id = await askForHost();
    await wish(back, id);
    const halfway = async () =>
      (await back.records.requests.get(id))?.steps?.includes('undone') ? true : undefined;
    await until(halfway, 'the first step to be taken back', 40_000);
    first.kill();
    expect((await back.records.requests.get(id))?.state).toBe('applying');
    await back.work();
    const { outcome, plan } = await back.ended(id, 60_000);
    expect(outcome).toMatchObject({ kind: 'cancelled', left: [] });
    expect(outcome?.kind === 'cancelled' && outcome.undone).toHaveLength(plan?.steps.length ?? 0);
    expect(made()).toEqual({ servers: 0, addresses: 0, ours: 0 });
    expect(await endings(back, id)).toBe(1);
  });
});
