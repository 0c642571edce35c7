/** Process 2: plans, applies, looks. Builds the LXD, Redis and HTTP clients; knows nothing of Slack. */
import type { Config } from '../src/config.ts';
import { Fault } from '../src/errors.ts';
import { startHttpServer } from '../src/http-server.ts';
import type { Log } from '../src/log.ts';
import { createMetrics } from '../src/metrics.ts';
import { createQueues } from '../src/queues.ts';
import { createRecords } from '../src/records/records.ts';
import { connectRedis } from '../src/records/redis.ts';
import { isMain, type Running, runProcess, stopInOrder } from '../src/run-process.ts';
import { connectHosts } from './connect-hosts.ts';
import { startProcessors } from './processors.ts';
import { SWEEP_EVERY_MS } from './resume-requests.ts';

/** How long running jobs may finish after the signal; then another worker has them. */
const GRACE_MS = 20_000;
const DEFAULT_PORT = 3100;

export interface WorkerOptions {
  /** Serve /healthz, /readyz and /metrics; off where a bot in the same process does. */
  http: boolean;
}

/** @throws Fault config_invalid, redis_unreachable or port_in_use, each with what to do */
export async function startWorker(
  config: Config,
  log: Log,
  { http }: WorkerOptions = { http: true },
): Promise<Running> {
  if (config.redis === undefined || config.file === undefined) {
    const message =
      'The worker needs REDIS_URL and a configuration file (drawbridge.yaml here, or DRAWBRIDGE_CONFIG).';
    throw new Fault('config_invalid', `${message} \`npm start\` alone brings stand-ins for both.`);
  }
  const { file, prefix } = config;
  const hosts = connectHosts(file);
  const redis = await connectRedis(config.redis, { patient: true }, log);
  const records = createRecords(redis, prefix);
  const queues = createQueues(redis, prefix);
  const metrics = createMetrics();
  const tools = { hosts, policy: file.policy, records, queues, metrics, log };
  const processors = startProcessors(tools, { redis, prefix });
  await queues.scheduleSweep(SWEEP_EVERY_MS);
  const server = http
    ? await startHttpServer({
        port: config.port ?? DEFAULT_PORT,
        orNext: config.port === undefined,
        checks: { redis: async () => void (await redis.ping()) },
        metrics,
      })
    : undefined;
  log.info({ hosts: hosts.map(({ name }) => name), port: server?.port }, 'the worker works');
  const steps = [
    () => processors.close(GRACE_MS),
    async () => server?.close(),
    () => queues.close(),
    () => Promise.all(hosts.map(({ client }) => client.close())),
    () => redis.quit(),
  ];
  return { stop: () => stopInOrder(log, steps) };
}

if (isMain(import.meta.url)) void runProcess(startWorker);
