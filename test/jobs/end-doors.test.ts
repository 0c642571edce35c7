/** The end of a door, against the sandbox host: closed by Drawbridge itself, once, however late, whatever became of its owner. */
import { mkdtempSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterAll, afterEach, beforeAll, describe, expect, it } from 'vitest';
import { askForDoor } from '../../jobs/ask-for-door.ts';
import { endDoors } from '../../jobs/sweep/end-doors.ts';
import { parseCommand } from '../../src/core/commands/command.ts';
import type { WorkPlan } from '../../src/core/plan.ts';
import type { Door, Outcome, RequestRecord } from '../../src/core/record.ts';
import { createLog } from '../../src/log.ts';
import { knock } from '../../src/outside/knock.ts';
import { createSandboxHost } from '../../src/sandbox/lxd/lxd-host.ts';
import { openGate } from '../stage/lxd-gate.ts';
import { startRedis, type TestRedis } from '../stage/start-redis.ts';
import { until } from '../stage/until.ts';
import { type Backstage, openBackstage } from './backstage.ts';

const LATE = 30_000;

describe('the end of a door', () => {
  const folder = mkdtempSync(join(tmpdir(), 'db-ends-'));
  const socket = join(folder, 'lxd.sock');
  const log = createLog({ level: 'silent', readable: false });
  const sandbox = createSandboxHost({ socket, publicAddress: '127.0.0.1', log });
  const hosts = { box: { unix: socket, public_address: '127.0.0.1' } };
  let redis: TestRedis;
  let back: Backstage;

  beforeAll(async () => {
    redis = await startRedis();
    await sandbox.start();
  });
  afterEach(() => back.close());
  afterAll(async () => {
    await sandbox.stop();
    await redis.stop();
    rmSync(folder, { recursive: true, force: true });
  });

  /** By a connection of its own: one that is open outlives the door. */
  const reach = async (port: number): Promise<boolean> =>
    (await knock({ address: '127.0.0.1', port, timeoutMs: 5_000, speak: 'http' })).kind === 'http';

  /** Opens it, and answers the door with the id of its request. */
  async function open(text: string) {
    const id = await back.ask(text);
    expect((await back.ended(id)).outcome).toMatchObject({ kind: 'done' });
    const door = (await back.records.doors.list()).find(({ request }) => request === id);
    if (door === undefined) throw new Error(`no door of ${id}`);
    return { id, door };
  }

  /** As if its time had passed meanwhile. */
  async function over(id: string, agoMs = 1_000) {
    const door = (await back.records.doors.list()).find(({ request }) => request === id);
    if (door === undefined) throw new Error(`no door of ${id}`);
    await back.records.doors.put({ ...door, endsAt: Date.now() - agoMs });
  }

  const sweep = () => endDoors({ ...back, log }, Date.now());

  it('stands in the register from the opening on; a door without one has none', async () => {
    back = await openBackstage(hosts, redis);
    await back.work();
    const { door } = await open('expose blog 80 as 18801 for 2h');
    expect(door).toMatchObject({ forSeconds: 7_200, endsAt: door.openedAt + 7_200_000 });
    expect(Math.abs(door.openedAt - Date.now())).toBeLessThan(60_000);
    const { door: endless } = await open('expose blog 80 as 18802');
    expect(endless).not.toHaveProperty('endsAt');
    await back.ended(await back.ask('unexpose blog 80 as 18801'));
    await back.ended(await back.ask('unexpose blog 80 as 18802'));
  });

  it('does not move because a worker died behind the proof and another one settles again', async () => {
    back = await openBackstage(hosts, redis);
    const id = await back.ask('expose blog 80 as 18807 for 1h');
    const endsAt = Date.now() + 1_000_000;
    const door = { id: id.replace('req', 'door'), host: 'box', instance: 'blog', port: 80 } as const;
    await back.records.doors.put({ ...door, protocol: 'tcp', ...REGISTERED, openedAt: 5, endsAt });
    await back.work();
    expect((await back.ended(id)).outcome).toMatchObject({ kind: 'done' });
    expect(await back.records.doors.list()).toMatchObject([{ openedAt: 5, endsAt, request: id }]);
    await back.ended(await back.ask('unexpose blog 80'));
  });

  it('closes it by a request of its own, in the thread of the opening, for owner and approver', async () => {
    back = await openBackstage(hosts, redis, {});
    await back.work();
    const id = await back.ask('expose blog 80 as 18803 for 1h');
    await back.approve(id);
    await back.ended(id);
    await back.records.requests.setMessage(id, { channel: 'C0DOORS', ts: '17.5' });
    await over(id);
    await sweep();
    const closing = await back.ended(`${id}e1`, LATE);
    expect(closing.outcome).toMatchObject({ kind: 'done' });
    expect(closing.asked).toMatchObject({
      requester: 'U0ALICE',
      concerns: ['U0BOB'],
      channel: 'C0DOORS',
      thread: '17.5',
      byItself: 'end',
    });
    expect(closing).not.toHaveProperty('approval');
    expect(await reach(18803)).toBe(false);
    expect(await back.records.doors.list()).toEqual([]);
    const told = await back.records.audit.of(`${id}e1`);
    expect(told[0]).toMatchObject({ kind: 'asked', what: expect.stringContaining('its end came at') });
    expect(told[0]).not.toHaveProperty('user');
    expect(told.at(-1)?.kind).toBe('ended');
  });

  it('that passed while nobody worked closes it at the first sweep', async () => {
    back = await openBackstage(hosts, redis);
    const first = await openBackstage(hosts, redis);
    await first.work();
    const id = await first.ask('expose blog 80 as 18804 for 1h');
    await first.ended(id);
    const [door] = await first.records.doors.list();
    await first.close();
    expect(await reach(18804)).toBe(true);
    // Another start with the same Redis: only the records tell it of the door.
    if (door === undefined) throw new Error('no door');
    await back.records.doors.put({ ...door, endsAt: Date.now() - 3_600_000 });
    await back.work();
    expect((await back.ended(`${id}e1`, LATE)).outcome).toMatchObject({ kind: 'done' });
    expect(await reach(18804)).toBe(false);
  });

  it('does not depend on the rights of its owner, nor on a rule that refuses everything', async () => {
    back = await openBackstage(hosts, redis);
    await back.work();
    const { id } = await open('expose blog 80 as 18805 for 1h');
    const path = back.env.DRAWBRIDGE_CONFIG;
    const rule = { name: 'frozen', when: {}, end: 'refuse', text: 'nothing changes this week' };
    const text = readFileSync(path, 'utf8').replace(/ask:\n\s+- operators/, 'ask: []');
    writeFileSync(path, text.replace('policy:\n', `policy:\n  rules: ${JSON.stringify([rule])}\n`));
    await until(async () => {
      const { outcome } = await back.ended(await back.ask('unexpose shop 99'));
      return outcome?.kind === 'refused' && outcome.message.includes('`unexpose` is for nobody')
        ? true
        : undefined;
    }, 'the owner to lose the right');
    expect(await reach(18805)).toBe(true);
    await over(id);
    await sweep();
    expect((await back.ended(`${id}e1`, LATE)).outcome).toMatchObject({ kind: 'done' });
    expect(await reach(18805)).toBe(false);
  });

  it('is no way around the policy: a mark alone closes nothing whose end has not come', async () => {
    back = await openBackstage(hosts, redis, { ask: [] });
    const forged = {
      id: 'req-forged',
      command: { action: 'unexpose', target: { instance: 'blog' }, port: 80, protocol: 'tcp' },
      requester: 'U0ALICE',
      channel: 'C0DOORS',
      text: '',
      at: Date.now(),
      byItself: 'end',
    } as const;
    await back.records.requests.create(forged);
    const door = { id: 'door-later', host: 'box', instance: 'blog', port: 80, protocol: 'tcp' } as const;
    await back.records.doors.put({ ...door, ...REGISTERED, endsAt: Date.now() + 3_600_000 });
    await back.records.requests.create({
      ...forged,
      id: 'req-early',
      command: { ...forged.command, door: 'door-later' },
    });
    await back.work();
    expect((await back.ended('req-forged', LATE)).outcome).toMatchObject({
      kind: 'refused',
      reason: 'not_found',
    });
    expect((await back.ended('req-early', LATE)).outcome).toMatchObject({
      kind: 'refused',
      reason: 'not_permitted',
    });
  });

  it('is asked for once by any number of sweeps, and again no sooner than a minute after it failed', async () => {
    back = await openBackstage(hosts, redis);
    const door = { id: 'door-twice', host: 'box', instance: 'blog', port: 80, protocol: 'tcp' } as const;
    await back.records.doors.put({ ...door, ...REGISTERED, request: 'req-twice', endsAt: Date.now() - 1 });
    await Promise.all(Array.from({ length: 8 }, sweep));
    await sweep();
    const ids = async () => (await back.records.requests.latest(10)).map(({ asked }) => asked.id);
    expect(await ids()).toEqual(['req-twicee1']);
    const asked = async () =>
      (await back.records.audit.of('req-twicee1')).filter(({ kind }) => kind === 'asked');
    expect(await asked()).toHaveLength(1);

    const failed: Outcome = { kind: 'failed', message: 'no', left: [] };
    const end = (id: string, endedAt: number) =>
      back.records.requests.move(id, ['planning'], 'ended', { outcome: failed, endedAt });
    await end('req-twicee1', Date.now());
    await sweep();
    expect(await ids()).toEqual(['req-twicee1']);
    await back.records.requests.move('req-twicee1', ['ended'], 'ended', { endedAt: Date.now() - 61_000 });
    await Promise.all([sweep(), sweep()]);
    expect((await ids()).sort()).toEqual(['req-twicee1', 'req-twicee2']);
  });

  it('waits for the opening to be finished, or that would open the door again behind the closing', async () => {
    back = await openBackstage(hosts, redis);
    const id = await back.ask('expose blog 80 as 18808 for 1h');
    await back.records.requests.move(id, ['planning'], 'applying');
    const door = { id: 'door-open', host: 'box', instance: 'blog', port: 80, protocol: 'tcp' } as const;
    await back.records.doors.put({ ...door, ...REGISTERED, request: id, endsAt: Date.now() - 1 });
    await sweep();
    expect(await back.records.requests.get(`${id}e1`)).toBeUndefined();
    await back.records.requests.move(id, ['applying'], 'ended');
    await sweep();
    expect((await back.records.requests.get(`${id}e1`))?.asked.byItself).toBe('end');
  });

  it('is tried again when its host was silent, until it is closed', { timeout: 120_000 }, async () => {
    const way = join(folder, 'way.sock');
    const open = () => openGate({ socket: way, target: socket, before: async () => 'pass' as const });
    const gate = await open();
    back = await openBackstage({ box: { unix: way, public_address: '127.0.0.1' } }, redis);
    await back.work();
    const id = await back.ask('expose blog 80 as 18809 for 1h');
    expect((await back.ended(id)).outcome).toMatchObject({ kind: 'done' });
    await gate.close();
    await over(id);
    await sweep();
    const first = await back.ended(`${id}e1`, 60_000);
    expect(first.outcome).toMatchObject({ kind: 'refused', reason: 'host_silent' });
    expect(await back.records.doors.list()).toHaveLength(1);
    expect(await reach(18809)).toBe(true);
    const again = await open();
    await back.records.requests.move(`${id}e1`, ['ended'], 'ended', { endedAt: Date.now() - 61_000 });
    await sweep();
    expect((await back.ended(`${id}e2`, 60_000)).outcome).toMatchObject({ kind: 'done' });
    expect(await reach(18809)).toBe(false);
    expect(await back.records.doors.closings(`door-${id.slice(4)}`)).toBe(0);
    await back.close();
    await again.close();
    back = await openBackstage(hosts, redis);
  });

  it('comes with the door that a launch asked for', async () => {
    back = await openBackstage(hosts, redis);
    const command = parseCommand('launch debian/12 blog expose 80 for 90m', {});
    const asked = { id: 'req-launch', command, requester: 'U0ALICE', channel: 'C0', text: '', at: 1 };
    const record = { asked, state: 'applying' } as unknown as RequestRecord;
    await askForDoor(record, { subject: 'box/blog' } as WorkPlan, { ...back, log });
    expect((await back.records.requests.get('req-launchx'))?.asked).toMatchObject({
      text: 'expose box/blog 80 for 90m',
      command: { action: 'expose', forSeconds: 5_400 },
    });
  });

  it('of a door that somebody took away by hand takes it out of the register, and another one in its place stays', async () => {
    back = await openBackstage(hosts, redis);
    await back.work();
    const { id } = await open('expose blog 80 as 18806');
    const [standing] = await back.records.doors.list();
    if (standing === undefined) throw new Error('no door');
    const gone = { ...standing, id: 'door-gone', request: 'req-gone', endsAt: Date.now() - 1 };
    await back.records.doors.put(gone);
    await sweep();
    expect((await back.ended('req-gonee1', LATE)).outcome).toMatchObject({
      kind: 'done',
      proof: { seen: 'nothing of it stood any more' },
    });
    expect((await back.records.doors.list()).map(({ request }) => request)).toEqual([id]);
    expect(await reach(18806)).toBe(true);
    await back.ended(await back.ask('unexpose blog 80'));
  });
});

const REGISTERED: Omit<Door, 'id' | 'host' | 'instance' | 'port' | 'protocol'> = {
  publicAddress: '127.0.0.1',
  publicPort: 18_899,
  road: 'forward',
  sources: ['0.0.0.0/0'],
  owner: 'U0ALICE',
  request: 'req-none',
  openedAt: 1,
  proof: { state: 'proven', seen: 'it answered' },
};
