/** A worker that has to go before its job is done hands the request back: nothing is taken back, another one finishes it. */
import { mkdtempSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { describe, expect, it } from 'vitest';
import { connectHosts } from '../../jobs/connect-hosts.ts';
import { startProcessors } from '../../jobs/processors.ts';
import { RECONCILE } from '../../src/core/differences/own-accord.ts';
import { createLog } from '../../src/log.ts';
import { createMetrics } from '../../src/metrics.ts';
import { connectRedis } from '../../src/records/redis.ts';
import { createSandboxHost } from '../../src/sandbox/lxd/lxd-host.ts';
import { openGate } from '../stage/lxd-gate.ts';
import { startRedis } from '../stage/start-redis.ts';
import { until } from '../stage/until.ts';
import { openBackstage } from './backstage.ts';

describe('a worker whose grace is over', () => {
  it('hands its request to the next one', { timeout: 60_000 }, async () => {
    const folder = mkdtempSync(join(tmpdir(), 'db-hand-'));
    const log = createLog({ level: 'silent', readable: false });
    const [target, socket] = [join(folder, 'lxd.sock'), join(folder, 'gate.sock')];
    const sandbox = createSandboxHost({ socket: target, publicAddress: '127.0.0.1', log });
    await sandbox.start();
    let stuck = true;
    const gate = await openGate({
      socket,
      target,
      before: ({ path }) => (stuck && path.includes('/forwards') ? 'hang' : 'pass'),
    });
    const redis = await startRedis();
    const back = await openBackstage({ box: { unix: socket, public_address: '127.0.0.1' } }, redis);
    const { config, records, queues } = back;
    const file = config.file ?? expect.fail('a configuration');
    const own = await connectRedis(redis.config, { patient: true }, log);
    const tools = {
      hosts: connectHosts(file, [], records.knownHosts),
      clouds: [],
      policy: () => file.policy,
      records,
      queues,
      notices: {},
      reconcile: RECONCILE,
      metrics: createMetrics(),
      log,
    };
    const processors = startProcessors(tools, { redis: own, prefix: config.prefix });

    const id = await back.ask('expose blog 80 as 18301');
    await until(
      async () => (gate.calls.some(({ path }) => path.includes('/forwards')) ? true : undefined),
      'the call that hangs',
    );
    await processors.close(200);
    expect((await records.requests.get(id))?.state).toBe('applying');
    expect((await records.requests.get(id))?.outcome).toBeUndefined();

    stuck = false;
    await back.work();
    expect((await back.ended(id, 40_000)).outcome).toMatchObject({ kind: 'done' });
    await back.ended(await back.ask('unexpose blog 80'));
    await tools.hosts.close();
    await back.close();
    own.disconnect();
    await gate.close();
    await sandbox.stop();
    await redis.stop();
    rmSync(folder, { recursive: true, force: true });
  });
});
