/** The registers made anew from what stands, on the sandbox host and a strict fake cloud, which both count what is asked of them. */
import { execFile } from 'node:child_process';
import { mkdtempSync, rmSync } from 'node:fs';
import { createServer, type Server } from 'node:http';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterAll, beforeAll, beforeEach, describe, expect, it } from 'vitest';
import { type RecoverOrder, runRecover } from '../../jobs/recover.ts';
import type { Door } from '../../src/core/record.ts';
import { createLog } from '../../src/log.ts';
import type { Redis } from '../../src/records/redis.ts';
import { createSandboxHost } from '../../src/sandbox/lxd/lxd-host.ts';
import { type FakeCloud, startFakeCloud } from '../openstack/fake-cloud/fake-cloud.ts';
import { EXTERNAL } from '../openstack/fake-cloud/furnish.ts';
import { fakeCloudConfig } from '../stage/fake-cloud-config.ts';
import { type Gate, openGate } from '../stage/lxd-gate.ts';
import { until } from '../stage/until.ts';
import { type PrivateRedis, startPrivateRedis } from '../support/private-redis.ts';
import { type Backstage, openBackstage } from './backstage.ts';
import { addHost } from './kill-cloud/fake-host.ts';

const OWNER = 'U0OWNER';
const PORT = 18_951;
/** Where the server of the cloud is, and its floating IPs: on the loopback, so that a page answers there. */
const PLACE = {
  address: '127.9.0.5',
  pool: { start: '127.9.0.20', end: '127.9.0.29' },
  floating: '127.9.1.0/24',
};

const folder = mkdtempSync(join(tmpdir(), 'db-recover-'));
const [socket, gated] = [join(folder, 'lxd.sock'), join(folder, 'gate.sock')];
const log = createLog({ level: 'silent', readable: false });
const sandbox = createSandboxHost({ socket, publicAddress: '127.0.0.1', log });
let redis: PrivateRedis;
let own: Redis;
let cloud: FakeCloud;
let page: Server;
let gate: Gate;
let back: Backstage;

beforeAll(async () => {
  await sandbox.start();
  gate = await openGate({ socket: gated, target: socket });
  redis = await startPrivateRedis();
  own = await redis.connect();
  cloud = await startFakeCloud();
  addHost(cloud.state, PLACE, { cidr: '127.9.0.0/24', router: '127.9.0.1', dhcp: '127.9.0.2' });
  page = createServer((_, response) => response.end('shop'));
  await new Promise<void>((resolve) => page.listen(PORT, '0.0.0.0', resolve));
  const settings = fakeCloudConfig({ fake: { cloud, external: EXTERNAL.network } }, folder);
  const hosts = {
    box: { unix: gated, public_address: '127.0.0.1' },
    deaf: { unix: join(folder, 'nobody.sock'), public_address: '127.0.0.2' },
  };
  back = await openBackstage(hosts, redis, undefined, settings);
});
beforeEach(() => own.flushall());
afterAll(async () => {
  await back?.close();
  await gate.close();
  await sandbox.stop();
  await cloud.stop();
  page.close();
  await redis.stop();
  rmSync(folder, { recursive: true, force: true });
});

/** Carries commands out, and lets the worker go again: nobody works while Redis is recovered. */
async function work(...texts: string[]): Promise<Door[]> {
  await back.work();
  const ids = [];
  for (const text of texts) {
    const id = await back.ask(text);
    const { outcome } = await back.ended(id);
    if (outcome?.kind !== 'done') throw new Error(`${text}: ${JSON.stringify(outcome)}`);
    ids.push(id);
  }
  await back.rest();
  const doors = await back.records.doors.list();
  return ids.flatMap((id) => doors.filter(({ request }) => request === id));
}

/** @returns what it said, and what it asked of the host and the cloud that was no look */
async function recover(order: Partial<RecoverOrder> = {}) {
  let out = '';
  const paper = {
    write: (text: string) => {
      out += text;
      return true;
    },
  };
  const [calls, heard] = [gate.calls.length, cloud.calls().length];
  const code = await runRecover({ write: false, endRequests: false, ...order }, back.config, log, paper);
  const asked = cloud.calls().slice(heard);
  const changes = asked.filter(({ method, path }) => method !== 'GET' && path !== '/auth/tokens');
  return { code, out, changes: [...gate.calls.slice(calls), ...changes] };
}

