/** Real redis-servers and sentinels on the loopback that a test may stop, kill, freeze and start again. */
import { type ChildProcess, spawn } from 'node:child_process';
import { once } from 'node:events';
import { mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { createServer } from 'node:net';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { Redis } from 'ioredis';
import { findRedis } from '../../src/sandbox/local-redis.ts';
import { Secret } from '../../src/secret.ts';
import type { TestRedis } from './start-redis.ts';
import { until } from './until.ts';

export interface RedisProcess {
  port: number;
  /** Again on the same port, with what it kept; answers when it does. */
  start(): Promise<void>;
  /** Ends it by a signal and waits for that. */
  end(signal: NodeJS.Signals): Promise<void>;
  /** SIGSTOP and SIGCONT. */
  signal(signal: NodeJS.Signals): void;
  /** One command on a connection of its own. */
  ask(...command: [string, ...string[]]): Promise<unknown>;
}

/** Undefined where redis-server is installed; it is not needed but in CI. */
export const noRedisServer =
  (await findRedis(process.env.PATH ?? '')) === undefined && process.env.CI !== 'true'
    ? 'needs redis-server'
    : undefined;

/** @param words behind the program's name; @param password what it wants to hear */
async function startProcess(
  port: number,
  words: readonly string[],
  folder: string,
  password?: string,
): Promise<RedisProcess> {
  let child: ChildProcess | undefined;
  async function ask(...[name, ...args]: [string, ...string[]]): Promise<unknown> {
    const once_ = { lazyConnect: true, maxRetriesPerRequest: 0, retryStrategy: () => null };
    const redis = new Redis(port, '127.0.0.1', { ...once_, ...(password !== undefined && { password }) });
    redis.on('error', () => {});
    try {
      await redis.connect();
      return await redis.call(name, ...args);
    } finally {
      redis.disconnect();
    }
  }
  const made: RedisProcess = {
    port,
    ask,
    async start() {
      const program = (await findRedis(process.env.PATH ?? '')) ?? 'redis-server';
      child = spawn(program, words, { stdio: 'ignore', cwd: folder });
      await until(
        async () => ((await ask('PING').catch(() => '')) === 'PONG' ? true : undefined),
        `redis on ${port}`,
      );
    },
    async end(signal) {
      const ending = child;
      child = undefined;
      if (ending === undefined) return;
      const exit = once(ending, 'exit');
      // A frozen process hears nothing but this.
      ending.kill('SIGCONT');
      ending.kill(signal);
      await exit;
    },
    signal: (signal) => void child?.kill(signal),
  };
  await made.start();
  return made;
}

async function freePort(): Promise<number> {
  const server = createServer().listen(0, '127.0.0.1');
  await once(server, 'listening');
  const address = server.address();
  server.close();
  await once(server, 'close');
  return typeof address === 'object' && address !== null ? address.port : 0;
}

/** As docs/architecture.md and .env.example ask for it. */
function wordsOf(port: number, folder: string, more: readonly string[]): string[] {
  const durable = ['--appendonly', 'yes', '--save', '', '--maxmemory-policy', 'noeviction'];
  return ['--port', String(port), '--bind', '127.0.0.1', '--dir', folder, ...durable, ...more];
}

/** One durable Redis. */
export async function startMortalRedis(): Promise<TestRedis & { server: RedisProcess }> {
  const folder = mkdtempSync(join(tmpdir(), 'db-mortal-'));
  const port = await freePort();
  const server = await startProcess(port, wordsOf(port, folder, []), folder);
  const url = `redis://127.0.0.1:${port}`;
  return {
    ...{ server, url, config: { url: new Secret(url) }, kind: 'redis-server' },
    async stop() {
      await server.end('SIGKILL');
      rmSync(folder, { recursive: true, force: true });
    },
  };
}

export interface Sentinels {
  redis: TestRedis;
  /** The master at first. */
  master: RedisProcess;
  replica: RedisProcess;
  sentinel: RedisProcess;
}

/** A master, its replica and a sentinel that decides alone, each with passwords. Another master is found after half a second. */
export async function startSentinels(): Promise<Sentinels> {
  const folder = mkdtempSync(join(tmpdir(), 'db-sentinel-'));
  const [password, word] = ['planted-master', 'planted-sentinel'];
  const auth = ['--requirepass', password, '--masterauth', password];
  const ports = [await freePort(), await freePort(), await freePort()] as const;
  const place = (index: number) => mkdtempSync(join(folder, `${index}-`));
  const master = await startProcess(ports[0], wordsOf(ports[0], place(0), auth), folder, password);
  const follows = ['--replicaof', `127.0.0.1 ${ports[0]}`, '--repl-diskless-sync-delay', '0'];
  const replica = await startProcess(
    ports[1],
    wordsOf(ports[1], place(1), [...auth, ...follows]),
    folder,
    password,
  );
  const synced = async () =>
    String(await replica.ask('INFO', 'replication')).includes('master_link_status:up') ? true : undefined;
  await until(synced, 'the replica to follow');
  const file = join(folder, 'sentinel.conf');
  writeFileSync(
    file,
    [
      `port ${ports[2]}`,
      'bind 127.0.0.1',
      `requirepass ${word}`,
      `sentinel monitor main 127.0.0.1 ${ports[0]} 1`,
      `sentinel auth-pass main ${password}`,
      'sentinel down-after-milliseconds main 500',
      'sentinel failover-timeout main 3000',
      '',
    ].join('\n'),
  );
  const sentinel = await startProcess(ports[2], [file, '--sentinel'], folder, word);
  const knows = async () =>
    String(await sentinel.ask('INFO', 'sentinel')).includes('slaves=1') ? true : undefined;
  await until(knows, 'the sentinel to know the replica', 30_000);
  const url = `redis://:${password}@master`;
  const config = {
    url: new Secret(url),
    sentinels: [{ host: '127.0.0.1', port: ports[2] }],
    ...{ sentinelName: 'main', sentinelPassword: new Secret(word) },
  };
  const stop = async (): Promise<void> => {
    await Promise.all([sentinel, replica, master].map((each) => each.end('SIGKILL')));
    rmSync(folder, { recursive: true, force: true });
  };
  return { redis: { url, config, kind: 'redis-server', stop }, master, replica, sentinel };
}
