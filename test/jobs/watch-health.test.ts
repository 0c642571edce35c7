/** Once a minute every host is looked at, and what came of it is kept for those who cannot look themselves. */
import { afterAll, beforeAll, expect, it } from 'vitest';
import { watchHealth } from '../../jobs/sweep/watch-health.ts';
import type { Host } from '../../jobs/tools.ts';
import { createLog } from '../../src/log.ts';
import { createRecords } from '../../src/records/records.ts';
import { connectRedis, type Redis } from '../../src/records/redis.ts';
import { startRedis, type TestRedis } from '../stage/start-redis.ts';

const log = createLog({ level: 'silent', readable: true });
let server: TestRedis;
let redis: Redis;
beforeAll(async () => {
  server = await startRedis();
  redis = await connectRedis(server.config, { patient: false }, log);
});
afterAll(async () => {
  redis.disconnect();
  await server.stop();
});

it('keeps who answers, since when, and forgets hosts that are gone; Homes hear of news only', async () => {
  const records = createRecords(redis, '{health}');
  await records.homes.open('U0ALICE', 0);
  const silent = new Set<string>();
  let names = ['web1', 'web2'];
  const hostOf = (name: string): Host => {
    const getServer = async () => {
      if (silent.has(name)) throw new Error('no route to host');
      return { environment: { server_version: '5.0.2' } };
    };
    return { name, client: { getServer }, drained: name === 'web2' } as unknown as Host;
  };
  const hosts = { list: async () => names.map(hostOf) } as unknown as Parameters<
    typeof watchHealth
  >[0]['hosts'];
  const look = async (): Promise<number> => {
    await redis.del('{health}:minute:seen:watch-health');
    await watchHealth({ hosts, records, log }, new AbortController().signal);
    const waiting = await records.outbox.waiting();
    await redis.del('{health}:outbox:lane:home-U0ALICE', '{health}:homes:waits:U0ALICE');
    return waiting;
  };

  expect(await look()).toBe(1);
  const [web1, web2] = await records.hosts.list();
  expect(web1).toMatchObject({ host: 'web1', answers: true, says: 'LXD 5.0.2' });
  expect(web2).toMatchObject({ host: 'web2', drained: true });
  expect(await look()).toBe(0);
  expect((await records.hosts.get('web1'))?.since).toBe(web1?.since);

  silent.add('web1');
  expect(await look()).toBe(1);
  expect(await records.hosts.get('web1')).toMatchObject({ answers: false, says: 'no route to host' });
  expect((await records.hosts.get('web1'))?.since).toBeGreaterThan(web1?.since ?? 0);

  names = ['web1'];
  expect(await look()).toBe(1);
  expect((await records.hosts.list()).map(({ host }) => host)).toEqual(['web1']);

  silent.clear();
  await watchHealth({ hosts, records, log }, new AbortController().signal);
  expect(await records.hosts.get('web1')).toMatchObject({ answers: false });
  const stopping = AbortSignal.abort();
  await redis.del('{health}:minute:seen:watch-health');
  await watchHealth({ hosts, records, log }, stopping);
  expect(await records.hosts.get('web1')).toMatchObject({ answers: false });
});
