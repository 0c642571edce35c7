/** Panic on the worker's side, against two sandbox hosts: everything closes, nothing opens, and what was open opens again with approval. */
import { mkdtempSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterAll, beforeAll, beforeEach, describe, expect, it } from 'vitest';
import { createLog } from '../../src/log.ts';
import { createSandboxHost } from '../../src/sandbox/lxd/lxd-host.ts';
import { type Gate, type GateDeed, openGate } from '../stage/lxd-gate.ts';
import { startRedis, type TestRedis } from '../stage/start-redis.ts';
import { until } from '../stage/until.ts';
import { spawnWorker } from '../stage/worker-process.ts';
import { type Backstage, openBackstage, QUICK_TAKEOVER } from './backstage.ts';

const ADDRESSES = { web1: '127.7.1.1', web2: '127.7.1.2' } as const;
const PRIVATE = { private_networks: ['0.0.0.0/0'], sensitive_ports: [] };

describe('panic', () => {
  const folder = mkdtempSync(join(tmpdir(), 'db-panic-'));
  const socketOf = (name: string) => join(folder, `${name}.sock`);
  const log = createLog({ level: 'silent', readable: false });
  const hosts = Object.entries(ADDRESSES).map(([name, publicAddress]) =>
    createSandboxHost({ socket: socketOf(`${name}-inner`), publicAddress, log }),
  );
  const gates: Gate[] = [];
  /** What a test does to the calls that change a host. */
  let before: (host: string, path: string) => GateDeed | Promise<GateDeed> = () => 'pass';
  let looks: (host: string) => GateDeed = () => 'pass';
  let redis: TestRedis;
  let back: Backstage;

  beforeAll(async () => {
    redis = await startRedis();
    await Promise.all(hosts.map((host) => host.start()));
    for (const name of Object.keys(ADDRESSES))
      gates.push(
        await openGate({
          socket: socketOf(name),
          target: socketOf(`${name}-inner`),
          before: ({ path }) => before(name, path),
          looks: () => looks(name),
        }),
      );
  });
  afterAll(async () => {
    await Promise.all(gates.map((gate) => gate.close()));
    await Promise.all(hosts.map((host) => host.stop()));
    await redis.stop();
    rmSync(folder, { recursive: true, force: true });
  });
  beforeEach(() => {
    before = () => 'pass';
  });

  const settings = Object.fromEntries(
    Object.entries(ADDRESSES).map(([name, address]) => [
      name,
      { unix: socketOf(name), public_address: address },
    ]),
  );
  const reach = (host: keyof typeof ADDRESSES, port: number): Promise<boolean> =>
    // Connections that are open live on, so each try makes one of its own.
    fetch(`http://${ADDRESSES[host]}:${port}/`, { headers: { connection: 'close' } }).then(
      () => true,
      () => false,
    );
  async function onStage(work: () => Promise<void>, policy: Record<string, unknown> = PRIVATE) {
    back = await openBackstage(settings, redis, policy, undefined, QUICK_TAKEOVER);
    await back.work();
    try {
      await work();
    } finally {
      before = () => 'pass';
      await back.ended(await back.ask('panic', 'U0BOB'));
      await back.close();
    }
  }
  const open = async (text: string) =>
    expect((await back.ended(await back.ask(text))).outcome).toMatchObject({ kind: 'done' });

  it('closes every door on every host without approval, and keeps them for opening again', () =>
    onStage(async () => {
      await open('expose web1/blog 80 as 18301');
      await open('expose web1/shop 80 as 18302 via proxy');
      await open('expose web2/blog 80 as 18303 from 127.0.0.0/8');
      const ended = await back.ended(await back.ask('panic because somebody is in', 'U0BOB'));
      expect(ended.outcome).toMatchObject({ kind: 'done', proof: { seen: 'closed 3 doors' } });
      expect(ended.decision).toBeUndefined();
      expect(await Promise.all([reach('web1', 18301), reach('web1', 18302), reach('web2', 18303)])).toEqual([
        false,
        false,
        false,
      ]);
      expect(await back.records.doors.list()).toEqual([]);
      expect((await back.records.panic.kept()).map(({ publicPort, owner }) => [publicPort, owner])).toEqual(
        expect.arrayContaining([
          [18301, 'U0ALICE'],
          [18302, 'U0ALICE'],
          [18303, 'U0ALICE'],
        ]),
      );
      const calls = gates[0]?.calls.map(({ path }) => path) ?? [];
      expect(calls.filter((path) => path.includes('/forwards/')).length).toBeLessThanOrEqual(2);
    }));

  it('of one host leaves the others alone, and holds openings on that host only', () =>
    onStage(async () => {
      await open('expose web1/blog 80 as 18304');
      await open('expose web2/blog 80 as 18305');
      await back.ended(await back.ask('panic web1', 'U0BOB'));
      expect([await reach('web1', 18304), await reach('web2', 18305)]).toEqual([false, true]);
      const refused = await back.ended(await back.ask('expose web1/shop 80 as 18306'));
      expect(refused.outcome).toMatchObject({ kind: 'refused', reason: 'panic' });
      expect(JSON.stringify(refused.outcome)).toContain('<@U0BOB> called panic for web1');
      await open('expose web2/shop 80 as 18307');
    }));

  it('is for those whom the policy names, and a host that there is', () =>
    onStage(async () => {
      await open('expose web1/blog 80 as 18308');
      const refused = await back.ended(await back.ask('panic all', 'U0ALICE'));
      expect(refused.outcome).toMatchObject({ kind: 'refused', reason: 'not_permitted' });
      expect(await reach('web1', 18308)).toBe(true);
      const unknown = await back.ended(await back.ask('panic web7', 'U0BOB'));
      expect(unknown.outcome).toMatchObject({ reason: 'not_found', next: 'There are web1, web2.' });
    }));

  it('that is called while a door is being opened has it taken back', () =>
    onStage(async () => {
      let called = '';
      before = async (_host, path) => {
        if (called === '' && path.includes('/forwards')) {
          called = await back.ask('panic', 'U0BOB');
          await until(async () => back.records.panic.on('web1'), 'the alarm');
        }
        return 'pass' as const;
      };
      const opening = await back.ended(await back.ask('expose web1/blog 80 as 18309'));
      expect(opening.outcome).toMatchObject({ kind: 'failed', left: [] });
      expect((await back.ended(called)).outcome).toMatchObject({ kind: 'done' });
      expect(await reach('web1', 18309)).toBe(false);
      expect(await back.records.doors.list()).toEqual([]);
    }));

  it('holds a door whose approval came before', () =>
    onStage(
      async () => {
        const id = await back.ask('expose web1/blog 80 as 18310');
        await until(
          async () => ((await back.records.requests.get(id))?.state === 'waiting' ? true : undefined),
          'the plan',
        );
        await back.ended(await back.ask('panic', 'U0BOB'));
        await back.approve(id);
        expect((await back.ended(id)).outcome).toMatchObject({ kind: 'refused', reason: 'panic' });
        expect(await reach('web1', 18310)).toBe(false);
      },
      { private_networks: [] },
    ));

  it('says what is still open where a host fails, and closes the rest', () =>
    onStage(async () => {
      await open('expose web1/blog 80 as 18311');
      await open('expose web2/blog 80 as 18312');
      before = (host, path) => (host === 'web1' && path.includes('/forwards') ? 'error500' : 'pass');
      const { outcome } = await back.ended(await back.ask('panic', 'U0BOB'));
      expect(outcome).toMatchObject({ kind: 'unproven', proof: { seen: 'closed 1 door' } });
      expect(JSON.stringify(outcome)).toContain(`${ADDRESSES.web1}:18311`);
      expect([await reach('web1', 18311), await reach('web2', 18312)]).toEqual([true, false]);
      before = () => 'pass';
      expect((await back.ended(await back.ask('panic', 'U0BOB'))).outcome).toMatchObject({ kind: 'done' });
      expect(await reach('web1', 18311)).toBe(false);
      expect(await back.records.panic.kept()).toHaveLength(2);
    }));

  it.each([1, 3])(
    'whose worker is killed at its change %d is finished by the next one',
    (at) =>
      onStage(async () => {
        await open('expose web1/blog 80 as 18319 from 127.0.0.0/8');
        await open('expose web2/blog 80 as 18320');
        await back.rest();
        const worker = spawnWorker(back.env);
        let changes = 0;
        before = () => {
          changes += 1;
          if (changes === at) worker.kill();
          return changes < at ? 'pass' : 'drop';
        };
        const id = await back.ask('panic', 'U0BOB');
        await until(async () => (changes >= at ? true : undefined), 'the change', 60_000);
        await worker.end();
        before = () => 'pass';
        await back.work();
        expect((await back.ended(id)).outcome).toMatchObject({ kind: 'done' });
        expect([await reach('web1', 18319), await reach('web2', 18320)]).toEqual([false, false]);
        expect(await back.records.doors.list()).toEqual([]);
        expect((await back.records.panic.kept()).map(({ owner }) => owner)).toEqual(['U0ALICE', 'U0ALICE']);
        const ends = (await back.records.audit.of(id)).filter(({ kind }) => kind === 'ended');
        expect(ends).toHaveLength(1);
      }),
    // A worker starts, dies, and its lock is waited for.
    180_000,
  );

  it('off shows what it opens again, needs approval by somebody else, and opens it as it was', () =>
    onStage(async () => {
      await open('expose web1/blog 80 as 18313 for 2h because the team looks at it');
      const [{ endsAt } = {}] = await back.records.doors.list();
      await open('expose web2/blog 80 as 18314 from 127.0.0.0/8');
      await back.ended(await back.ask('panic', 'U0BOB'));
      const id = await back.ask('panic off', 'U0BOB');
      const { plan } = await until(async () => {
        const record = await back.records.requests.get(id);
        return record?.state === 'waiting' ? record : undefined;
      }, 'the plan');
      expect(plan).toMatchObject({ summary: expect.stringContaining('opens 2 doors on all hosts again') });
      expect(plan?.why).toContain(`opens ${ADDRESSES.web1}:18313 → web1/blog:80 for anyone`);
      expect(await reach('web1', 18313)).toBe(false);
      await back.approve(id, 'U0DAVE');
      expect((await back.ended(id)).outcome).toMatchObject({
        kind: 'done',
        proof: { seen: 'opened 2 doors again' },
      });
      expect([await reach('web1', 18313), await reach('web2', 18314)]).toEqual([true, true]);
      const [first] = (await back.records.doors.list()).filter(({ host }) => host === 'web1');
      expect(endsAt).toBeGreaterThan(Date.now());
      expect(first).toMatchObject({
        endsAt,
        owner: 'U0ALICE',
        approvers: ['U0DAVE'],
        reason: 'the team looks at it',
      });
      expect(await back.records.panic.list()).toEqual([]);
      expect(await back.records.panic.kept()).toEqual([]);
      await open('expose web1/shop 80 as 18315');
    }));

  it('off leaves closed what cannot be as it was, or what the policy refuses by now, and says so', () =>
    onStage(async () => {
      await open('expose web1/blog 80 as 18316');
      await open('expose web1/shop 80 as 18317');
      await back.ended(await back.ask('panic', 'U0BOB'));
      await back.records.panic.keep({
        ...((await back.records.panic.kept())[0] ?? never()),
        id: 'door-gone',
        request: 'req-gone',
        instance: 'nobody',
        publicPort: 18318,
      });
      const id = await back.ask('panic off web1', 'U0BOB');
      await back.approve(id, 'U0DAVE');
      const { plan, outcome } = await back.ended(id);
      expect(plan?.warnings.join()).toContain('nobody is no longer on web1');
      expect(outcome).toMatchObject({ kind: 'done', proof: { seen: 'opened 2 doors again' } });
      expect((await back.records.panic.kept()).map(({ id: kept }) => kept)).toEqual(['door-gone']);
      await back.records.panic.forget(['door-gone']);
    }));

  it('passes over a host that hangs, says so, and does not wait for it', () =>
    onStage(async () => {
      await open('expose web1/blog 80 as 18321');
      await open('expose web2/blog 80 as 18322');
      looks = (host) => (host === 'web1' ? 'hang' : 'pass');
      const id = await back.ask('panic', 'U0BOB');
      await until(async () => ((await reach('web2', 18322)) ? undefined : true), 'the other host to close');
      expect((await back.records.requests.get(id))?.state).not.toBe('ended');
      const { outcome } = await back.ended(id);
      looks = () => 'pass';
      expect(outcome).toMatchObject({ kind: 'unproven', proof: { seen: 'closed 1 door' } });
      expect(JSON.stringify(outcome)).toContain('all of web1');
      expect([await reach('web1', 18321), await reach('web2', 18322)]).toEqual([true, false]);
      expect((await back.records.doors.list()).map(({ host }) => host)).toEqual(['web1']);
    }));

  it('off for one host of all opens its doors again and goes on holding the rest', () =>
    onStage(async () => {
      await open('expose web1/blog 80 as 18323');
      await open('expose web2/blog 80 as 18324');
      await back.ended(await back.ask('panic', 'U0BOB'));
      const id = await back.ask('panic off web1', 'U0BOB');
      await back.approve(id, 'U0DAVE');
      const { plan, outcome } = await back.ended(id);
      expect(outcome).toMatchObject({ kind: 'done', proof: { seen: 'opened 1 door again' } });
      expect(JSON.stringify(plan)).toContain('but no new ones before');
      expect([await reach('web1', 18323), await reach('web2', 18324)]).toEqual([true, false]);
      const refused = await back.ended(await back.ask('expose web1/shop 80 as 18325'));
      expect(refused.outcome).toMatchObject({ kind: 'refused', reason: 'panic' });
      const again = await back.ended(await back.ask('panic off web1', 'U0BOB'));
      expect(again.outcome).toMatchObject({
        reason: 'nothing_to_do',
        next: '`/lxd panic off all` takes it back.',
      });
    }));

  it('off by itself has nothing to do', () =>
    onStage(async () => {
      await back.records.panic.lift(undefined);
      await back.records.panic.forget((await back.records.panic.kept()).map(({ id }) => id));
      const { outcome } = await back.ended(await back.ask('panic off', 'U0BOB'));
      expect(outcome).toMatchObject({ kind: 'refused', reason: 'nothing_to_do' });
    }));
});

function never(): never {
  throw new Error('there is a door');
}
