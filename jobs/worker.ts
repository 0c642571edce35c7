/** Process 2: plans, applies, looks. Builds the LXD, Redis and HTTP clients; knows nothing of Slack. */
import type { Config } from '../src/config.ts';
import { Fault } from '../src/errors.ts';
import { startHttpServer } from '../src/http-server.ts';
import { createLivePolicy } from '../src/live-policy.ts';
import type { Log } from '../src/log.ts';
import { createMetrics } from '../src/metrics.ts';
import { notePolicy } from '../src/note-policy.ts';
import { createQueues } from '../src/queues.ts';
import { reconcileSettings } from '../src/reconcile-file.ts';
import { createRecords } from '../src/records/records.ts';
import { connectRedis } from '../src/records/redis.ts';
import { isMain, type Running, runProcess, stopInOrder } from '../src/run-process.ts';
import { warnOfRedis } from '../src/warn-of-redis.ts';
import { connectClouds } from './connect-clouds.ts';
import { connectHosts } from './connect-hosts.ts';
import { keepTime } from './keep-time.ts';
import { startProcessors } from './processors.ts';
import { followHosts } from './reconcile/follow-hosts.ts';
import type { Cloud } from './tools.ts';

/** How long running jobs may finish after the signal; then another worker has them. */
const GRACE_MS = 20_000;
const DEFAULT_PORT = 3100;
/** How long a cloud may take to say that it is there, and how long that counts, in milliseconds. */
const CHECK_MS = 8_000;
const CHECK_EVERY_MS = 10_000;

export interface WorkerOptions {
  /** Serve /healthz, /readyz and /metrics; off where a bot in the same process does. */
  http: boolean;
  /** Follows what LXD tells of changes, so that doors are compared at once. True by default. */
  follow?: boolean;
}

/** @throws Fault config_invalid, redis_unreachable or port_in_use, each with what to do */
export async function startWorker(
  config: Config,
  log: Log,
  { http, follow = true }: WorkerOptions = { http: true },
): Promise<Running> {
  if (config.redis === undefined || config.file === undefined) {
    const message =
      'The worker needs REDIS_URL and a configuration file (drawbridge.yaml here, or DRAWBRIDGE_CONFIG).';
    throw new Fault('config_invalid', `${message} \`npm start\` alone brings stand-ins for both.`);
  }
  const { file, prefix } = config;
  const clouds = connectClouds(config);
  const redis = await connectRedis(config.redis, { patient: true }, log);
  const records = createRecords(redis, prefix, file.takeoverMs);
  const hosts = connectHosts(file, clouds, records.knownHosts, records.quarantine);
  const queues = createQueues(redis, prefix);
  const metrics = createMetrics();
  const policy = createLivePolicy(file.policy, { path: config.configPath, log });
  const tools = {
    hosts,
    clouds,
    policy: policy.now,
    notices: file.notices ?? {},
    reconcile: reconcileSettings(file),
    records,
    queues,
    metrics,
    log,
  };
  await notePolicy(file.policy, records);
  await warnOfRedis(records, log);
  const processors = startProcessors(tools, {
    redis,
    prefix,
    ...(file.takeoverMs !== undefined && { takeoverMs: file.takeoverMs }),
  });
  const timekeeper = keepTime(tools);
  const following = follow ? followHosts(tools) : undefined;
  const server = http
    ? await startHttpServer({
        port: config.port ?? DEFAULT_PORT,
        orNext: config.port === undefined,
        checks: { redis: async () => void (await redis.ping()), ...cloudChecks(clouds) },
        metrics,
      })
    : undefined;
  const names = (await hosts.list()).map(({ name }) => name);
  log.info({ hosts: names, clouds: clouds.map(({ name }) => name), port: server?.port }, 'the worker works');
  const steps = [
    async () => policy.stop(),
    async () => timekeeper.stop(),
    async () => following?.stop(),
    () => processors.close(GRACE_MS),
    async () => server?.close(),
    () => queues.close(),
    () => hosts.close(),
    () => redis.quit(),
  ];
  return { stop: () => stopInOrder(log, steps) };
}

/** Whether each cloud answers, for /readyz; asked anew at most every few seconds, for a look logs in. */
function cloudChecks(clouds: readonly Cloud[]): Record<string, () => Promise<void>> {
  const entries = clouds.map(({ name, client }) => {
    let last: { at: number; result: Promise<void> } | undefined;
    const check = async (): Promise<void> => void (await client.check(AbortSignal.timeout(CHECK_MS)));
    const asked = (): Promise<void> => {
      if (last === undefined || Date.now() - last.at > CHECK_EVERY_MS) {
        last = { at: Date.now(), result: check() };
        last.result.catch(() => {});
      }
      return last.result;
    };
    return [`cloud ${name}`, asked] as const;
  });
  return Object.fromEntries(entries);
}

if (isMain(import.meta.url)) void runProcess(startWorker);
