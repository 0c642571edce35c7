/** A worker in a process of its own that takes a job, says so, and never finishes it. Killed by the test that started it. */
import { createLog } from '../../src/log.ts';
import { startQueueWorker } from '../../src/queues.ts';
import { connectRedis } from '../../src/records/redis.ts';
import { Secret } from '../../src/secret.ts';

const [url = '', prefix = ''] = process.argv.slice(2);
const log = createLog({ level: 'silent', readable: false });
const redis = await connectRedis({ url: new Secret(url) }, { patient: true }, log);
startQueueWorker(
  'plan',
  async ({ request }) => {
    process.stdout.write(`took ${request}\n`);
    await new Promise(() => {});
  },
  { redis, prefix, concurrency: 1, takeoverMs: 10_000, log, isFinal: () => true },
);
