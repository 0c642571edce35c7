/** LXD misbehaves while a door opens or closes; many requests at once; one job delivered twice. On a real LXD behind a gate. */
import { mkdtempSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterAll, afterEach, beforeAll, beforeEach, expect, it } from 'vitest';
import { describeLab } from '../lab/describe-lab.ts';
import { launchInstance, lxc, lxcQuery } from '../lab/lab.ts';
import { curl } from '../stage/curl.ts';
import { type Gate, type GateCall, type GateDeed, openGate } from '../stage/lxd-gate.ts';
import { startRedis, type TestRedis } from '../stage/start-redis.ts';
import { type Backstage, openBackstage } from './backstage.ts';

describeLab('an LXD that misbehaves', (lab) => {
  const { web1 } = lab.hosts;
  const instance = 'fault-blog';
  let redis: TestRedis;
  let folder = '';
  let gate: Gate;
  let back: Backstage;
  let deeds: { before?: (call: GateCall) => GateDeed; after?: (call: GateCall) => GateDeed } = {};

  beforeAll(async () => {
    redis = await startRedis();
    folder = mkdtempSync(join(tmpdir(), 'db-fault-'));
    await launchInstance(web1, instance);
  });
  afterAll(async () => {
    await lxc(web1, 'delete', '--force', instance);
    await redis.stop();
    rmSync(folder, { recursive: true, force: true });
  });
  beforeEach(async () => {
    deeds = {};
    const socket = join(folder, `gate-${Math.random().toString(36).slice(2)}.sock`);
    gate = await openGate({
      socket,
      target: web1.socket,
      before: (call) => deeds.before?.(call) ?? 'pass',
      after: (call) => deeds.after?.(call) ?? 'pass',
    });
    back = await openBackstage({ web1: { unix: socket, public_address: web1.address } }, redis);
    await back.work();
  });
  afterEach(async () => {
    await back.close();
    await gate.close();
  });

  async function ports(): Promise<string[]> {
    const forwards = await lxcQuery<{ ports: { listen_port: string }[] }[]>(
      web1,
      '/1.0/networks/lxdbr0/forwards?recursion=1',
    );
    return forwards.flatMap((forward) => forward.ports.map(({ listen_port }) => listen_port)).sort();
  }

  async function pinned(): Promise<boolean> {
    const { devices } = await lxcQuery<{ devices: Record<string, unknown> }>(
      web1,
      `/1.0/instances/${instance}`,
    );
    return devices.eth0 !== undefined;
  }

  const once = (number: number, deed: GateDeed) => {
    let done = false;
    return (call: GateCall): GateDeed => {
      if (done || call.number !== number) return 'pass';
      done = true;
      return deed;
    };
  };

  it.each([
    ['drops the call before it reaches LXD', 'before', 2, 'drop'],
    ['loses the answer after LXD did it', 'after', 2, 'drop'],
    ['loses the answer to the pin', 'after', 1, 'drop'],
    ['answers 500 once', 'before', 2, 'error500'],
    ['answers garbage once', 'after', 2, 'garbage'],
    ['hangs once', 'before', 2, 'hang'],
  ] as const)('%s: the door opens all the same, once', async (_, when, number, deed) => {
    deeds[when] = once(number, deed);
    const record = await back.ended(await back.ask(`expose ${instance} 80 as 9301`));
    expect(record.outcome).toMatchObject({ kind: 'done' });
    expect(await ports()).toEqual(['9301']);
    const closed = await back.ended(await back.ask(`unexpose ${instance} 80`));
    expect(closed.outcome).toMatchObject({ kind: 'done' });
    expect(await ports()).toEqual([]);
    expect(await pinned()).toBe(false);
  });

  it('refuses the forward for good: everything is taken back and the request says so', async () => {
    deeds.before = ({ path }) => (path.includes('/forwards') ? 'error500' : 'pass');
    const record = await back.ended(await back.ask(`expose ${instance} 80 as 9302`));
    expect(record.outcome).toMatchObject({ kind: 'failed', left: [] });
    expect(record.steps).toEqual(['undone', 'undone']);
    expect(await ports()).toEqual([]);
    expect(await pinned()).toBe(false);
    expect(await back.records.doors.list()).toEqual([]);
  });

  it('breaks for good after the pin: what could not be taken back is named', async () => {
    deeds.before = ({ number }) => (number >= 2 ? 'error500' : 'pass');
    const record = await back.ended(await back.ask(`expose ${instance} 80 as 9303`));
    expect(record.outcome).toMatchObject({
      kind: 'failed',
      left: [expect.stringContaining(`keep ${instance} at`)],
    });
    deeds = {};
    await lxc(web1, 'config', 'device', 'remove', instance, 'eth0');
    await lxc(web1, 'config', 'unset', instance, 'user.drawbridge.pin');
  });

  it('finishes a closing that broke in the middle when it is asked again', async () => {
    await back.ended(await back.ask(`expose ${instance} 80 as 9304`));
    const seen = gate.calls.length;
    deeds.before = ({ number }) => (number > seen + 1 ? 'error500' : 'pass');
    const broken = await back.ended(await back.ask(`unexpose ${instance} 80`));
    expect(broken.outcome).toMatchObject({ kind: 'failed' });
    expect((await curl(`http://${web1.address}:9304/`)).code).toBe(7);
    deeds = {};
    await lxc(web1, 'config', 'device', 'remove', instance, 'eth0');
    await lxc(web1, 'config', 'unset', instance, 'user.drawbridge.pin');
  });
});

