/** A worker sees for the forms what the bot cannot: which instances there are, and what listens in one of them. */
import { mkdtempSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { type InventoryTools, takeInventory, watchInventory } from '../../jobs/sweep/watch-inventory.ts';
import type { Host } from '../../jobs/tools.ts';
import { createLog } from '../../src/log.ts';
import type { Form } from '../../src/records/forms.ts';
import { createInventory } from '../../src/records/inventory.ts';
import type { Entry } from '../../src/records/outbox.ts';
import { createRecords } from '../../src/records/records.ts';
import { createSandboxHost, type SandboxHost } from '../../src/sandbox/lxd/lxd-host.ts';
import { until } from '../stage/until.ts';
import { type PrivateRedis, startPrivateRedis } from '../support/private-redis.ts';
import { type Backstage, openBackstage } from './backstage.ts';

const FORM: Form = {
  view: 'V0FORM',
  user: 'U0ALICE',
  place: { channel: 'C0DOORS' },
  looks: true,
  networks: [],
  hosts: 'looking',
};
let redis: PrivateRedis;
beforeAll(async () => {
  redis = await startPrivateRedis();
});
afterAll(() => redis.stop());

describe('a worker, asked by a form', () => {
  const folder = mkdtempSync(join(tmpdir(), 'db-form-'));
  const socket = join(folder, 'lxd.sock');
  let lxd: SandboxHost;
  let back: Backstage;

  beforeAll(async () => {
    lxd = createSandboxHost({
      socket,
      publicAddress: '127.0.0.1',
      log: createLog({ level: 'silent', readable: false }),
    });
    await lxd.start();
    const hosts = {
      web1: { unix: socket, public_address: '127.0.0.1' },
      dead: { unix: join(folder, 'none') },
    };
    back = await openBackstage(hosts, redis);
    // What was seen just now would not be looked at.
    const aMinuteAgo = () => Date.now() - 60_000;
    const before = createInventory(await redis.connect(), back.config.prefix, aMinuteAgo);
    await before.put('dead', [{ name: 'old', status: 'Running' }]);
    await before.put('sold', [{ name: 'gone', status: 'Running' }]);
    await back.work();
  });
  afterAll(async () => {
    await back?.close();
    await lxd?.stop();
    rmSync(folder, { recursive: true, force: true });
  });

  /** What the outbox would have Slack shown next in a form. */
  async function told(view: string): Promise<Entry> {
    const claimed = async () => {
      const claim = await back.records.outbox.claim();
      if (claim === undefined) return undefined;
      await back.records.outbox.settle(claim, 'sent', 0);
      return claim.lane === `form-${view}` ? claim.entry : undefined;
    };
    return until(claimed, 'what the worker tells the form');
  }
  async function open(view: string, instance?: { host: string; instance: string }): Promise<Entry> {
    await back.records.forms.put({ ...FORM, view });
    await back.queues.fillForm({ form: view, ...(instance && { instance }) });
    return told(view);
  }

  it('lists the hosts; one that is silent keeps what was seen of it, one that is gone does not', async () => {
    expect(await open('V1')).toMatchObject({ kind: 'form', view: 'V1', news: 'hosts' });
    const [dead, web1, more] = await back.records.inventory.list();
    expect(dead).toMatchObject({
      host: 'dead',
      silent: true,
      instances: [{ name: 'old', status: 'Running' }],
    });
    expect(web1?.silent).toBeUndefined();
    expect(web1?.instances).toContainEqual({ name: 'blog', status: 'Running' });
    expect(web1?.instances.map(({ name }) => name)).toEqual(['attic', 'blog', 'db', 'shop']);
    expect(more).toBeUndefined();
  });

  it('sees what listens in an instance', async () => {
    expect(await open('V2', { host: 'web1', instance: 'blog' })).toMatchObject({
      news: { host: 'web1', instance: 'blog', listeners: [{ protocol: 'tcp', port: 80 }] },
    });
  });

  it.each([
    ['a stopped one', { host: 'web1', instance: 'attic' }],
    ['one that is gone', { host: 'web1', instance: 'nobody' }],
    ['one on a dead host', { host: 'dead', instance: 'old' }],
    ['one on an unknown host', { host: 'web9', instance: 'blog' }],
  ])('says that it cannot see into %s', async (_, instance) => {
    const { news } = (await open('V3', instance)) as Extract<Entry, { kind: 'form' }>;
    expect(news).toEqual(instance);
  });

  it('does nothing for a form that is no longer open', async () => {
    await back.queues.fillForm({ form: 'V0CLOSED' });
    expect((await open('V4')).kind).toBe('form');
    expect(await back.records.outbox.waiting()).toBe(0);
  });
});

describe('the inventory', () => {
  const seen = (hosts: Record<string, () => Promise<{ name: string; status: string }[]>>) =>
    ({
      list: async () =>
        Object.entries(hosts).map(
          ([name, listInstances]) => ({ name, client: { listInstances } }) as unknown as Host,
        ),
    }) as unknown as InventoryTools['hosts'];
  const go = new AbortController().signal;

  it('is taken once a minute, whoever does it, and at once where a form asks; hosts seen just now are spared', async () => {
    const records = createRecords(await redis.connect(), '{inventory}');
    let asked = 0;
    const hosts = seen({
      web1: async () => {
        asked += 1;
        return [{ name: 'blog', status: 'Running' }];
      },
    });
    await watchInventory({ hosts, records }, go);
    await watchInventory({ hosts, records }, go);
    expect(asked).toBe(1);
    await takeInventory({ hosts, records }, go, 60_000);
    expect(asked).toBe(1);
    await takeInventory({ hosts, records }, go);
    expect(asked).toBe(2);
  });

  it('keeps what answers at once while another host takes its time, and marks that one', async () => {
    const records = createRecords(await redis.connect(), '{slow}');
    let give: (error: Error) => void = () => undefined;
    const hosts = seen({
      fast: async () => [{ name: 'blog', status: 'Running' }],
      slow: () => new Promise((_, reject) => (give = reject)),
    });
    const taking = takeInventory({ hosts, records }, go);
    await until(async () => (await records.inventory.list())[0], 'the fast host');
    give(new Error('no route to host'));
    await taking;
    expect(await records.inventory.list()).toMatchObject([{ host: 'fast' }, { host: 'slow', silent: true }]);
  });

  it('is left as it is by a worker that stops', async () => {
    const records = createRecords(await redis.connect(), '{stop}');
    await records.inventory.put('web1', [{ name: 'blog', status: 'Running' }]);
    const hosts = seen({ web1: async () => Promise.reject(new Error('aborted')) });
    await takeInventory({ hosts, records }, AbortSignal.abort());
    expect((await records.inventory.list())[0]?.silent).toBeUndefined();
  });
});
