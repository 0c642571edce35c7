/** A host with a guard, real nftables and real LXD: doors end in the kernel, and let in nobody else. */
import { connect } from 'node:net';
import { join } from 'node:path';
import { afterAll, afterEach, beforeAll, beforeEach, expect, it } from 'vitest';
import type { ChangeCommand } from '../../src/core/request.ts';
import { createGuard } from '../../src/lxd/guard.ts';
import { describeLab } from '../lab/describe-lab.ts';
import { forgetGuard } from '../lab/forget-guard.ts';
import { launchInstance, lxc, lxcQuery } from '../lab/lab.ts';
import { runCommand } from '../lab/run-command.ts';
import { faultOf } from '../lxd/fault-of.ts';
import { curl } from '../stage/curl.ts';
import { guardedHost } from '../stage/lab-config.ts';
import { startRedis, type TestRedis } from '../stage/start-redis.ts';
import { until } from '../stage/until.ts';
import { askLook } from './ask-look.ts';
import { type Backstage, openBackstage } from './backstage.ts';

const INSTANCE = 'guarded';
const SHUT = 28;

describeLab('the guard of a host', (lab) => {
  const { web1 } = lab.hosts;
  const hosts = guardedHost(lab);
  const inHost = (...argv: string[]) =>
    runCommand(['nsenter', `--net=/run/netns/${web1.namespace}`, ...argv]);
  const table = () => inHost('nft', 'list', 'table', 'ip', 'drawbridge');
  const enter = async (port: number, from?: string) =>
    (await curl(`http://${web1.address}:${port}/`, from)).code;
  let redis: TestRedis;
  let back: Backstage;

  beforeAll(async () => {
    await forgetGuard(web1);
    redis = await startRedis();
    await launchInstance(web1, INSTANCE);
  });
  afterAll(async () => {
    await lxc(web1, 'delete', '--force', INSTANCE);
    await forgetGuard(web1);
    await redis.stop();
  });
  beforeEach(async () => {
    back = await openBackstage(hosts, redis);
    await back.work(1, false);
  });
  afterEach(async () => {
    if (back.resting()) await back.work(1, false);
    await back.ended(await back.ask('panic', 'U0BOB'));
    await back.close();
  });

  const open = async (text: string | ChangeCommand) => {
    const { outcome, plan } = await back.ended(await back.ask(text));
    expect(outcome).toMatchObject({ kind: 'done' });
    return plan;
  };
  const door = (port: number, more: object): ChangeCommand => ({
    ...{ action: 'expose', target: { host: 'web1', instance: INSTANCE }, port: 80, protocol: 'tcp' },
    ...{ publicPort: port, sources: ['0.0.0.0/0'] },
    ...more,
  });
  /** Asks on a connection that was made before; whether the answer comes. */
  async function knockOn(port: number) {
    const socket = connect(port, web1.address).on('error', () => {});
    await new Promise((resolve) => socket.once('connect', resolve));
    return () =>
      new Promise<boolean>((resolve) => {
        const timer = setTimeout(() => resolve(false), 2_000);
        socket.once('data', () => resolve(true));
        socket.write('GET / HTTP/1.0\r\n\r\n', () => {});
        socket.once('close', () => clearTimeout(timer));
      }).finally(() => socket.destroy());
  }

  it.each(['forward', 'proxy', 'userspace'])('lets in the sources and nobody else (%s)', async (road) => {
    const plan = await open(`expose ${INSTANCE} 80 as 8201 from ${lab.ownAddress} via ${road}`);
    expect(plan?.steps.map(({ thing }) => thing.kind)).not.toContain('filter');
    expect([await enter(8201), await enter(8201, lab.strangerAddress)]).toEqual([0, SHUT]);
  });

  it('lets two doors to one port have sources of their own', async () => {
    await open(`expose ${INSTANCE} 80 as 8202 from ${lab.ownAddress}`);
    await open(`expose ${INSTANCE} 80 as 8203 from ${lab.strangerAddress}`);
    const codes = [8202, 8203].map((port) => Promise.all([enter(port), enter(port, lab.strangerAddress)]));
    expect(await Promise.all(codes)).toEqual([
      [0, SHUT],
      [SHUT, 0],
    ]);
  });

  it('ends a door in the kernel while no worker runs, cuts what is open, and the next worker tidies up', async () => {
    const plan = await open(door(8204, { until: Date.now() + 7_000 }));
    const { end } = { end: plan && 'until' in plan ? (plan.until ?? 0) : 0 };
    const [early, late] = [await knockOn(8204), await knockOn(8204)];
    await back.rest();
    expect(await early()).toBe(true);
    await until(async () => ((await enter(8204)) === SHUT ? true : undefined), 'the end', 20_000);
    expect(Date.now()).toBeGreaterThan(end - 3_000);
    expect(await late()).toBe(false);
    const [forward] = await lxcQuery<{ ports: unknown[] }[]>(
      web1,
      '/1.0/networks/lxdbr0/forwards?recursion=1',
    );
    expect(forward?.ports).toHaveLength(1);
    await back.work(1, false);
    await until(
      async () => ((await back.records.doors.list()).length === 0 ? true : undefined),
      'the closing',
      30_000,
    );
    expect(await table()).not.toContain('door-');
    expect(await lxcQuery(web1, '/1.0/networks/lxdbr0/forwards')).toEqual([]);
  });

  it('is moved by an extension, in the kernel', async () => {
    await open(door(8205, { until: Date.now() + 60_000 }));
    expect(await table()).toMatch(/timeout (5\d|1m)/);
    await open(`extend ${INSTANCE} 80 by 2h`);
    expect(await table()).toMatch(/timeout 2h/);
    expect(await enter(8205)).toBe(0);
  });

  it('lets nobody in after a reboot, though LXD leads in again', async () => {
    await open(`expose ${INSTANCE} 80 as 8206`);
    await inHost('nft', 'delete', 'table', 'ip', 'drawbridge');
    expect(await enter(8206)).toBe(0);
    await inHost(join(web1.dir, 'ssh', 'drawbridge-guard'), 'boot', join(web1.dir, 'guard'));
    expect(await enter(8206)).toBe(SHUT);
    // Reconciling sees that the host lets nobody in to a door whose end has not come, and puts it right by itself.
    await back.queues.reconcile({});
    await until(
      async () => ((await enter(8206)) === 0 ? true : undefined),
      'the door to be open again',
      40_000,
    );
  });

  it('cuts what is open when a door is closed', async () => {
    await open(`expose ${INSTANCE} 80 as 8207`);
    const late = await knockOn(8207);
    await open(`unexpose ${INSTANCE} 80`);
    expect(await late()).toBe(false);
  });

  it('keeps a dozen doors that are opened at once apart', async () => {
    const ports = Array.from({ length: 12 }, (_, index) => 8210 + index);
    const ids = await Promise.all(
      ports.map((port) => back.ask(`expose ${INSTANCE} 80 as ${port} from ${lab.ownAddress}`)),
    );
    const outcomes = await Promise.all(ids.map(async (id) => (await back.ended(id)).outcome));
    expect(outcomes.filter((outcome) => outcome?.kind !== 'done')).toEqual([]);
    const text = await table();
    for (const port of ports) expect(text.match(new RegExp(` ${port}\\b`, 'g'))).toHaveLength(2);
  });

  it('takes nothing but elements of its own sets, and all of them or none', async () => {
    const key = await runCommand(['cat', web1.ssh.keyFile]);
    const { ssh } = hosts.web1;
    const trust = { privateKey: `${key}\n`, hostKey: ssh.host_key };
    const transport = { kind: 'ssh', ...ssh, ...trust } as const;
    const guard = createGuard('web1', transport, 'id');
    try {
      const good = `add element ip drawbridge guarded { ${web1.address} . tcp . 8299 comment "door-x" }`;
      const bad = [
        'flush ruleset',
        'add table ip mine',
        `${good}; flush ruleset`,
        good.replace('drawbridge', 'filter'),
        good.replace('8299', '99999'),
      ];
      for (const line of bad)
        expect(await faultOf(guard.apply([good, line]))).toMatchObject({ code: 'guard_failed' });
      expect(await guard.read()).toEqual({ doors: [] });
    } finally {
      guard.close();
    }
  });

  it('that may not run keeps doors shut, and no door open', async () => {
    await open(`expose ${INSTANCE} 80 as 8208`);
    const examined = async () => JSON.stringify(await askLook(back, 'doctor'));
    expect(await examined()).toContain('its guard keeps 1 door');
    const right = `/etc/sudoers.d/drawbridge-lab-${web1.name}`;
    await runCommand(['mv', right, '/etc/drawbridge-lab-right']);
    try {
      const { outcome } = await back.ended(await back.ask(`expose ${INSTANCE} 80 as 8209`));
      expect(outcome).toMatchObject({ kind: 'refused', reason: 'host_silent' });
      expect(JSON.stringify(outcome)).toContain('sudo');
      expect(await examined()).toContain('its guard cannot be asked');
      await open(`unexpose ${INSTANCE} 80`);
    } finally {
      await runCommand(['mv', '/etc/drawbridge-lab-right', right]);
    }
  });
});