describeLab('many at once', (lab) => {
  const { web1 } = lab.hosts;
  let back: Backstage;

  beforeAll(async () => {
    const { address, port, user, keyFile, hostKeyFingerprint } = { address: web1.address, ...web1.ssh };
    const ssh = { address, port, user, key_file: keyFile, host_key: hostKeyFingerprint, socket: web1.socket };
    back = await openBackstage({ web1: { ssh, public_address: web1.address } });
    await back.work(4);
  });
  afterAll(() => back.close());

  it('opens fifty doors on one address by four workers and loses none, then closes them all', async () => {
    const numbers = Array.from({ length: 50 }, (_, index) => 9400 + index);
    const ids = await Promise.all(numbers.map((number) => back.ask(`expose blog 80 as ${number}`)));
    const records = await Promise.all(ids.map((id) => back.ended(id, 100_000)));
    expect(records.map(({ outcome }) => outcome?.kind)).toEqual(numbers.map(() => 'done'));
    const forward = await lxcQuery<{ ports: { listen_port: string }[] }>(
      web1,
      `/1.0/networks/lxdbr0/forwards/${web1.address}`,
    );
    expect(forward.ports.map(({ listen_port }) => Number(listen_port)).sort()).toEqual(numbers);
    expect((await curl(`http://${web1.address}:9437/`)).body).toContain('blog');

    const closings = await Promise.all(numbers.map((number) => back.ask(`unexpose blog 80 as ${number}`)));
    await Promise.all(closings.map((id) => back.ended(id, 100_000)));
    expect(await lxcQuery(web1, '/1.0/networks/lxdbr0/forwards')).toEqual([]);
    const blog = await lxcQuery<{ devices: object }>(web1, '/1.0/instances/blog');
    expect(blog.devices).toEqual({});
  }, 240_000);

  it('gives one public port to one of ten that want it at the same time', async () => {
    const ids = await Promise.all(
      Array.from({ length: 10 }, (_, index) =>
        back.ask(
          `expose ${index % 2 === 0 ? 'blog' : 'web1/twin'} 80 as 9460 via ${index % 2 === 0 ? 'forward' : 'proxy'}`,
        ),
      ),
    );
    const records = await Promise.all(ids.map((id) => back.ended(id)));
    expect(records.filter(({ outcome }) => outcome?.kind === 'done')).toHaveLength(1);
    const others = records
      .map(({ outcome }) => outcome)
      .filter((outcome) => outcome?.kind !== 'done' && outcome?.kind !== 'refused');
    expect(others).toEqual([]);
    const [door] = await back.records.doors.list();
    await back.ended(await back.ask(`unexpose web1/${door?.instance} 80 as 9460`));
    expect(await back.records.doors.list()).toEqual([]);
  });

  it('does one thing when the same job is delivered to all four workers at once', async () => {
    const id = await back.ask('expose blog 80 as 9461');
    const record = await back.ended(id);
    const payload = { request: id, fingerprint: record.plan?.fingerprint ?? '' };
    await Promise.all(Array.from({ length: 8 }, () => back.queues.apply(payload, 0)));
    await back.ended(await back.ask('unexpose blog 80'));
    const kinds = (await back.records.audit.of(id)).map(({ kind }) => kind);
    expect(kinds.filter((kind) => kind === 'ended')).toHaveLength(1);
    expect(kinds.filter((kind) => kind === 'step_done')).toHaveLength(2);
  });
});
