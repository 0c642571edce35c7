/** The clock of a worker's machine jumps ahead and comes back: what has to happen by itself happens in time afterwards. */
import { mkdtempSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import type { ChangeCommand } from '../../src/core/request.ts';
import { createLog } from '../../src/log.ts';
import { createSandboxHost, type SandboxHost } from '../../src/sandbox/lxd/lxd-host.ts';
import { type Backstage, openBackstage } from '../jobs/backstage.ts';
import { buildWorker } from '../stage/built-worker.ts';
import { fakeClock, findFakeTime, setFakeClock } from '../stage/fake-clock.ts';
import { startRedis, type TestRedis } from '../stage/start-redis.ts';
import { until } from '../stage/until.ts';
import { spawnWorker, type WorkerProcess } from '../stage/worker-process.ts';

const ADDRESS = '127.9.5.1';

describe.skipIf(findFakeTime() === undefined)('a worker whose clock jumps (needs libfaketime)', () => {
  const folder = mkdtempSync(join(tmpdir(), 'db-jump-'));
  const clock = join(folder, 'clock');
  const socket = join(folder, 'lxd');
  let redis: TestRedis;
  let host: SandboxHost;
  let back: Backstage;
  let worker: WorkerProcess;

  beforeAll(async () => {
    redis = await startRedis();
    const log = createLog({ level: 'silent', readable: false });
    host = createSandboxHost({ socket, publicAddress: ADDRESS, log });
    await host.start();
    const policy = { private_networks: ['0.0.0.0/0'], sensitive_ports: [] };
    back = await openBackstage({ web1: { unix: socket, public_address: ADDRESS } }, redis, policy);
    setFakeClock(clock, '+0');
    worker = spawnWorker({ ...back.env, ...fakeClock(clock) }, await buildWorker(join(folder, 'worker')));
  }, 120_000);
  afterAll(async () => {
    await worker.end();
    await back.close();
    await host.stop();
    await redis.stop();
    rmSync(folder, { recursive: true, force: true });
  });

  async function openUntil(publicPort: number, until: number): Promise<void> {
    const command: ChangeCommand = {
      ...{ action: 'expose', target: { host: 'web1', instance: 'blog' }, port: 80, protocol: 'tcp' },
      ...{ publicPort, sources: ['0.0.0.0/0'], until },
    };
    expect((await back.ended(await back.ask(command))).outcome).toMatchObject({ kind: 'done' });
  }
  const closed = () =>
    until(
      async () => ((await back.records.doors.list()).length === 0 ? true : undefined),
      'the closing',
      90_000,
    );

  it('ends the doors that it takes for due, and after it is right again others when they are', {
    timeout: 300_000,
  }, async () => {
    await openUntil(18_801, Date.now() + 3_600_000);
    setFakeClock(clock, '+2h');
    await closed();
    setFakeClock(clock, '+0');
    await openUntil(18_802, Date.now() + 5_000);
    await closed();
    const requests = await back.records.requests.latest(10);
    expect(requests.map(({ state }) => state)).toEqual(requests.map(() => 'ended'));
  });
});
