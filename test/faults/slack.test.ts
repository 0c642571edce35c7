/** The bot is killed at random calls of Slack, and Slack itself breaks, while people ask and decide: every request has its last word in Slack. */
import { mkdtempSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { createLog } from '../../src/log.ts';
import { findLocalSlack, type LocalSlack, startLocalSlack } from '../../src/sandbox/local-slack.ts';
import { createSandboxHost, type SandboxHost } from '../../src/sandbox/lxd/lxd-host.ts';
import { type Backstage, openBackstage } from '../jobs/backstage.ts';
import { buildProgram } from '../stage/built-worker.ts';
import { fakeClock, findFakeTime, setFakeClock } from '../stage/fake-clock.ts';
import { openSlackGate, type SlackDeed, type SlackGate } from '../stage/slack-gate.ts';
import { ALICE, BOB, driveSlack, type Shown } from '../stage/stage.ts';
import { startRedis, type TestRedis } from '../stage/start-redis.ts';
import { until } from '../stage/until.ts';
import { spawnWorker, type WorkerProcess } from '../stage/worker-process.ts';
import { randomFrom } from '../support/random.ts';

const ADDRESS = '127.9.4.1';
const FIRST = Number(process.env.DRAWBRIDGE_SEED ?? Date.now() % 1_000_000);
const ROUNDS = Number(process.env.DRAWBRIDGE_ROUNDS ?? 8);
/** Two requests with an approval call Slack up to so many times. */
const MOST_CALLS = 10;
const LAST_WORDS = /\*(Open|Closed|Denied|Refused|Cancelled|Done)\*|did not|Not found/;

describe.skipIf(findLocalSlack() === undefined)(
  'what people are told (needs the emulator local-slack)',
  () => {
    let redis: TestRedis;
    let folder = '';
    let host: SandboxHost;
    let slack: LocalSlack;
    let gate: SlackGate;
    let back: Backstage;
    let bot: WorkerProcess;
    let program = '';
    let on: (method: string, number: number) => SlackDeed = () => 'pass';
    const told: string[] = [];

    beforeAll(async () => {
      redis = await startRedis();
      folder = mkdtempSync(join(tmpdir(), 'db-told-'));
      program = await buildProgram(join(folder, 'built'), 'src/bot.ts');
      const socket = join(folder, 'lxd');
      host = createSandboxHost({
        socket,
        publicAddress: ADDRESS,
        log: createLog({ level: 'silent', readable: false }),
      });
      await host.start();
      slack = await startLocalSlack(folder, 5200 + Math.floor(Math.random() * 500));
      gate = await openSlackGate(slack.config.apiUrl ?? '', (method, number) => on(method, number));
      setFakeClock(join(folder, 'clock'), '+0');
      const policy = { private_networks: ['127.0.0.0/8'], sensitive_ports: [] };
      back = await openBackstage({ web1: { unix: socket, public_address: ADDRESS } }, redis, policy);
      await back.work();
      bot = hire();
    }, 120_000);
    afterAll(async () => {
      bot?.kill();
      await back?.close();
      await gate?.close();
      await slack?.stop();
      await host?.stop();
      await redis?.stop();
      rmSync(folder, { recursive: true, force: true });
      process.stdout.write(`${told.join('\n')}\n`);
    });

    function hire(): WorkerProcess {
      const { botToken, appToken } = slack.config;
      const env = {
        ...back.env,
        SLACK_BOT_TOKEN: botToken.reveal(),
        SLACK_APP_TOKEN: appToken?.reveal() ?? '',
        SLACK_API_URL: gate.url,
        ...(findFakeTime() !== undefined && fakeClock(join(folder, 'clock'))),
      };
      return spawnWorker(env, program);
    }

    /** Types it until somebody listens: Slack tells people when nobody does. */
    async function type(text: string): Promise<string> {
      const { type: say } = driveSlack(slack);
      const found = async () =>
        (await back.records.requests.latest(20)).find(
          ({ asked, state }) => asked.text === text && state !== 'ended',
        );
      return until(
        async () => {
          const there = await found();
          if (there !== undefined) return there.asked.id;
          await say(ALICE, text).catch(() => {});
          await until(found, 'the request', 3_000).catch(() => undefined);
          return (await found())?.asked.id ?? (await ended(text));
        },
        `somebody to take in ${text}`,
        60_000,
      );
    }
    const begun = Date.now();
    const ended = async (text: string) =>
      (await back.records.requests.latest(20)).find(({ asked }) => asked.text === text && asked.at > begun)
        ?.asked.id;

    /** Presses it until it counts, as people do when nothing happens. */
    async function approve(id: string): Promise<void> {
      const { click } = driveSlack(slack);
      await until(
        async () => {
          if ((await back.records.requests.get(id))?.decision !== undefined) return true;
          const message = (await messagesOf(id)).at(-1);
          if (message?.buttons.some(({ action_id }) => action_id === 'approve_request'))
            await click(BOB, message, 'approve_request').catch(() => {});
          return undefined;
        },
        `${id} to be decided`,
        120_000,
        500,
      );
    }

    async function messagesOf(id: string): Promise<Shown[]> {
      return (await driveSlack(slack).messages()).filter(({ words }) => words.includes(` · \`${id}\``));
    }

    const lastWord = (id: string) =>
      until(
        async () => {
          const all = await messagesOf(id);
          return all.length > 0 && all.some(({ words }) => LAST_WORDS.test(words)) ? all : undefined;
        },
        `the last word on ${id}`,
        90_000,
        100,
      );

    /** One door that needs an approval and one that does not, opened and closed. */
    async function day(tag: number): Promise<{ ids: string[]; messages: number }> {
      const [wide, narrow] = [20_000 + 2 * tag, 20_001 + 2 * tag];
      const opening = [`expose blog 80 as ${wide}`, `expose shop 80 as ${narrow} from 127.0.0.0/8`];
      const [first = '', second = ''] = await Promise.all(opening.map((text) => type(text)));
      await approve(first);
      for (const id of [first, second])
        expect((await back.ended(id)).outcome).toMatchObject({ kind: 'done' });
      const closing = await Promise.all(
        [`unexpose blog 80 as ${wide}`, `unexpose shop 80 as ${narrow}`].map((text) => type(text)),
      );
      for (const id of closing) expect((await back.ended(id)).outcome).toMatchObject({ kind: 'done' });
      expect(await back.records.doors.list()).toEqual([]);
      const ids = [first, second, ...closing];
      const messages = await Promise.all(ids.map((id) => lastWord(id)));
      return { ids, messages: messages.flat().length };
    }

    it(`after ${ROUNDS} kills of the bot with seeds from ${FIRST}`, { timeout: 900_000 }, async () => {
      for (let seed = FIRST; seed < FIRST + ROUNDS; seed += 1) {
        const random = randomFrom(seed);
        const at = gate.calls.length + 1 + random.below(MOST_CALLS);
        const deed = random.pick(['drop', 'lost'] as const);
        let killed = '';
        on = (method, number) => {
          if (number !== at) return 'pass';
          killed = method;
          bot.kill();
          bot = hire();
          return deed;
        };
        const { ids, messages } = await day(seed - FIRST);
        told.push(
          `seed ${seed}: the bot was killed ${deed === 'drop' ? 'before' : 'after'} ${killed || 'nothing'}; ${messages} messages for ${ids.length} requests`,
        );
        // One that dies between Slack's answer and its own note of it posts that message twice.
        expect(messages).toBeLessThanOrEqual(ids.length + 1);
      }
    });

    it.each<[string, SlackDeed[]]>([
      ['answers 500', ['down']],
      ['is too busy', ['busy']],
      ['does not answer', ['hang']],
      ['does all of that by turns', ['down', 'busy', 'hang', 'drop', 'lost']],
    ])('when Slack %s for a while', { timeout: 300_000 }, async (_, deeds) => {
      const from = gate.calls.length;
      // Each is tried again after a longer pause than the one before.
      const broken = Math.max(2, deeds.length);
      on = (_method, number) => (number - from > broken ? 'pass' : (deeds[number % deeds.length] ?? 'pass'));
      const { ids } = await day(900 + from);
      expect(ids).toHaveLength(4);
      expect(gate.calls.length - from).toBeGreaterThan(broken);
    });

    it.skipIf(findFakeTime() === undefined)(
      'when Slack is away and the bot’s clock jumps an hour ahead and back (needs libfaketime)',
      { timeout: 300_000 },
      async () => {
        const from = gate.calls.length;
        on = () => 'down';
        const asked = await type('expose blog 80 as 29001 from 127.0.0.0/8');
        expect((await back.ended(asked)).outcome).toMatchObject({ kind: 'done' });
        setFakeClock(join(folder, 'clock'), '+1h');
        const closed = await type('unexpose blog 80 as 29001');
        expect((await back.ended(closed)).outcome).toMatchObject({ kind: 'done' });
        const tried = async () => (gate.calls.length - from > 3 ? true : undefined);
        await until(tried, 'Slack to be tried again', 30_000);
        expect(await messagesOf(asked)).toEqual([]);
        on = () => 'pass';
        for (const id of [asked, closed]) expect(await lastWord(id)).toHaveLength(1);
        expect((await messagesOf(asked))[0]?.words).toContain('*Open*');
        expect((await messagesOf(closed))[0]?.words).toContain('*Closed*');
        setFakeClock(join(folder, 'clock'), '+0');
        // Nothing waits for a moment that is an hour away.
        expect((await day(990)).ids).toHaveLength(4);
      },
    );
  },
);
