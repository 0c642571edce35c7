/** Started against a Redis that loses or throws away what it is given: the log says so at the start, then the doctor, and every Home. */
import { afterAll, beforeAll, expect, it } from 'vitest';
import { startWorker } from '../../jobs/worker.ts';
import { createLog } from '../../src/log.ts';
import { connectRedis } from '../../src/records/redis.ts';
import { startRedis } from '../stage/start-redis.ts';
import { until } from '../stage/until.ts';
import { openSlackSide, type SlackSide } from './slack-side.ts';

const warnings: string[] = [];
let side: SlackSide;
beforeAll(async () => {
  const redis = await startRedis();
  const own = await connectRedis(
    redis.config,
    { patient: false },
    createLog({ level: 'silent', readable: false }),
  );
  await own.config('SET', 'appendonly', 'no');
  await own.config('SET', 'maxmemory-policy', 'allkeys-lru');
  own.disconnect();
  side = await openSlackSide({}, { redis, warnings });
});
afterAll(() => side?.close());

/** The dangers in what was logged, with the remedies. */
const logged = () =>
  warnings
    .map((line) => JSON.parse(line) as { msg: string; next?: string })
    .filter(({ msg }) => msg.startsWith('Redis:'));
const BOTH = [
  { msg: 'Redis: append-only file: off', next: expect.stringContaining('Set `appendonly yes`') },
  { msg: 'Redis: eviction: `allkeys-lru`', next: expect.stringContaining('noeviction') },
];

it('is logged by the bot and by the worker when they start', async () => {
  expect(logged()).toMatchObject(BOTH);
  const worker = await startWorker(side.config, side.log, { http: false });
  expect(logged()).toMatchObject([...BOTH, ...BOTH]);
  await worker.stop();
});

it('stands on top of the Home, and in what the doctor says', async () => {
  await side.event({ type: 'app_home_opened', user: 'U0ALICE', channel: 'D0', tab: 'home' });
  const top = async () => side.slack.homes.get('U0ALICE')?.view.blocks[0];
  const first = JSON.stringify(await until(top, 'the Home'));
  expect(first).toMatch(/append-only file\*: off.*For whoever runs Drawbridge: Set `appendonly yes`/);
  expect(first).toContain('`allkeys-lru`');
  await side.command('doctor');
  const answer = async () =>
    side.slack.responses.find(({ text }) => text.includes('as the bot sees it'))?.text;
  expect(await until(answer, 'the doctor')).toMatch(/fail\* · \*Redis: eviction\*/);
});
