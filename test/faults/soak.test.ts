/** Two thousand mixed requests over four workers, of which one after the other is killed at a random call: the world ends as a model of it. */
import { mkdtempSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterAll, beforeAll, expect, it } from 'vitest';
import { buildWorker } from '../stage/built-worker.ts';
import { startRedis, type TestRedis } from '../stage/start-redis.ts';
import { randomFrom } from '../support/random.ts';
import { type Arena, openArena } from './arena.ts';
import { complaintsOf } from './complaints.ts';
import { act } from './slot.ts';

/** `DRAWBRIDGE_SEED` has the same things asked for; `DRAWBRIDGE_SOAK` how many. Who dies when also depends on how quick they are. */
const SEED = Number(process.env.DRAWBRIDGE_SEED ?? Date.now() % 1_000_000);
const REQUESTS = Number(process.env.DRAWBRIDGE_SOAK ?? 2_000);
const WORKERS = 4;
const SLOTS = 30;
/** A worker dies after so many changes of the host, more or less. */
const LIVES = 40;

let redis: TestRedis;
let folder = '';
let arena: Arena;

beforeAll(async () => {
  redis = await startRedis();
  folder = mkdtempSync(join(tmpdir(), 'db-soak-'));
  const program = await buildWorker(join(folder, 'worker'));
  arena = await openArena({ folder, address: '127.9.2.1', redis, program, workers: WORKERS, slots: SLOTS });
}, 120_000);
afterAll(async () => {
  await arena?.close();
  await redis?.stop();
  rmSync(folder, { recursive: true, force: true });
});

it(`${REQUESTS} requests from seed ${SEED} over ${WORKERS} workers end as the model of them`, {
  timeout: 1_800_000,
}, async () => {
  const random = randomFrom(SEED);
  let kills = 0;
  const nextKill = (): void => {
    arena.changes.forget();
    arena.changes.strikeAt(1 + random.below(2 * LIVES), random.pick(['before', 'after'] as const), () => {
      kills += 1;
      arena.replace(random.below(WORKERS));
      nextKill();
    });
  };
  nextKill();
  let left = REQUESTS;
  const asked: string[] = [];
  const failed: string[] = [];
  await Promise.all(
    arena.slots.map(async (slot, index) => {
      const own = randomFrom(SEED * 100 + index);
      while (left > 0 && failed.length === 0) {
        left -= 1;
        await act(slot, own, arena).then(
          ({ id }) => asked.push(id),
          async (error) => void failed.push(`${error} ${await stateOf(String(error))}`),
        );
      }
    }),
  );
  process.stdout.write(
    `soak from seed ${SEED}: ${asked.length} requests, ${kills} workers killed, ${arena.model.size} doors open\n`,
  );
  expect(failed).toEqual([]);
  expect(kills).toBeGreaterThan(REQUESTS / 200);
  expect(await complaintsOf(arena, asked)).toEqual([]);
});

/** How far the request of a complaint came. */
async function stateOf(complaint: string): Promise<string> {
  const id = /req-[a-z0-9]+/.exec(complaint)?.[0] ?? '';
  const record = await arena.back.records.requests.get(id);
  const entries = await arena.back.records.audit.of(id);
  return JSON.stringify({
    asked: record?.asked.text,
    state: record?.state,
    steps: record?.steps,
    decision: record?.decision,
    plan: record?.plan?.fingerprint,
    entries: entries.map(({ kind, what, at }) => `${at} ${kind} ${what}`),
    depths: await arena.back.queues.depths(),
  });
}
