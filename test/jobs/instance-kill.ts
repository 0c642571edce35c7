/** kill -9 of a worker at every call that changes LXD, before and after LXD did it, while something is done with an instance. */
import { mkdtempSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterAll, beforeAll, expect, it } from 'vitest';
import { createLxdClient, type LxdClient } from '../../src/lxd/client.ts';
import { openGate } from '../stage/lxd-gate.ts';
import { startRedis, type TestRedis } from '../stage/start-redis.ts';
import { takeTurns } from '../stage/take-turns.ts';
import { until } from '../stage/until.ts';
import { spawnWorker } from '../stage/worker-process.ts';
import { type Backstage, openBackstage, QUICK_TAKEOVER } from './backstage.ts';
import { countChanges } from './count-changes.ts';
import type { LifeSide } from './instance-life.ts';

export interface Deed {
  /** What is done to an instance. */
  action: 'launch' | 'restart' | 'delete' | 'snapshot' | 'restore';
  /** How many calls change something on the way. */
  calls: number;
}

export interface KillGround {
  /** Each has an address of its own: two cases are two Drawbridges, whose locks know nothing of each other. */
  sides: LifeSide[];
  /** The worker's program, where it was compiled before. */
  program?: string;
  end(): Promise<void>;
}

/** One deed on one instance of one side. */
interface Scene {
  action: Deed['action'];
  name: string;
  side: LifeSide;
  client: LxdClient;
  back: Backstage;
}

/** @param deeds whose every call is struck, at these moments */
export function instanceKill(
  deeds: readonly Deed[],
  prepare: () => Promise<KillGround>,
  moments: readonly ('before' | 'after')[] = ['before', 'after'],
): void {
  let ground: KillGround;
  let inTurn: ReturnType<typeof takeTurns<LifeSide>>;
  let redis: TestRedis;
  let folder = '';

  beforeAll(async () => {
    ground = await prepare();
    inTurn = takeTurns(ground.sides);
    redis = await startRedis();
    folder = mkdtempSync(join(tmpdir(), 'db-strike-'));
  });
  afterAll(async () => {
    await redis.stop();
    await ground.end();
    rmSync(folder, { recursive: true, force: true });
  });

  const cases = deeds.flatMap((deed) =>
    Array.from({ length: deed.calls }, (_, index) => index + 1).flatMap((number) =>
      moments.map((when) => ({ ...deed, number, when })),
    ),
  );

  it.concurrent.each(cases)(
    '$action goes on and is done once: killed $when change $number',
    { timeout: 300_000 },
    ({ action, number, when }) =>
      inTurn(async (side) => {
        const name = `struck-${action}-${number}-${when}`;
        const socket = join(folder, `${name}.sock`);
        const changes = countChanges();
        const gate = await openGate({ socket, target: side.socket, ...changes.atGate });
        const hosts = { [side.host]: { unix: socket, public_address: side.address } };
        const back = await openBackstage(hosts, redis, undefined, undefined, QUICK_TAKEOVER);
        const client = createLxdClient({
          host: side.host,
          transport: { kind: 'unix', socket: side.socket },
        });
        const scene: Scene = { action, name, side, client, back };
        const workers = [spawnWorker(back.env, ground.program)];
        try {
          await setOut(scene);
          let struck = false;
          changes.forget();
          changes.strikeAt(number, when, () => {
            struck = true;
            workers[0]?.kill();
          });
          const words = action === 'launch' ? `launch ${side.image} ${name}` : `${action} ${name}`;
          const id = await back.ask(words);
          if (action === 'delete' || action === 'restore') await back.approve(id);
          await until(async () => struck || undefined, 'the strike', 120_000, 50);
          workers.push(spawnWorker(back.env, ground.program));
          const record = await back.ended(id, 120_000);
          expect(record.outcome).toMatchObject({ kind: 'done' });
          await lookAt(scene);
          const ends = (await back.records.audit.of(id)).filter(({ kind }) => kind === 'ended');
          expect(ends).toHaveLength(1);
        } finally {
          for (const worker of workers) worker.kill();
          await wipe(scene);
          await client.close();
          await back.close();
          await gate.close();
        }
      }),
  );
}

async function wipe({ client, name }: Scene): Promise<void> {
  await client.awaitInstance(name);
  await client.stopInstance(name).catch(() => {});
  await client.deleteInstance(name).catch(() => {});
}

/** The world from which a deed begins. */
async function setOut(scene: Scene): Promise<void> {
  const { action, name, side, client, back } = scene;
  await wipe(scene);
  if (action === 'launch') return;
  expect((await back.ended(await back.ask(`launch ${side.image} ${name}`))).outcome?.kind).toBe('done');
  if (action === 'restore') {
    await client.createSnapshot(name, 'then');
    await client.patchInstance(name, { config: { 'user.life': 'changed' } });
  }
  if (action === 'delete' || action === 'restore') {
    const door = await back.ended(await back.ask(`expose ${name} 80 as ${side.firstPort} via forward`));
    expect(door.outcome?.kind).toBe('done');
  }
}

async function lookAt({ action, name, client, back }: Scene): Promise<void> {
  const named = (await client.listInstances()).filter((instance) => instance.name === name);
  expect(named.map(({ status }) => status)).toEqual(action === 'delete' ? [] : ['Running']);
  const doors = await back.records.doors.list();
  expect(doors).toHaveLength(action === 'restore' ? 1 : 0);
  if (action === 'snapshot') expect(await client.listSnapshots(name)).toHaveLength(1);
  if (action === 'restore') {
    expect(named[0]?.config['user.life']).toBeUndefined();
    expect(named[0]?.config['user.drawbridge.pin']).toContain(doors[0]?.id);
    await back.ended(await back.ask(`unexpose ${name} 80`));
  }
}
