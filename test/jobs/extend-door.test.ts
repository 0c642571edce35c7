/** Moving the end of a door, against the sandbox host: by the policy as for opening it, each request once. */
import { mkdtempSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterAll, afterEach, beforeAll, describe, expect, it } from 'vitest';
import { createLog } from '../../src/log.ts';
import { createSandboxHost } from '../../src/sandbox/lxd/lxd-host.ts';
import { startRedis, type TestRedis } from '../stage/start-redis.ts';
import { until } from '../stage/until.ts';
import { type Backstage, openBackstage } from './backstage.ts';

const HOUR = 3_600_000;

describe('the end of a door is moved', () => {
  const folder = mkdtempSync(join(tmpdir(), 'db-extend-'));
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
  afterEach(async () => {
    for (const { publicPort } of await back.records.doors.list())
      await back.ended(await back.ask(`unexpose blog 80 as ${publicPort}`));
    await back.close();
  });
  afterAll(async () => {
    await sandbox.stop();
    await redis.stop();
    rmSync(folder, { recursive: true, force: true });
  });

  const outcomeOf = async (text: string) => (await back.ended(await back.ask(text))).outcome;
  const theDoor = async () => {
    const [door] = await back.records.doors.list();
    if (door === undefined) throw new Error('no door');
    return door;
  };

  it('by as much as was asked, once for each request', async () => {
    back = await openBackstage(hosts, redis);
    await back.work();
    expect(await outcomeOf('expose blog 80 as 18821 for 2h')).toMatchObject({ kind: 'done' });
    const { id, endsAt = 0 } = await theDoor();
    expect(await outcomeOf('extend blog 80 by 1h')).toMatchObject({
      kind: 'done',
      proof: { seen: expect.stringContaining('open 1 h longer, until') },
    });
    expect((await theDoor()).endsAt).toBe(endsAt + HOUR);
    expect(await outcomeOf('extend box/blog 80 as 18821 by 1h')).toMatchObject({ kind: 'done' });
    expect((await theDoor()).endsAt).toBe(endsAt + 2 * HOUR);
    expect((await theDoor()).forSeconds).toBe(7_200);

    // The step of a worker that died behind it is run again.
    const { doors } = back.records;
    const twice = await Promise.all([
      doors.moveEnd(id, endsAt + 2 * HOUR, endsAt + 3 * HOUR),
      doors.moveEnd(id, endsAt + 2 * HOUR, endsAt + 3 * HOUR),
    ]);
    expect(twice).toEqual(['moved', 'moved']);
    expect((await theDoor()).endsAt).toBe(endsAt + 3 * HOUR);
    expect(await doors.moveEnd(id, endsAt, endsAt + HOUR)).toBe('elsewhere');
    expect(await doors.moveEnd('door-none', endsAt, endsAt + HOUR)).toBe('gone');
  });

  it('only with the approval that opening the door needed', async () => {
    back = await openBackstage(hosts, redis, {});
    await back.work();
    const id = await back.ask('expose blog 80 as 18822 for 1h');
    await back.approve(id);
    await back.ended(id);
    const { endsAt = 0 } = await theDoor();
    const longer = await back.ask('extend blog 80 by 1h');
    const waiting = await until(async () => {
      const record = await back.records.requests.get(longer);
      return record?.state === 'waiting' ? record : undefined;
    }, 'the extension to wait');
    expect(waiting.approval?.why).toContain('it lets in anyone');
    expect((await theDoor()).endsAt).toBe(endsAt);

    // While it waits the end moves: what would be approved is another plan, and it is asked about anew.
    await back.records.doors.moveEnd((await theDoor()).id, endsAt, endsAt + HOUR);
    await back.approve(longer);
    const anew = await until(async () => {
      const record = await back.records.requests.get(longer);
      return record?.changed === undefined ? undefined : record;
    }, 'another plan');
    expect(anew.state).toBe('waiting');
    await back.approve(longer, 'U0DAVE');
    expect((await back.ended(longer)).outcome).toMatchObject({ kind: 'done' });
    expect((await theDoor()).endsAt).toBe(endsAt + 2 * HOUR);
    const told = (await back.records.audit.of(longer)).map(({ kind }) => kind);
    expect(told).toEqual(expect.arrayContaining(['planned', 'step_begun', 'step_done', 'ended']));
  });

  it('not where there is no door, where it has no end, or where several fit', async () => {
    back = await openBackstage(hosts, redis);
    await back.work();
    expect(await outcomeOf('extend blog 80 by 1h')).toMatchObject({ kind: 'refused', reason: 'not_found' });
    await outcomeOf('expose blog 80 as 18823');
    expect(await outcomeOf('extend blog 80 by 1h')).toMatchObject({
      kind: 'refused',
      reason: 'nothing_to_do',
      next: expect.stringContaining('for 2h'),
    });
    await outcomeOf('expose blog 80 as 18824 for 1h');
    expect(await outcomeOf('extend blog 80 by 1h')).toMatchObject({
      kind: 'refused',
      reason: 'ambiguous',
      next: expect.stringContaining('`extend box/blog 80 as 127.0.0.1:18824 by 1h`'),
    });
  });
});