const place = ({ owner, reason, openedAt, endsAt, request, channel, proof, things, ...door }: Door) => {
  const { forSeconds: _, approvers: __, ...spec } = door;
  return spec;
};
const byId = (doors: Door[]) => [...doors].sort((a, b) => a.id.localeCompare(b.id));
const closeAll = () =>
  work('unexpose blog 80 as 18901', 'unexpose blog 80 as 18902', `unexpose server:fake/web1 ${PORT}`);

describe('a Redis that was emptied', () => {
  it('gets its doors back from their tags, by looks alone, and they can be closed again', async () => {
    const opened = await work(
      'expose blog 80 as 18901 for 2h because of a demo',
      'expose blog 80 as 18902',
      `expose server:fake/web1 ${PORT} from 127.0.0.0/8`,
    );
    expect(opened).toHaveLength(3);
    await own.flushall();

    const dry = await recover();
    expect(dry).toMatchObject({ code: 0, changes: [] });
    expect(dry.out).toContain('box: 2 doors');
    expect(dry.out).toContain('deaf did not answer');
    expect(dry.out).toMatch(
      /fake: 1 door\n +127\.9\.1\.\d+:18951 → server:fake\/web1:18951 for 127\.0\.0\.0\/8/,
    );
    expect(dry.out).toMatch(/added 127\.0\.0\.1:18901 .*, without an end\. Who owns it\?/);
    expect(dry.out).toMatch(/who opened a door, who approved it and why: no tag says so/);
    expect(dry.out).toContain('Nothing was written.');
    expect(await own.keys('*')).toEqual([]);

    const nobody = await recover({ write: true });
    expect(nobody).toMatchObject({ code: 1, changes: [] });
    expect(nobody.out).toContain('Say --owner and the Slack id of whoever answers for 3 of them.');
    expect(await back.records.doors.list()).toEqual([]);

    const written = await recover({ write: true, owner: OWNER, channel: 'C0DOORS' });
    expect(written).toMatchObject({ code: 0, changes: [] });
    expect(written.out).toContain('Written to Redis: 0 hosts taken in, 3 doors added, 0 mended, 0 dropped.');
    const doors = await back.records.doors.list();
    expect(byId(doors).map(place)).toEqual(byId(opened).map(place));
    expect(
      doors.every(
        ({ owner, endsAt, channel }) => owner === OWNER && endsAt === undefined && channel === 'C0DOORS',
      ),
    ).toBe(true);
    expect((await back.records.audit.after(0, 10)).map(({ kind }) => kind)).toEqual(['recovered']);

    const again = await recover({ write: true });
    expect(again.out).toContain('kept 3 doors');
    expect(again.out).toContain('There was nothing to write.');
    expect(await back.records.doors.list()).toEqual(doors);

    // What answers at the address of the fake cloud is a page of this test.
    page.close();
    page.closeAllConnections();
    await closeAll();
    expect(await back.records.doors.list()).toEqual([]);
    expect((await recover()).out).toContain('box: 0 doors');
  });
});

it('has workers that went on while Redis was emptied close doors at their end again', async () => {
  await back.work();
  expect((await back.ended(await back.ask('expose blog 80 as 18904'))).outcome).toMatchObject({
    kind: 'done',
  });
  await own.flushall();
  expect((await recover({ write: true, owner: OWNER })).code).toBe(0);
  const door = (await back.records.doors.list()).find(({ publicPort }) => publicPort === 18_904);
  if (door === undefined) throw new Error('it was not recovered');
  await back.records.doors.put({ ...door, endsAt: Date.now() - 1_000 });
  const gone = async () => ((await back.records.doors.get(door.id)) === undefined ? true : undefined);
  await until(gone, 'the sweep to close the door', 25_000);
  await back.rest();
});

