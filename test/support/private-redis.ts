/** A Redis for one test file, with connections that close with it. */
import { createLog } from '../../src/log.ts';
import { connectRedis, type Redis, type RedisOptions } from '../../src/records/redis.ts';
import { startRedis, type TestRedis } from '../stage/start-redis.ts';

export interface PrivateRedis extends TestRedis {
  /** A further connection, closed by `stop`. */
  connect(options?: RedisOptions): Promise<Redis>;
}

/** @throws Error in CI where there is no redis-server: there, nothing is passed over in silence */
export async function startPrivateRedis(): Promise<PrivateRedis> {
  const server = await startRedis();
  const log = createLog({ level: 'silent', readable: false });
  const open: Redis[] = [];
  return {
    ...server,
    async connect(options = { patient: true }) {
      const redis = await connectRedis(server.config, options, log);
      open.push(redis);
      return redis;
    },
    async stop() {
      for (const redis of open) redis.disconnect();
      await server.stop();
    },
  };
}
