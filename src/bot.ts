/** Process 1: takes what people say in Slack and tells them what came of it. Builds the Slack, Redis and HTTP clients. */
import type { Config } from './config.ts';
import { groupsOf } from './core/policy.ts';
import { Fault } from './errors.ts';
import { startHttpServer } from './http-server.ts';
import { createLivePolicy } from './live-policy.ts';
import type { Log } from './log.ts';
import { createMetrics, type Metrics } from './metrics.ts';
import { notePolicy, notePolicyNews } from './note-policy.ts';
import { createQueues } from './queues.ts';
import { createRecords } from './records/records.ts';
import { connectRedis, type Redis } from './records/redis.ts';
import { createSeen } from './records/seen.ts';
import { isMain, type Running, runProcess, stopInOrder } from './run-process.ts';
import { createBoltApp, createSlackClient, dresserFor, type SlackClient } from './slack/bolt.ts';
import { registerActions } from './slack/buttons/actions.ts';
import { registerDoorActions } from './slack/buttons/door-actions.ts';
import { registerMenu } from './slack/buttons/menu.ts';
import { registerPanic } from './slack/buttons/panic.ts';
import { registerSayCommand } from './slack/buttons/say-command.ts';
import { registerCommands } from './slack/commands.ts';
import { registerExposeForm } from './slack/form/expose-form.ts';
import { registerHome } from './slack/home/home.ts';
import { createHttpReceiver, FRESH_SECONDS } from './slack/http-receiver.ts';
import { registerMentions } from './slack/mentions.ts';
import { startAuditMirror } from './slack/outbox/audit-mirror.ts';
import { startPostman } from './slack/outbox/postman.ts';
import { createPeople } from './slack/people.ts';
import { registerShortcuts } from './slack/shortcuts.ts';
import { warnOfRedis } from './warn-of-redis.ts';

const DEFAULT_PORT = 3000;

export interface RunningBot extends Running {
  /** Where /healthz, /readyz and /metrics are. */
  port: number;
}

/** @throws Fault config_invalid, redis_unreachable, slack_failed or port_in_use, each with what to do */
export async function startBot(config: Config, log: Log): Promise<RunningBot> {
  if (config.slack === undefined || config.redis === undefined || config.file === undefined)
    throw incomplete(config);
  const { slack, file, prefix } = config;
  const redis = await connectRedis(config.redis, { patient: false }, log);
  const records = createRecords(redis, prefix, file.takeoverMs);
  const queues = createQueues(redis, prefix);
  const metrics = createMetrics();
  const seen = createSeen(redis, prefix, 2 * FRESH_SECONDS);
  const http =
    slack.appToken === undefined
      ? createHttpReceiver({ signingSecret: slack.signingSecret?.reveal() ?? '', seen, log })
      : undefined;
  const app = createBoltApp(slack, log, http?.receiver);
  const client = createSlackClient(slack, log);
  const policy = createLivePolicy(file.policy, {
    path: config.configPath,
    log,
    tell: (news) => notePolicyNews(news, policy.now(), records),
  });
  const people = createPeople(client, () => groupsOf(policy.now()), log);
  const deliverTools = { client, records, policy: policy.now, dress: dresserFor(slack), people };
  const tools = {
    ...deliverTools,
    queues,
    metrics,
    log,
    networks: file.networks,
    clock: () => ({ now: Date.now(), zone: file.zone ?? 'UTC' }),
    joined: new Set<string>(),
    setup: {
      mode: http === undefined ? ('Socket Mode' as const) : ('HTTP' as const),
      policyProblems: policy.problems,
      ...(file.audit && { auditChannel: file.audit.channel }),
    },
  };
  registerCommands(app, tools);
  registerActions(app, tools);
  registerShortcuts(app, tools);
  registerMenu(app, tools);
  registerSayCommand(app, tools);
  registerExposeForm(app, tools);
  app.error(async (error) => log.error({ err: error }, 'a listener failed'));
  const { user_id: botUser = '' } = await checkSlack(client);
  registerMentions(app, { ...tools, seen, botUser });
  registerHome(app, tools);
  registerPanic(app, tools);
  registerDoorActions(app, tools);
  await notePolicy(file.policy, records);
  await warnOfRedis(records, log);
  const server = await startHttpServer({
    port: config.port ?? DEFAULT_PORT,
    orNext: config.port === undefined,
    checks: { redis: () => ping(redis), slack: async () => void (await checkSlack(client)) },
    metrics: withWaiting(metrics, records, queues),
    ...(http !== undefined && { slack: http.listener }),
  });
  // What changed while no bot listened.
  await records.homes.changed();
  const postman = startPostman({ ...deliverTools, redis, log });
  const mirror = file.audit && startAuditMirror(file.audit.channel, records, log);
  await app.start();
  log.info({ port: server.port, mode: http === undefined ? 'socket' : 'http' }, 'the bot listens');
  const steps = [
    async () => policy.stop(),
    () => app.stop(),
    async () => mirror?.stop(),
    () => postman.stop(),
    () => server.close(),
    () => queues.close(),
    () => redis.quit(),
  ];
  return { port: server.port, stop: () => stopInOrder(log, steps) };
}

function incomplete({ slack, redis, file }: Config): Fault {
  const missing = [
    ...(slack === undefined ? ['SLACK_BOT_TOKEN with SLACK_APP_TOKEN or SLACK_SIGNING_SECRET'] : []),
    ...(redis === undefined ? ['REDIS_URL'] : []),
    ...(file === undefined ? ['a configuration file (drawbridge.yaml here, or DRAWBRIDGE_CONFIG)'] : []),
  ];
  return new Fault(
    'config_invalid',
    `The bot needs ${missing.join(', ')}. \`npm start\` alone brings stand-ins for all of them.`,
  );
}

async function checkSlack(client: SlackClient): Promise<{ user_id?: string }> {
  try {
    return await client.auth.test();
  } catch (error) {
    throw new Fault('slack_failed', 'Slack does not accept the bot token, or does not answer', {
      cause: error,
    });
  }
}

async function ping(redis: Redis): Promise<void> {
  await redis.ping();
}

/** The metrics with what waits in Redis, read when they are asked for. */
function withWaiting(
  metrics: Metrics,
  records: ReturnType<typeof createRecords>,
  queues: ReturnType<typeof createQueues>,
): Metrics {
  return {
    ...metrics,
    async text() {
      const [depths, messages] = await Promise.all([queues.depths(), records.outbox.waiting()]);
      for (const [name, count] of Object.entries(depths)) metrics.waiting.set({ for: name }, count);
      metrics.waiting.set({ for: 'slack' }, messages);
      return metrics.text();
    },
  };
}

if (isMain(import.meta.url)) void runProcess(startBot, { clouds: false });
