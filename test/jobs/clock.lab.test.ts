/** The clock of a worker's machine jumps: no door stays open for longer than it may, and what is asked meanwhile ends. */
import { mkdtempSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterAll, afterEach, beforeAll, beforeEach, expect, it } from 'vitest';
import type { ChangeCommand } from '../../src/core/request.ts';
import { describeLab } from '../lab/describe-lab.ts';
import { forgetGuard } from '../lab/forget-guard.ts';
import { launchInstance, lxc } from '../lab/lab.ts';
import { curl } from '../stage/curl.ts';
import { fakeClock, setFakeClock } from '../stage/fake-clock.ts';
import { guardedHost } from '../stage/lab-config.ts';
import { startRedis, type TestRedis } from '../stage/start-redis.ts';
import { until } from '../stage/until.ts';
import { spawnWorker, type WorkerProcess } from '../stage/worker-process.ts';
import { type Backstage, openBackstage } from './backstage.ts';

const INSTANCE = 'clocked';
const SHUT = 28;

describeLab('a clock that jumps', (lab) => {
  const { web1 } = lab.hosts;
  let redis: TestRedis;
  let folder = '';
  let back: Backstage;
  let worker: WorkerProcess;

  beforeAll(async () => {
    redis = await startRedis();
    await launchInstance(web1, INSTANCE);
  });
  afterAll(async () => {
    await lxc(web1, 'delete', '--force', INSTANCE);
    await forgetGuard(web1);
    await redis.stop();
  });
  beforeEach(async () => {
    folder = mkdtempSync(join(tmpdir(), 'db-clock-'));
    back = await openBackstage(guardedHost(lab), redis);
    setClock('+0');
    worker = spawnWorker({ ...back.env, ...fakeClock(clock()) });
  });
  afterEach(async () => {
    setClock('+0');
    await back.ended(await back.ask('panic', 'U0BOB'));
    await worker.end();
    await back.close();
    rmSync(folder, { recursive: true, force: true });
  });

  const clock = () => join(folder, 'clock');
  const setClock = (offset: string) => setFakeClock(clock(), offset);
  const enter = async (port: number) => (await curl(`http://${web1.address}:${port}/`)).code;
  const door = (publicPort: number, until: number): ChangeCommand => ({
    ...{ action: 'expose', target: { host: 'web1', instance: INSTANCE }, port: 80, protocol: 'tcp' },
    ...{ publicPort, sources: ['0.0.0.0/0'], until },
  });
  const gone = () =>
    until(
      async () => ((await back.records.doors.list()).length === 0 ? true : undefined),
      'the closing',
      40_000,
    );

  it('forward ends doors early rather than late, and what is asked then goes on', async () => {
    const opened = await back.ended(await back.ask(door(8301, Date.now() + 3_600_000)));
    expect(opened.outcome).toMatchObject({ kind: 'done' });
    setClock('+2h');
    await gone();
    expect(await enter(8301)).not.toBe(0);
    const next = await back.ended(await back.ask(`expose ${INSTANCE} 80 as 8302 from ${lab.ownAddress}`));
    expect(next.outcome).toMatchObject({ kind: 'done' });
    expect(await enter(8302)).toBe(0);
  });

  it('back leaves the end to the kernel of the host, whose clock does not jump', async () => {
    const end = Date.now() + 12_000;
    const opened = await back.ended(await back.ask(door(8303, end)));
    expect(opened.outcome).toMatchObject({ kind: 'done' });
    expect(await enter(8303)).toBe(0);
    setClock('-5h');
    await until(async () => ((await enter(8303)) === SHUT ? true : undefined), 'the end', 30_000);
    expect(Date.now()).toBeLessThan(end + 15_000);
    // By its own clock the worker has hours left; when that is mended it tidies up.
    expect(await back.records.doors.list()).toHaveLength(1);
    setClock('+0');
    await gone();
  });
});