describe('a Redis of yesterday', () => {
  it('keeps what still holds, drops what is gone, takes up what came since, and leaves a silent host alone', async () => {
    const [held, gone] = await work('expose blog 80 as 18901 for 2h', 'expose blog 80 as 18903');
    const [since] = await work('expose blog 80 as 18902 for 1h because of a demo');
    if (held === undefined || gone === undefined || since === undefined) throw new Error('not opened');
    await work('unexpose blog 80 as 18903');
    const { doors } = back.records;
    const elsewhere = { ...gone, id: 'door-deaf', host: 'deaf' };
    const stranger = { ...gone, id: 'door-lost', host: 'sold' };
    for (const door of [gone, elsewhere, stranger]) await doors.put(door);
    await doors.put({ ...held, publicPort: 18_999 });
    await doors.remove(since.id);

    const { out, code, changes } = await recover({ write: true });
    expect({ code, changes }).toEqual({ code: 0, changes: [] });
    expect(out).toMatch(new RegExp(`dropped .*18903.*\\(${gone.id}\\): nothing of it stands`));
    expect(out).toMatch(/mended 127\.0\.0\.1:18999 .*: it is 127\.0\.0\.1:18901/);
    expect(out).toMatch(/added 127\.0\.0\.1:18902 .*, until .* Its owner is U0ALICE\./);
    expect(out).toContain('left alone door-deaf: deaf did not answer');
    expect(out).toContain('left alone door-lost: no host or cloud sold is known');
    const kept = new Map((await doors.list()).map((door) => [door.id, door]));
    expect([...kept.keys()].sort()).toEqual([held.id, since.id, 'door-deaf', 'door-lost'].sort());
    expect(kept.get(held.id)).toMatchObject({ publicPort: 18_901, endsAt: held.endsAt, owner: 'U0ALICE' });
    const back_ = kept.get(since.id);
    expect(back_).toMatchObject({ owner: 'U0ALICE', reason: 'of a demo', request: since.request });
    expect(Math.abs((back_?.endsAt ?? 0) - (since.endsAt ?? 0))).toBeLessThan(60_000);
    await work('unexpose blog 80 as 18901', 'unexpose blog 80 as 18902');
  });

  it('leaves doors alone that a request is about, or ends such requests where it is told to', async () => {
    const [door] = await work('expose blog 80 as 18901');
    await back.records.doors.remove(door?.id ?? '');
    const id = await back.ask('unexpose blog 80 as 18901');
    const careful = await recover({ write: true, owner: OWNER });
    expect(careful.out).toContain(`left alone ${door?.id}: a request about it is under way`);
    expect(careful.out).toMatch(new RegExp(`${id} of .*, planning: unexpose blog 80 as 18901`));
    expect(await back.records.doors.list()).toEqual([]);

    const ending = await recover({ write: true, endRequests: true });
    expect(ending.out).toContain('1 door added, 0 mended, 0 dropped, 1 requests ended');
    expect(await back.records.requests.open()).toEqual([]);
    expect((await back.records.requests.get(id))?.outcome).toMatchObject({ kind: 'failed' });
    expect(await back.records.doors.list()).toMatchObject([{ id: door?.id, owner: 'U0ALICE' }]);
    // The job of the request that was ended still stands in the queue, and opens and closes nothing.
    await work('expose blog 80 as 18902');
    expect(await back.records.doors.list()).toHaveLength(2);
    await work('unexpose blog 80 as 18901', 'unexpose blog 80 as 18902');
  });
});

describe('as a program', () => {
  const run = (...words: string[]) =>
    new Promise<{ code: number; out: string; err: string }>((resolve) => {
      const env = { PATH: process.env.PATH ?? '', ...back.env };
      const args = ['--import', 'tsx', 'jobs/recover.ts', ...words];
      execFile(process.execPath, args, { env }, (error, out, err) =>
        resolve({ code: error === null ? 0 : Number(error.code), out, err }),
      );
    });

  it('writes nothing unless told to, and says how to when it is not understood', async () => {
    const [dry, nonsense] = await Promise.all([run(), run('--write', '--owner', 'alice')]);
    expect(dry).toMatchObject({ code: 0, err: '' });
    expect(dry.out).toContain('npm run recover -- --write');
    expect(nonsense).toMatchObject({ code: 2, out: '', err: expect.stringContaining('--owner U…') });
  });
});
