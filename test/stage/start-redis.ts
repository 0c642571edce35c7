/** A redis-server of a test's own, on a socket in a folder of its own. */
import { mkdtempSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import type { RedisConfig } from '../../src/config.ts';
import { findRedis, startLocalRedis } from '../../src/sandbox/local-redis.ts';
import { Secret } from '../../src/secret.ts';

export interface TestRedis {
  url: string;
  config: RedisConfig;
  kind: 'redis-server' | 'in-process';
  stop(): Promise<void>;
}

/** redis-server where it is installed; in CI it has to be. Elsewhere the in-process one. */
export async function startRedis(): Promise<TestRedis> {
  const program = await findRedis(process.env.PATH ?? '');
  if (program === undefined && process.env.CI === 'true') throw new Error('CI needs redis-server');
  const folder = mkdtempSync(join(tmpdir(), 'db-redis-'));
  const redis = await startLocalRedis({ folder, program });
  return {
    url: redis.url,
    config: { url: new Secret(redis.url) },
    kind: redis.kind,
    async stop() {
      await redis.stop();
      rmSync(folder, { recursive: true, force: true });
    },
  };
}
