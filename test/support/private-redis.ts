/** A Redis for one test file: the machine's redis-server with nothing in it, or a stand-in in this process that is slower. */
import { mkdtempSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { createRedisMock } from 'js-redis-server';
import type { RedisConfig } from '../../src/config.ts';
import { createLog } from '../../src/log.ts';
import { connectRedis, type Redis, type RedisOptions } from '../../src/records/redis.ts';
import { findRedis, startLocalRedis } from '../../src/sandbox/local-redis.ts';
import { Secret } from '../../src/secret.ts';

export interface PrivateRedis {
  kind: 'redis-server' | 'in-process';
  /** A socket’s path, or redis://… that other processes reach as well. */
  url: string;
  /** A further connection, closed by `stop`. */
  connect(options?: RedisOptions): Promise<Redis>;
  stop(): Promise<void>;
}

/** @throws Error in CI where there is no redis-server: there, nothing is passed over in silence */
export async function startPrivateRedis(): Promise<PrivateRedis> {
  const program = await findRedis(process.env.PATH ?? '');
  if (program === undefined && process.env.CI === 'true')
    throw new Error('CI needs redis-server on the PATH');
  const { kind, url, stop } = program === undefined ? await inProcess() : await ownServer(program);
  const config: RedisConfig = { url: new Secret(url) };
  const log = createLog({ level: 'silent', readable: false });
  const open: Redis[] = [];
  return {
    kind,
    url,
    async connect(options = { patient: true }) {
      const redis = await connectRedis(config, options, log);
      open.push(redis);
      return redis;
    },
    async stop() {
      for (const redis of open) redis.disconnect();
      await stop();
    },
  };
}

async function ownServer(program: string): Promise<Pick<PrivateRedis, 'kind' | 'url' | 'stop'>> {
  const folder = mkdtempSync(join(tmpdir(), 'drawbridge-redis-'));
  const server = await startLocalRedis({ folder, program });
  return {
    kind: server.kind,
    url: server.url,
    async stop() {
      await server.stop();
      rmSync(folder, { recursive: true, force: true });
    },
  };
}

async function inProcess(): Promise<Pick<PrivateRedis, 'kind' | 'url' | 'stop'>> {
  const server = await createRedisMock();
  return { kind: 'in-process', url: server.url, stop: () => server.close() };
}
