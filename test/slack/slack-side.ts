/** A bot in HTTP mode before the strict fake Slack, and Slack's side of the conversation: signed commands and clicks. */
import { createHmac } from 'node:crypto';
import { startBot } from '../../src/bot.ts';
import { type Config, loadConfig } from '../../src/config.ts';
import type { FileConfig } from '../../src/config-file.ts';
import { type DoorPlan, makePlan, type Plan } from '../../src/core/plan.ts';
import type { Asked } from '../../src/core/request.ts';
import type { Need } from '../../src/core/rules/rule.ts';
import { createLog } from '../../src/log.ts';
import { createQueues } from '../../src/queues.ts';
import { createRecords } from '../../src/records/records.ts';
import { connectRedis } from '../../src/records/redis.ts';
import { Secret } from '../../src/secret.ts';
import { approvalFor } from '../core/rulings.ts';
import { startRedis, type TestRedis } from '../stage/start-redis.ts';
import { startFakeSlack } from './fake-slack.ts';

export const SECRET = 'a-signing-secret';
export type SlackSide = Awaited<ReturnType<typeof openSlackSide>>;

const POLICY: FileConfig['policy'] = {
  roles: {
    operators: { users: ['U0ALICE', 'U0BOB'], groups: [] },
    approvers: { users: ['U0BOB', 'U0DAVE', 'U0ERIN'], groups: ['S0DUTY'] },
  },
  rights: { look: ['operators'], ask: ['operators'], approve: ['approvers'], panic: ['approvers'] },
  ownRequests: false,
  privateNetworks: ['10.0.0.0/8'],
  approvalSeconds: 3600,
  sensitivePorts: [],
  rules: [],
};

export interface SideOptions {
  /** Gets what the bot logs at level warn and above. */
  warnings?: string[];
  /** Of the policy. */
  rules?: FileConfig['policy']['rules'];
  /** Instead of a Redis of its own; it ends with the side. */
  redis?: TestRedis;
  /** Where the file stands, for a policy that changes. */
  configPath?: string;
}

