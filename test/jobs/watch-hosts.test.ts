/** A host whose server is gone from its cloud is noticed and said once, and so is its return. */
import { afterAll, beforeAll, expect, it } from 'vitest';
import { watchHosts } from '../../jobs/sweep/watch-hosts.ts';
import type { Tools } from '../../jobs/tools.ts';
import { createLog } from '../../src/log.ts';
import { type CloudClient, createCloudClient } from '../../src/openstack/client.ts';
import { createRecords } from '../../src/records/records.ts';
import { connectRedis, type Redis } from '../../src/records/redis.ts';
import { type FakeCloud, startFakeCloud } from '../openstack/fake-cloud/fake-cloud.ts';
import { startRedis, type TestRedis } from '../stage/start-redis.ts';

const log = createLog({ level: 'silent', readable: false });
let fake: FakeCloud;
let server: TestRedis;
let redis: Redis;
let client: CloudClient;

beforeAll(async () => {
  fake = await startFakeCloud();
  server = await startRedis();
  redis = await connectRedis(server.config, { patient: false }, log);
  client = createCloudClient({
    name: 'fake',
    access: fake.access,
    retry: { tries: 1, pauseMs: 1, longestPauseMs: 1 },
  });
});
afterAll(async () => {
  redis.disconnect();
  await server.stop();
  await fake.stop();
});

async function bootServer(): Promise<string> {
  const [networks, flavors, images] = await Promise.all([
    client.listNetworks({ name: 'hosts' }),
    client.listFlavors(),
    client.listImages({}),
  ]);
  const port = await client.createPort({ network_id: networks[0]?.id ?? '', name: 'web9', description: '' });
  await client.deleteKeypair('any');
  await client.createKeypair(
    'any',
    'ssh-ed25519 AAAAC3NzaC1lZDI1NTE5AAAAIBLmPsfFyNmPNhVnTBmqSrhOgLvSpKJxZ7CRyB1h0Fzx',
  );
  const request = {
    name: 'web9',
    imageRef: images[0]?.id ?? '',
    flavorRef: flavors[0]?.id ?? '',
    key_name: 'any',
  };
  const made = await client.createServer({
    ...request,
    networks: [{ port: port.id }],
    user_data: '',
    metadata: {},
  });
  return made.id;
}

it('says once that it is gone, and nothing of a cloud that does not answer', async () => {
  const records = createRecords(redis, '{watch}');
  const tools = { records, clouds: [{ name: 'fake', client }], log } as unknown as Tools;
  const look = async (): Promise<unknown[]> => {
    await redis.del('{watch}:minute:seen:watch-hosts');
    await watchHosts(tools, new AbortController().signal);
    const told: unknown[] = [];
    for (
      let claim = await records.outbox.claim();
      claim !== undefined;
      claim = await records.outbox.claim()
    ) {
      told.push(claim.entry);
      await records.outbox.settle(claim, 'sent', 0);
    }
    return told;
  };
  const id = await bootServer();
  const access = { address: '127.0.0.1', port: 22, user: 'x', hostKey: 'SHA256:x', socket: '/s' };
  const host = {
    name: 'web9',
    access,
    cloud: 'fake',
    server: id,
    request: 'req-a',
    channel: 'C0DOORS',
    since: 1,
  };
  await records.knownHosts.put(host);

  expect(await look()).toEqual([]);
  await client.deleteServer(id);
  await expect.poll(() => client.getServer(id)).toBeUndefined();
  fake.fail({ when: ({ path }) => path.includes('/servers/'), times: 1, answer: 'drop' });
  expect(await look()).toEqual([]);
  expect(await look()).toMatchObject([
    {
      kind: 'notice',
      channel: 'C0DOORS',
      text: expect.stringContaining('The server of the host web9 is gone from fake'),
    },
  ]);
  expect(await look()).toEqual([]);
  await records.knownHosts.put({ ...host, server: await bootServer() });
  expect(await look()).toMatchObject([{ text: expect.stringContaining('is back') }]);
});
