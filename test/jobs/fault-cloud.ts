/** A Drawbridge whose only host, the sandbox, is a server of a fake cloud, and whose client of that cloud does not wait long. */
import { mkdtempSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { connectClouds } from '../../jobs/connect-clouds.ts';
import { connectHosts } from '../../jobs/connect-hosts.ts';
import { startProcessors } from '../../jobs/processors.ts';
import { RECONCILE } from '../../src/core/differences/own-accord.ts';
import { createLog, type Log } from '../../src/log.ts';
import { createLxdClient } from '../../src/lxd/client.ts';
import { createMetrics } from '../../src/metrics.ts';
import { createCloudClient } from '../../src/openstack/client.ts';
import { connectRedis } from '../../src/records/redis.ts';
import { createSandboxHost } from '../../src/sandbox/lxd/lxd-host.ts';
import { type FakeCloud, startFakeCloud } from '../openstack/fake-cloud/fake-cloud.ts';
import { EXTERNAL } from '../openstack/fake-cloud/furnish.ts';
import type { Heard } from '../openstack/fake-cloud/wire.ts';
import { fakeCloudConfig } from '../stage/fake-cloud-config.ts';
import type { TestRedis } from '../stage/start-redis.ts';
import { type Backstage, openBackstage } from './backstage.ts';
import { type CloudLedger, openLedger } from './kill-cloud/cloud-ledger.ts';
import { addForeigners, addHost } from './kill-cloud/fake-host.ts';
import { openFront } from './kill-cloud/front.ts';

export interface FaultCloud {
  back: Backstage;
  cloud: FakeCloud;
  ledger: CloudLedger;
  /** Has something done before every change in the cloud. */
  beforeChange(deed: (heard: Heard) => void): void;
  /** Ports that the host forwards. */
  forwarded(): Promise<string[]>;
  close(): Promise<void>;
}

/** Several files of tests have such a cloud at the same time; each has addresses of its own. */
const SLOT = Number(process.env.VITEST_POOL_ID ?? 0) % 100;
const INSIDE = `127.8.${2 * SLOT}`;

/** The host's address is the sandbox's, so that the cloud's port and the forward name the same. */
const HOST = {
  address: `${INSIDE}.5`,
  pool: { start: `${INSIDE}.20`, end: `${INSIDE}.29` },
  floating: `127.8.${2 * SLOT + 1}.0/24`,
};
const NETWORK = { cidr: `${INSIDE}.0/24`, router: `${INSIDE}.1`, dhcp: `${INSIDE}.2` };

/** A call that takes longer has no answer, in milliseconds. */
const PATIENCE_MS = 600;

export async function openFaultCloud(redis: TestRedis): Promise<FaultCloud> {
  const folder = mkdtempSync(join(tmpdir(), 'db-fault-cloud-'));
  const log = createLog({ level: process.env.STAGE_LOG ?? 'silent', readable: true });
  const socket = join(folder, 'lxd.sock');
  const sandbox = createSandboxHost({ socket, publicAddress: HOST.address, log });
  await sandbox.start();
  const hooks = { beforeChange: (_heard: Heard): void => {}, follow: async (): Promise<void> => {} };
  const cloud = await startFakeCloud({
    before: (heard) => {
      if (heard.method !== 'GET') hooks.beforeChange(heard);
      return undefined;
    },
    after: async ({ method }) => {
      if (method !== 'GET') await hooks.follow();
      return undefined;
    },
  });
  const host = addHost(cloud.state, HOST, NETWORK);
  await addForeigners(cloud, host);
  const ledger = openLedger(cloud.state, host.port);
  const front = openFront(cloud.state, host.port);
  hooks.follow = front.follow;
  const settings = fakeCloudConfig({ fake: { cloud, external: EXTERNAL.network } }, folder);
  const hosts = { web1: { unix: socket, server: { cloud: 'fake', name: 'web1' } } };
  const back = await openBackstage(hosts, redis, undefined, settings);
  const stop = await startWork(back, redis, log);
  const lxd = createLxdClient({ host: 'web1', transport: { kind: 'unix', socket } });
  return {
    ...{ back, cloud, ledger },
    beforeChange: (deed) => {
      hooks.beforeChange = deed;
    },
    async forwarded() {
      const forwards = await lxd.listForwards('lxdbr0');
      return forwards.flatMap(({ ports }) => ports.map(({ listen_port }) => listen_port));
    },
    async close() {
      await stop();
      await back.close();
      await front.close();
      await cloud.stop();
      await lxd.close();
      await sandbox.stop();
      rmSync(folder, { recursive: true, force: true });
    },
  };
}

/** What a worker starts, but with a client of the cloud that gives up soon. */
async function startWork({ config, records, queues }: Backstage, redis: TestRedis, log: Log) {
  const { file, clouds: accesses } = config;
  if (file === undefined) throw new Error('the configuration was not read');
  const clouds = connectClouds(config).map((cloud) => {
    const access = accesses[cloud.name];
    if (access === undefined) throw new Error(`nobody logs in to ${cloud.name}`);
    const retry = { tries: 3, pauseMs: 10, longestPauseMs: 2_000 };
    const client = createCloudClient({ name: cloud.name, access, timeoutMs: PATIENCE_MS, retry });
    return { ...cloud, client };
  });
  const hosts = connectHosts(file, clouds, records.knownHosts);
  const own = await connectRedis(redis.config, { patient: true }, log);
  const policy = () => file.policy;
  const tools = {
    hosts,
    clouds,
    policy,
    notices: {},
    reconcile: RECONCILE,
    records,
    queues,
    metrics: createMetrics(),
    log,
  };
  const processors = startProcessors(tools, { redis: own, prefix: config.prefix });
  return async () => {
    await processors.close(1_000);
    await hosts.close();
    own.disconnect();
  };
}
