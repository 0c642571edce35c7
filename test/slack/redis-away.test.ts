/** What Slack is answered while Redis, by which requests of Slack are known to be new, is away. */
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { noRedisServer, type RedisProcess, startMortalRedis } from '../stage/redis-process.ts';
import { until } from '../stage/until.ts';
import { openSlackSide, type SlackSide } from './slack-side.ts';

const AWAY = 'Redis, where I keep everything, does not answer. Nothing was kept and nothing was begun';

describe.skipIf(noRedisServer)(`by HTTP${noRedisServer === undefined ? '' : ` (${noRedisServer})`}`, () => {
  let server: RedisProcess;
  let side: SlackSide;
  beforeAll(async () => {
    const redis = await startMortalRedis();
    server = redis.server;
    side = await openSlackSide({}, { redis });
  });
  afterAll(() => side?.close());

  const answered = async (response: Promise<Response>) => {
    const { status, headers } = await response;
    return {
      status,
      json: headers.get('content-type') === 'application/json' ? await (await response).json() : undefined,
    };
  };
  const told = { status: 200, json: { response_type: 'ephemeral', text: expect.stringContaining(AWAY) } };

  it.each<[string, () => Promise<void>, () => Promise<void>]>([
    ['is not there', () => server.end('SIGKILL'), () => server.start()],
    ['hangs', async () => server.signal('SIGSTOP'), async () => server.signal('SIGCONT')],
  ])(
    'whoever types a command to a Redis that %s is told so, and later it is carried out',
    async (_, away, back) => {
      await away();
      expect(await answered(side.command('expose blog 80'))).toEqual(told);
      // Slack sends an event again, and shows at a button that it did not work.
      expect(
        await answered(side.event({ type: 'app_mention', user: 'U0ALICE', text: 'doors' })),
      ).toMatchObject({ status: 503 });
      await back();
      await until(async () => ((await side.records.answers()) ? true : undefined), 'Redis');
      expect(await side.records.requests.latest(10)).toEqual([]);
      expect((await side.command('expose blog 80')).status).toBe(200);
      const kept = await until(async () => (await side.records.requests.latest(10))[0], 'the request');
      await side.records.requests.forget(kept.asked.id);
    },
  );
});