/** @param file what the configuration file says beside the policy */
export async function openSlackSide(
  file: Partial<FileConfig> = {},
  { warnings, rules = [], configPath, ...given }: SideOptions = {},
) {
  const redis = given.redis ?? (await startRedis());
  const slack = await startFakeSlack();
  const config: Config = {
    ...loadConfig({ LOG_LEVEL: 'silent' }),
    slack: { botToken: new Secret('xoxb-test'), signingSecret: new Secret(SECRET), apiUrl: slack.url },
    redis: redis.config,
    port: 0,
    file: { clouds: {}, hosts: {}, networks: {}, policy: { ...POLICY, rules }, ...file },
    ...(configPath !== undefined && { configPath }),
  };
  const log =
    warnings === undefined
      ? createLog({ level: process.env.STAGE_LOG ?? 'silent', readable: true })
      : createLog({ level: 'warn', readable: false, destination: { write: (line) => warnings.push(line) } });
  let bot = await startBot(config, log);
  const own = await connectRedis(redis.config, { patient: false }, log);
  const records = createRecords(own, config.prefix);
  const queues = createQueues(own, config.prefix);

  async function post(
    form: Record<string, string>,
    at = Math.floor(Date.now() / 1_000),
    signature?: string,
  ): Promise<Response> {
    return send(new URLSearchParams(form).toString(), 'application/x-www-form-urlencoded', at, signature);
  }

  async function send(
    body: string,
    type: string,
    at = Math.floor(Date.now() / 1_000),
    signature?: string,
  ): Promise<Response> {
    const signed = signature ?? sign(body, at);
    const headers = {
      'content-type': type,
      'x-slack-request-timestamp': String(at),
      'x-slack-signature': signed,
    };
    return fetch(`http://127.0.0.1:${bot.port}/slack/events`, { method: 'POST', headers, body });
  }

  return {
    config,
    log,
    slack,
    records,
    queues,
    redis,
    post,
    get port() {
      return bot.port;
    },
    command: (text: string, user = 'U0ALICE', channel = 'C0DOORS') =>
      post({
        command: '/lxd',
        text,
        user_id: user,
        channel_id: channel,
        team_id: 'T0',
        response_url: slack.responseUrl,
        trigger_id: crypto.randomUUID(),
      }),
    click: (user: string, action: 'approve_request' | 'deny_request', request: string, plan: Plan) => {
      const actions = [
        { type: 'button', action_id: action, value: request, block_id: `plan-${plan.fingerprint}` },
      ];
      const payload = {
        type: 'block_actions',
        user: { id: user },
        team: { id: 'T0' },
        actions,
        response_url: slack.responseUrl,
        trigger_id: crypto.randomUUID(),
      };
      return post({ payload: JSON.stringify(payload) });
    },
    /** Delivers an event, as often as Slack likes; the id says which one it is. */
    event: (event: Record<string, unknown>, id: string = crypto.randomUUID()) => {
      const body = { type: 'event_callback', team_id: 'T0', event_id: id, nonce: crypto.randomUUID(), event };
      return send(JSON.stringify(body), 'application/json');
    },
    /** Anything interactive: a button of a Home, a shortcut, a modal that is sent. */
    interact: (payload: Record<string, unknown>) =>
      post({
        payload: JSON.stringify({ team: { id: 'T0' }, trigger_id: crypto.randomUUID(), ...payload }),
      }),
    /** A request that waits for a decision, as a worker leaves it. */
    async waiting(
      id: string,
      over: Partial<Asked> = {},
      waitMs = 3_600_000,
      need: Partial<Need> = {},
    ): Promise<Plan> {
      const command = {
        action: 'expose',
        target: { instance: 'blog' },
        port: 80,
        protocol: 'tcp',
        sources: ['0.0.0.0/0'],
      } as const;
      const asked: Asked = {
        id,
        command: { ...command, sources: ['0.0.0.0/0'] },
        requester: 'U0ALICE',
        channel: 'C0DOORS',
        text: 'expose blog 80',
        at: Date.now(),
        ...over,
      };
      await records.requests.create(asked);
      const plan = planOf(id);
      await records.requests.move(id, ['planning'], 'waiting', {
        plan,
        approval: approvalFor('it lets in anyone', need),
        waitsUntil: Date.now() + waitMs,
      });
      return plan;
    },
    /** One more bot of the same Drawbridge; the caller stops it. */
    anotherBot: () => startBot(config, log),
    async restartBot(): Promise<void> {
      await bot.stop();
      bot = await startBot(config, log);
    },
    async close(): Promise<void> {
      await bot.stop();
      await queues.close();
      own.disconnect();
      await slack.close();
      await redis.stop();
    },
  };
}

export function sign(body: string, at: number): string {
  return `v0=${createHmac('sha256', SECRET).update(`v0:${at}:${body}`).digest('hex')}`;
}

export function planOf(id: string): DoorPlan {
  const side = { publicAddress: '198.51.100.11', publicPort: 80, protocol: 'tcp' } as const;
  const door = {
    id: id.replace('req-', 'door-'),
    host: 'web1',
    instance: 'blog',
    port: 80,
    ...side,
    road: 'forward',
    sources: ['0.0.0.0/0'],
  } as const;
  const thing = {
    kind: 'forward',
    host: 'web1',
    network: 'lxdbr0',
    listenAddress: '198.51.100.11',
    listenPort: 80,
    protocol: 'tcp',
    targetAddress: '10.11.0.5',
    targetPort: 80,
  } as const;
  return makePlan({
    action: 'open',
    door: { ...door, sources: [...door.sources] },
    steps: [{ do: 'put', thing }],
    why: ['forward'],
    warnings: [],
  });
}
