/** A result that reaches its people whatever falls over on the way: worker, bot and Slack, in one request. */
import { mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { stringify } from 'yaml';
import { parseConfigFile } from '../../src/config-file.ts';
import { createLog } from '../../src/log.ts';
import { createSandboxHost } from '../../src/sandbox/lxd/lxd-host.ts';
import { openSlackSide, type SlackSide } from '../slack/slack-side.ts';
import { curl } from '../stage/curl.ts';
import { type Gate, openGate } from '../stage/lxd-gate.ts';
import { until } from '../stage/until.ts';
import { spawnWorker, type WorkerProcess } from '../stage/worker-process.ts';

const ADDRESS = `127.80.${process.pid % 250}.${Math.floor(process.pid / 250) % 250}`;

describe('Drawbridge', () => {
  const folder = mkdtempSync(join(tmpdir(), 'db-kept-'));
  const [target, socket] = [join(folder, 'lxd.sock'), join(folder, 'gate.sock')];
  const file = join(folder, 'drawbridge.yaml');
  const log = createLog({ level: 'silent', readable: true });
  const lxd = createSandboxHost({ socket: target, publicAddress: ADDRESS, log });
  const workers: WorkerProcess[] = [];
  let gate: Gate;
  let side: SlackSide;
  /** What happens after LXD was changed and before the worker hears of it. */
  let strike = (): void => {};

  beforeAll(async () => {
    await lxd.start();
    gate = await openGate({
      socket,
      target,
      after: () => {
        strike();
        return 'pass';
      },
    });
    const text = stringify({
      hosts: { box: { unix: socket, public_address: ADDRESS } },
      roles: { operators: { users: ['U0ALICE'] }, approvers: { users: ['U0BOB'] } },
      policy: { look: ['operators'], ask: ['operators'], approve: ['approvers'] },
    });
    writeFileSync(file, text);
    const parsed = parseConfigFile(text);
    if ('problems' in parsed) throw new Error(parsed.problems.join());
    side = await openSlackSide(parsed.config, { configPath: file });
    work();
  });
  afterAll(async () => {
    for (const worker of workers) worker.kill();
    await side?.close();
    await gate?.close();
    await lxd.stop();
    rmSync(folder, { recursive: true, force: true });
  });

  function work(): void {
    workers.push(spawnWorker({ DRAWBRIDGE_CONFIG: file, REDIS_URL: side.redis.url }));
  }
  const words = () => side.slack.messages.map(({ text, blocks }) => text + JSON.stringify(blocks));

  it('never loses the result', { timeout: 120_000 }, async () => {
    await side.command('expose blog 80 as 18371');
    const waiting = await until(
      async () => (await side.records.requests.latest(1)).find(({ state }) => state === 'waiting'),
      'a plan that waits',
      30_000,
    );
    const { id } = waiting.asked;
    if (waiting.plan === undefined) throw new Error('no plan');
    let tries = 0;
    const goDown = () => {
      // Slack lets bots in and takes nothing from them.
      side.slack.fault = (method) => {
        if (method === 'auth.test') return 'ok';
        tries += 1;
        return 'down';
      };
    };
    const struck = new Promise<void>((resolve) => {
      strike = () => {
        workers[0]?.kill();
        // The next change is that of the worker that takes it up.
        strike = goDown;
        resolve();
      };
    });
    await side.click('U0BOB', 'approve_request', id, waiting.plan);
    await struck;
    work();
    const ended = await until(
      async () => (await side.records.requests.get(id))?.outcome,
      'the request to end',
      60_000,
    );
    expect(ended).toMatchObject({ kind: 'done', proof: { state: 'proven' } });
    await until(async () => (tries > 1 ? true : undefined), 'the bot to have tried to tell', 30_000);
    await side.restartBot();
    expect(words().filter((each) => each.includes('*Open*'))).toEqual([]);
    side.slack.fault = undefined;
    const told = await until(
      async () => side.slack.messages.find(({ text }) => /^<@U0ALICE> <@U0BOB> .*\*Open\*/.test(text)),
      'the result',
      60_000,
    );
    const shown = side.slack.messages.filter(({ blocks }) => JSON.stringify(blocks).includes(` · \`${id}\``));
    expect(shown.map(({ ts }) => ts)).toEqual([told.thread_ts]);
    expect(JSON.stringify(shown)).toContain('*Open* and proven');
    expect((await curl(`http://${ADDRESS}:18371/`)).body).toContain('<title>blog</title>');
    expect(side.slack.violations).toEqual([]);
  });
});
