/** The life of a request on the worker's side, against the sandbox host: expiry, decisions, sweeps, an ordered end. */
import { mkdtempSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { setTimeout as sleep } from 'node:timers/promises';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { createLog } from '../../src/log.ts';
import { createSandboxHost } from '../../src/sandbox/lxd/lxd-host.ts';
import { openGate } from '../stage/lxd-gate.ts';
import { startRedis, type TestRedis } from '../stage/start-redis.ts';
import { until } from '../stage/until.ts';
import { spawnWorker } from '../stage/worker-process.ts';
import { openBackstage } from './backstage.ts';

describe('a request', () => {
  const folder = mkdtempSync(join(tmpdir(), 'db-life-'));
  const socket = join(folder, 'lxd.sock');
  const log = createLog({ level: 'silent', readable: false });
  const sandbox = createSandboxHost({ socket, publicAddress: '127.0.0.1', log });
  const host = (path = socket) => ({ unix: path, public_address: '127.0.0.1' });
  let redis: TestRedis;

  beforeAll(async () => {
    redis = await startRedis();
    await sandbox.start();
  });
  afterAll(async () => {
    await sandbox.stop();
    await redis.stop();
    rmSync(folder, { recursive: true, force: true });
  });

  const reach = (port: number): Promise<boolean> =>
    fetch(`http://127.0.0.1:${port}/`).then(
      () => true,
      () => false,
    );

  it('that nobody decides on expires, visibly, and changes nothing', async () => {
    const back = await openBackstage({ box: host() }, redis, { wait_for_approval: '1s' });
    await back.work();
    const id = await back.ask('expose blog 80 as 18201');
    await until(
      async () => ((await back.records.requests.get(id))?.state === 'waiting' ? true : undefined),
      'the plan',
    );
    const record = await back.ended(id, 10_000);
    expect(record.outcome).toEqual({ kind: 'expired' });
    expect(record.decision?.verdict).toBe('expired');
    expect(await reach(18201)).toBe(false);
    await back.close();
  });

  it('is carried out only with a decision in the records: a released job alone does nothing', async () => {
    const back = await openBackstage({ box: host() }, redis, { wait_for_approval: '1h' });
    await back.work();
    const id = await back.ask('expose blog 80 as 18202');
    const waiting = await until(async () => {
      const record = await back.records.requests.get(id);
      return record?.state === 'waiting' ? record : undefined;
    }, 'the plan');
    const fingerprint = waiting.plan?.fingerprint ?? '';
    await back.queues.release({ request: id, fingerprint });
    await sleep(500);
    expect((await back.records.requests.get(id))?.state).toBe('waiting');
    expect(await reach(18202)).toBe(false);

    // The job has gone with the early release; the sweep brings it back, and then the decision counts.
    await back.records.decisions.approve(id, fingerprint, { by: 'U0BOB', groups: [], at: Date.now() }, 1);
    expect((await back.ended(id, 20_000)).outcome).toMatchObject({ kind: 'done' });
    expect(await reach(18202)).toBe(true);
    expect((await back.records.doors.list())[0]).toMatchObject({
      approvers: ['U0BOB'],
      owner: 'U0ALICE',
      publicPort: 18202,
    });
    await back.ended(await back.ask('unexpose blog 80 as 18202'));
    await back.close();
  });

  it('that was denied or cancelled changes nothing', async () => {
    const back = await openBackstage({ box: host() }, redis, { wait_for_approval: '1h' });
    await back.work();
    for (const verdict of ['denied', 'cancelled'] as const) {
      const id = await back.ask('expose blog 80 as 18203');
      const plan = await until(async () => (await back.records.requests.get(id))?.plan, 'the plan');
      await back.records.decisions.decide(id, plan.fingerprint, { verdict, by: 'U0BOB', at: Date.now() });
      await back.queues.release({ request: id, fingerprint: plan.fingerprint });
      expect((await back.ended(id)).outcome).toEqual({ kind: verdict, by: 'U0BOB' });
      expect(await reach(18203)).toBe(false);
    }
    await back.close();
  });

  it('whose job was never queued is found by the sweep', async () => {
    const back = await openBackstage({ box: host() }, redis);
    const id = await back.ask('expose blog 80 as 18204');
    const own = await openBackstage({ box: host() }, redis);
    await own.records.requests.create({
      ...((await back.records.requests.get(id))?.asked ?? never()),
      id: 'req-lostjob',
    });
    await own.work();
    expect((await own.ended('req-lostjob', 25_000)).outcome?.kind).toBe('done');
    await own.ended(await own.ask('unexpose blog 80'));
    await own.close();
    await back.close();
  });

  it('is finished before a worker that is told to stop goes', async () => {
    const slow = join(folder, 'slow.sock');
    const gate = await openGate({
      socket: slow,
      target: socket,
      before: async () => {
        await sleep(1_500);
        return 'pass' as const;
      },
    });
    const back = await openBackstage({ box: host(slow) }, redis);
    const worker = spawnWorker(back.env);
    const id = await back.ask('expose blog 80 as 18205');
    await until(async () => (gate.calls.length > 0 ? true : undefined), 'the first change', 20_000);
    expect(await worker.end()).toBe(0);
    expect((await back.records.requests.get(id))?.outcome).toMatchObject({ kind: 'done' });
    expect(worker.said()).toContain('"stopped"');
    await back.work();
    await back.ended(await back.ask('unexpose blog 80'));
    await back.close();
    await gate.close();
  });

  it('ends with a message that names the host when the host does not answer', async () => {
    const back = await openBackstage({ box: host(join(folder, 'nobody.sock')) }, redis);
    await back.work();
    const record = await back.ended(await back.ask('expose blog 80'));
    expect(record.outcome).toMatchObject({ kind: 'refused', reason: 'host_silent' });
    expect(JSON.stringify(record.outcome)).toContain('box');
    await back.close();
  });
});

function never(): never {
  throw new Error('the request is not there');
}
