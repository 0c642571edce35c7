/**
 * How soon commands are acked under 100 a second: a bot in a process of its own and signed requests by HTTP.
 * The workers are not started: where it matters, they and the LXD hosts are not on the bot's machine.
 */
import { spawn } from 'node:child_process';
import { createHmac } from 'node:crypto';
import { mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { setTimeout as sleep } from 'node:timers/promises';
import { stringify } from 'yaml';
import type { Lab } from '../lab/lab.ts';
import { startFakeSlack } from '../slack/fake-slack.ts';
import { startRedis } from '../stage/start-redis.ts';
import { until } from '../stage/until.ts';
import { type Figure, ms, percentile } from './figures.ts';
import { sshHost } from './ssh-host.ts';

const A_SECOND = 100;
const SECONDS = 10;
const SECRET = 'bench-signing-secret';
const COMMANDS = ['help', 'doors', 'list', 'expose blog 80 as 9700'];

export async function benchAck({ hosts }: Lab): Promise<Figure[]> {
  const folder = mkdtempSync(join(tmpdir(), 'db-bench-'));
  const redis = await startRedis();
  const slack = await startFakeSlack();
  const yaml = {
    hosts: { web1: sshHost(hosts.web1) },
    roles: { all: { users: ['U0ALICE'] } },
    policy: { look: ['all'], ask: ['all'] },
  };
  writeFileSync(join(folder, 'drawbridge.yaml'), stringify(yaml));
  const env = {
    ...process.env,
    DRAWBRIDGE_CONFIG: join(folder, 'drawbridge.yaml'),
    REDIS_URL: redis.url,
    SLACK_API_URL: slack.url,
    SLACK_BOT_TOKEN: 'xoxb-bench',
    SLACK_SIGNING_SECRET: SECRET,
    LOG_LEVEL: 'error',
  };
  const start = (file: string, port: string) =>
    spawn(process.execPath, ['--import', 'tsx', file], { env: { ...env, PORT: port }, stdio: 'inherit' });
  const processes = [start('src/bot.ts', '4700')];
  try {
    await until(
      async () =>
        (await fetch('http://127.0.0.1:4700/readyz').catch(() => undefined))?.status === 200 || undefined,
      'the bot',
      30_000,
    );
    await load(A_SECOND, 2, slack.responseUrl);
    const took = await load(A_SECOND, SECONDS, slack.responseUrl);
    const [p50, p99] = [percentile(took, 0.5), percentile(took, 0.99)];
    const what = `ack at ${A_SECOND} commands/s, ${took.length} of them: p50, p99`;
    return [{ what, measured: `${ms(p50)}, ${ms(p99)}`, wanted: 'p99 < 50 ms', holds: p99 < 50 }];
  } finally {
    await Promise.all(
      processes.map(
        (child) =>
          new Promise((resolve) => {
            child.once('exit', resolve);
            child.kill('SIGTERM');
          }),
      ),
    );
    await slack.close();
    await redis.stop();
    rmSync(folder, { recursive: true, force: true });
  }
}

async function load(aSecond: number, seconds: number, responseUrl: string): Promise<number[]> {
  const took: number[] = [];
  const calls: Promise<void>[] = [];
  const begun = performance.now();
  for (let index = 0; index < aSecond * seconds; index += 1) {
    await sleep(Math.max(0, begun + (index * 1_000) / aSecond - performance.now()));
    calls.push(
      command(COMMANDS[index % COMMANDS.length] ?? '', responseUrl).then((ms) => void took.push(ms)),
    );
  }
  await Promise.all(calls);
  return took;
}

async function command(text: string, responseUrl: string): Promise<number> {
  const form = {
    command: '/lxd',
    text,
    user_id: 'U0ALICE',
    channel_id: 'C0DOORS',
    team_id: 'T0',
    response_url: responseUrl,
    trigger_id: crypto.randomUUID(),
  };
  const body = new URLSearchParams(form).toString();
  const at = Math.floor(Date.now() / 1_000);
  const signature = `v0=${createHmac('sha256', SECRET).update(`v0:${at}:${body}`).digest('hex')}`;
  const headers = {
    'content-type': 'application/x-www-form-urlencoded',
    'x-slack-request-timestamp': String(at),
    'x-slack-signature': signature,
  };
  const begun = performance.now();
  const response = await fetch('http://127.0.0.1:4700/slack/events', { method: 'POST', headers, body });
  await response.arrayBuffer();
  if (response.status !== 200) throw new Error(`the bot answered ${response.status}`);
  return performance.now() - begun;
}
