/** kill -9 of a worker at every call that changes LXD, before and after LXD did it, while something is done with an instance. */
import { mkdtempSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterAll, beforeAll, expect, it } from 'vitest';
import { createLxdClient, type LxdClient } from '../../src/lxd/client.ts';
import { openGate } from '../stage/lxd-gate.ts';
import { startRedis, type TestRedis } from '../stage/start-redis.ts';
import { until } from '../stage/until.ts';
import { spawnWorker } from '../stage/worker-process.ts';
import { type Backstage, openBackstage } from './backstage.ts';
import type { LifeSide } from './instance-life.ts';

export interface Deed {
  /** What is done to `life-kill`. */
  action: 'launch' | 'restart' | 'delete' | 'snapshot' | 'restore';
  /** How many calls change something on the way. */
  calls: number;
}

const NAME = 'life-kill';

/** @param deeds whose every call is struck, at these moments */
export function instanceKill(
  deeds: readonly Deed[],
  prepare: () => Promise<{ side: LifeSide; end: () => Promise<void> }>,
  moments: readonly ('before' | 'after')[] = ['before', 'after'],
): void {
  let side: LifeSide;
  let end: () => Promise<void>;
  let redis: TestRedis;
  let folder = '';
  let client: LxdClient;

  beforeAll(async () => {
    ({ side, end } = await prepare());
    redis = await startRedis();
    folder = mkdtempSync(join(tmpdir(), 'db-strike-'));
    client = createLxdClient({ host: side.host, transport: { kind: 'unix', socket: side.socket } });
  });
  afterAll(async () => {
    await wipe();
    await client.close();
    await redis.stop();
    await end();
    rmSync(folder, { recursive: true, force: true });
  });

  async function wipe(): Promise<void> {
    await client.awaitInstance(NAME);
    await client.stopInstance(NAME).catch(() => {});
    await client.deleteInstance(NAME).catch(() => {});
  }

  /** The world from which a deed begins. */
  async function setOut({ action }: Deed, back: Backstage): Promise<void> {
    await wipe();
    if (action === 'launch') return;
    expect((await back.ended(await back.ask(`launch ${side.image} ${NAME}`))).outcome?.kind).toBe('done');
    if (action === 'restore') {
      await client.createSnapshot(NAME, 'then');
      await client.patchInstance(NAME, { config: { 'user.life': 'changed' } });
    }
    if (action === 'delete' || action === 'restore') {
      const door = await back.ended(await back.ask(`expose ${NAME} 80 as ${side.firstPort} via forward`));
      expect(door.outcome?.kind).toBe('done');
    }
  }

  async function lookAt({ action }: Deed, back: Backstage): Promise<void> {
    const named = (await client.listInstances()).filter(({ name }) => name === NAME);
    expect(named.map(({ status }) => status)).toEqual(action === 'delete' ? [] : ['Running']);
    const doors = await back.records.doors.list();
    expect(doors).toHaveLength(action === 'restore' ? 1 : 0);
    if (action === 'snapshot') expect(await client.listSnapshots(NAME)).toHaveLength(1);
    if (action === 'restore') {
      expect(named[0]?.config['user.life']).toBeUndefined();
      expect(named[0]?.config['user.drawbridge.pin']).toContain(doors[0]?.id);
      await back.ended(await back.ask(`unexpose ${NAME} 80`));
    }
  }

  const cases = deeds.flatMap((deed) =>
    Array.from({ length: deed.calls }, (_, index) => index + 1).flatMap((number) =>
      moments.map((when) => ({ ...deed, number, when })),
    ),
  );

  it.each(cases)(
    '$action goes on and is done once: killed $when change $number',
    { timeout: 240_000 },
    async ({ number, when, ...deed }) => {
      const socket = join(folder, `${deed.action}-${number}-${when}.sock`);
      let armed = false;
      let changes = 0;
      let victim: ReturnType<typeof spawnWorker> | undefined;
      const strike = (at: 'before' | 'after') => () => {
        if (!armed) return 'pass' as const;
        if (at === 'before') changes += 1;
        if (at !== when || changes !== number) return 'pass' as const;
        armed = false;
        victim?.kill();
        return 'drop' as const;
      };
      const gate = await openGate({
        socket,
        target: side.socket,
        before: strike('before'),
        after: strike('after'),
      });
      const back = await openBackstage(
        { [side.host]: { unix: socket, public_address: side.address } },
        redis,
      );
      const workers = [spawnWorker(back.env)];
      try {
        await setOut(deed, back);
        [victim] = workers;
        armed = true;
        const words = deed.action === 'launch' ? `launch ${side.image} ${NAME}` : `${deed.action} ${NAME}`;
        const id = await back.ask(words);
        if (deed.action === 'delete' || deed.action === 'restore') await back.approve(id);
        await until(async () => (armed ? undefined : true), 'the strike', 60_000);
        workers.push(spawnWorker(back.env));
        const record = await back.ended(id, 120_000);
        expect(record.outcome).toMatchObject({ kind: 'done' });
        await lookAt(deed, back);
        const ends = (await back.records.audit.of(id)).filter(({ kind }) => kind === 'ended');
        expect(ends).toHaveLength(1);
      } finally {
        for (const worker of workers) worker.kill();
        await back.close();
        await gate.close();
      }
    },
  );
}
