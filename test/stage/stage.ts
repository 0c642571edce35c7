/** A whole Drawbridge for a test: emulated Slack, Redis, bot and workers, driven as people drive it. */
import { mkdtempSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { WebSocket } from 'undici';
import { startWorker } from '../../jobs/worker.ts';
import { type RunningBot, startBot } from '../../src/bot.ts';
import { type Config, loadConfig } from '../../src/config.ts';
import type { FileConfig } from '../../src/config-file.ts';
import { createLog } from '../../src/log.ts';
import { createQueues } from '../../src/queues.ts';
import { createRecords, type Records } from '../../src/records/records.ts';
import { connectRedis } from '../../src/records/redis.ts';
import type { Running } from '../../src/run-process.ts';
import { CHANNEL, type LocalSlack, startLocalSlack } from '../../src/sandbox/local-slack.ts';
import { startRedis, type TestRedis } from './start-redis.ts';
import { until } from './until.ts';

export const [ALICE, BOB, CAROL, DAVE] = ['U0ALICE', 'U0BOB', 'U0CAROL', 'U0DAVE'] as const;

/** A message as the emulator keeps it. */
export interface Shown {
  ts: string;
  user: string;
  text: string;
  thread_ts?: string;
  ephemeralFor?: string;
  /** All texts of its blocks. */
  words: string;
  buttons: { action_id: string; value: string; block_id: string }[];
}

export interface StageOptions {
  file: FileConfig;
  /** Who logs in to the file's clouds. */
  clouds?: Config['clouds'];
  workers?: number;
  /** Instead of a Redis of its own; it ends with the stage. */
  redis?: TestRedis;
}

export interface Stage {
  config: Config;
  records: Records;
  queues: ReturnType<typeof createQueues>;
  redis: TestRedis;
  bot: RunningBot;
  page: string;
  /** Types `/lxd <text>` as somebody. */
  type(user: string, text: string): Promise<void>;
  /** Sends a message, in a thread where one is named. */
  say(user: string, text: string, thread?: string): Promise<void>;
  openHome(user: string): Promise<void>;
  /** The words and buttons of a person's Home, once a text stands in it. */
  seeHome(user: string, words: string | RegExp, ms?: number): Promise<Shown>;
  /** Presses a button of a Home. */
  press(user: string, home: Shown, action: string): Promise<void>;
  /** Presses a button of a message. */
  click(user: string, message: Shown, action: string): Promise<void>;
  messages(): Promise<Shown[]>;
  /** The newest message in which a text stands, as soon as there is one. */
  see(words: string | RegExp, ms?: number): Promise<Shown>;
  /** Types a change and answers the id of the request it became. */
  ask(user: string, text: string): Promise<string>;
  /** The message of a request, once it shows a text. */
  seeRequest(id: string, words: string | RegExp, ms?: number): Promise<Shown>;
  /** Closes every door without a word in the channel. */
  closeAll(): Promise<void>;
  stop(): Promise<void>;
}

/** Raises the stage; everything on it ends with stop(). */
export async function raiseStage({ file, clouds = {}, workers = 1, ...given }: StageOptions): Promise<Stage> {
  const folder = mkdtempSync(join(tmpdir(), 'db-stage-'));
  const redis = given.redis ?? (await startRedis());
  const slack = await startLocalSlack(folder, 4100 + Math.floor(Math.random() * 800));
  const config: Config = {
    ...loadConfig({ LOG_LEVEL: 'silent' }),
    slack: slack.config,
    redis: redis.config,
    port: 0,
    file,
    clouds,
  };
  const log = createLog({ level: process.env.STAGE_LOG ?? 'silent', readable: true });
  const running: Running[] = [];
  for (let count = 0; count < workers; count += 1)
    running.push(await startWorker(config, log, { http: false }));
  const bot = await startBot(config, log);
  const own = await connectRedis(redis.config, { patient: false }, log);
  const queues = createQueues(own, config.prefix);
  const records = createRecords(own, config.prefix);
  const driven = driveSlack(slack);
  return {
    config,
    records,
    queues,
    redis,
    bot,
    page: slack.page,
    ...driven,
    async ask(user, text) {
      const before = new Set((await records.requests.latest(1_000)).map(({ asked }) => asked.id));
      await driven.type(user, text);
      const fresh = async () =>
        (await records.requests.latest(5)).find(({ asked }) => !before.has(asked.id) && asked.text === text);
      return (await until(fresh, `a request from ${text}`)).asked.id;
    },
    closeAll: () => closeAll(records, queues),
    async stop() {
      await bot.stop();
      await Promise.all(running.map((worker) => worker.stop()));
      await queues.close();
      own.disconnect();
      await slack.stop();
      await redis.stop();
      rmSync(folder, { recursive: true, force: true });
    },
  };
}

async function closeAll(records: Records, queues: Stage['queues']): Promise<void> {
  for (const { host, instance, port, protocol, publicAddress, publicPort } of await records.doors.list()) {
    const id = `req-clean${Math.random().toString(36).slice(2, 8)}`;
    const command = {
      action: 'unexpose',
      target: { host, instance },
      port,
      protocol,
      publicAddress,
      publicPort,
    } as const;
    await records.requests.create({
      id,
      command,
      requester: ALICE,
      channel: 'C0NOWHERE',
      text: 'clean',
      at: Date.now(),
    });
    await queues.plan({ request: id });
    await until(
      async () => ((await records.requests.get(id))?.state === 'ended' ? true : undefined),
      `${id} to end`,
    );
  }
}

/** Types, clicks and reads as people do. */
export function driveSlack({
  page,
}: LocalSlack): Omit<
  Stage,
  'config' | 'records' | 'queues' | 'redis' | 'bot' | 'page' | 'ask' | 'closeAll' | 'stop'
> {
  const post = async (path: string, body: object): Promise<void> => {
    const response = await fetch(`${page}/_control/${path}`, {
      method: 'POST',
      headers: { 'content-type': 'application/json' },
      body: JSON.stringify(body),
    });
    if (!response.ok) throw new Error(`the emulator answered ${response.status} to ${path}`);
  };
  const messages = async (): Promise<Shown[]> => {
    const answer = (await (await fetch(`${page}/_control/messages/${CHANNEL}`)).json()) as unknown;
    const list = Array.isArray(answer) ? answer : (answer as { messages: unknown[] }).messages;
    return list.map((message) => shown(message as RawMessage));
  };
  const see = (words: string | RegExp, ms = 15_000): Promise<Shown> =>
    until(
      async () => (await messages()).findLast((message) => matches(message, words)),
      `a message with ${words}`,
      ms,
    );
  const home = async (user: string): Promise<Shown | undefined> => {
    const { homeViews } = await stateOf(page);
    const view = Object.values(homeViews[user] ?? {})[0];
    return view && shown({ ts: '0', user, ...view });
  };
  return {
    say: (user, text, thread) =>
      post('message', { channel: CHANNEL, user, text, ...(thread !== undefined && { thread_ts: thread }) }),
    openHome: (user) => post('open-home', { user }),
    seeHome: (user, words, ms = 15_000) =>
      until(
        async () => {
          const seen = await home(user);
          return seen !== undefined && matches(seen, words) ? seen : undefined;
        },
        `a Home of ${user} with ${words}`,
        ms,
      ),
    press: (user, { buttons }, action) =>
      post('interact', {
        channel: CHANNEL,
        messageTs: '0',
        user,
        action: { type: 'button', ...buttons.find(({ action_id }) => action_id === action) },
      }),
    type: (user, text) => post('command', { channel: CHANNEL, user, command: '/lxd', text }),
    click: (user, message, action) => {
      const button = message.buttons.find(({ action_id }) => action_id === action);
      if (button === undefined) throw new Error(`the message has no button ${action}: ${message.words}`);
      return post('interact', {
        channel: CHANNEL,
        messageTs: message.ts,
        user,
        action: { type: 'button', ...button },
      });
    },
    messages,
    see,
    async seeRequest(id, words, ms = 15_000) {
      const own = async () =>
        (await messages()).findLast((message) => message.words.includes(` · \`${id}\``));
      const fitting = async () => {
        const message = await own();
        return message !== undefined && matches(message, words) ? message : undefined;
      };
      try {
        return await until(fitting, `${id} with ${words}`, ms);
      } catch (error) {
        throw new Error(`${id} shows: ${(await own())?.words}`, { cause: error });
      }
    },
  };
}

/** What the emulator's page is told when it opens; only there are Homes. */
function stateOf(page: string): Promise<State> {
  const socket = new WebSocket(`${page.replace('http', 'ws')}/ui`);
  return new Promise<State>((resolve, reject) => {
    socket.addEventListener('message', ({ data }) => {
      const told = JSON.parse(String(data)) as { t: string; state: State };
      if (told.t === 'init') resolve(told.state);
    });
    socket.addEventListener('error', () => reject(new Error('the emulator’s page does not answer')));
  }).finally(() => socket.close());
}

interface State {
  homeViews: Record<string, Record<string, { blocks: NonNullable<RawMessage['blocks']> }>>;
}

interface RawMessage {
  ts: string;
  user: string;
  text?: string;
  thread_ts?: string;
  ephemeral_to?: string;
  blocks?: {
    type: string;
    block_id?: string;
    text?: { text: string };
    accessory?: { action_id?: string; value?: string };
    elements?: { text?: string | { text: string }; action_id?: string; value?: string }[];
  }[];
}

function shown(raw: RawMessage): Shown {
  const blocks = raw.blocks ?? [];
  const words = blocks.flatMap(({ text, elements = [] }) => [
    text?.text ?? '',
    ...elements.map(({ text: inner }) => (typeof inner === 'string' ? inner : '')),
  ]);
  const buttons = blocks.flatMap(({ type, block_id = '', elements = [], accessory }) =>
    [...(type === 'actions' ? elements : []), ...(accessory === undefined ? [] : [accessory])].map(
      ({ action_id = '', value = '' }) => ({ action_id, value, block_id }),
    ),
  );
  const text = raw.text ?? '';
  return {
    ts: raw.ts,
    user: raw.user,
    text,
    ...(raw.thread_ts !== undefined && { thread_ts: raw.thread_ts }),
    ...(raw.ephemeral_to !== undefined && { ephemeralFor: raw.ephemeral_to }),
    words: words.filter((word) => word !== '').join('\n') || text,
    buttons,
  };
}

function matches({ words, text }: Shown, wanted: string | RegExp): boolean {
  return typeof wanted === 'string'
    ? words.includes(wanted) || text.includes(wanted)
    : wanted.test(words) || wanted.test(text);
}
