/** kill -9 of a worker at a random call that changes the host, or when all is done, while three people ask for things: two hundred times. */
import { mkdtempSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterAll, beforeAll, expect, it } from 'vitest';
import { buildWorker } from '../stage/built-worker.ts';
import { startRedis, type TestRedis } from '../stage/start-redis.ts';
import { takeTurns } from '../stage/take-turns.ts';
import { randomFrom } from '../support/random.ts';
import { type Arena, openArena } from './arena.ts';
import { complaintsOf } from './complaints.ts';
import { act } from './slot.ts';

/** `DRAWBRIDGE_SEED` is the first of the seeds, `DRAWBRIDGE_ROUNDS` how many follow each other. */
const FIRST = Number(process.env.DRAWBRIDGE_SEED ?? Date.now() % 1_000_000);
const ROUNDS = Number(process.env.DRAWBRIDGE_ROUNDS ?? 200);
const SIDE_BY_SIDE = 8;
const AT_ONCE = 3;
/** The three change the host up to so many times together. */
const MOST_CHANGES = 9;

let redis: TestRedis;
let folder = '';
const arenas: Arena[] = [];
const told: string[] = [];

beforeAll(async () => {
  redis = await startRedis();
  folder = mkdtempSync(join(tmpdir(), 'db-kills-'));
  const program = await buildWorker(join(folder, 'worker'));
  for (let index = 0; index < SIDE_BY_SIDE; index += 1)
    arenas.push(
      await openArena({ folder, address: `127.9.1.${index + 1}`, redis, program, workers: 1, slots: 6 }),
    );
}, 120_000);
afterAll(async () => {
  await Promise.all(arenas.map((arena) => arena.close()));
  await redis?.stop();
  rmSync(folder, { recursive: true, force: true });
  process.stdout.write(`${told.join('\n')}\n`);
});

it(`${ROUNDS} kills with seeds from ${FIRST} leave the world as it was asked for`, {
  timeout: 1_800_000,
}, async () => {
  const inTurn = takeTurns(arenas);
  const seeds = Array.from({ length: ROUNDS }, (_, index) => FIRST + index);
  const failed: string[] = [];
  await Promise.all(
    seeds.map((seed) =>
      inTurn(async (arena) => {
        const line = await round(seed, arena).catch((error) => `FAILED ${String(error)}`);
        told.push(`seed ${seed}: ${line}`);
        if (line.startsWith('FAILED')) failed.push(`seed ${seed}: ${line}`);
      }),
    ),
  );
  expect(failed).toEqual([]);
});

async function round(seed: number, arena: Arena): Promise<string> {
  const random = randomFrom(seed);
  const [number, when] = [1 + random.below(MOST_CHANGES), random.pick(['before', 'after'] as const)];
  let struck = false;
  arena.changes.forget();
  arena.changes.strikeAt(number, when, () => {
    struck = true;
    arena.replace(0);
  });
  const slots = [...arena.slots].sort(() => random.below(3) - 1).slice(0, AT_ONCE);
  const done = await Promise.all(slots.map((slot, index) => act(slot, randomFrom(seed * 10 + index), arena)));
  // Fewer changes than that: it dies when all is done, and the next round begins with another.
  if (!struck) arena.replace(0);
  const wrong = await complaintsOf(
    arena,
    done.map(({ id }) => id),
  );
  const what = done.map(({ text }) => text).join('; ');
  const strike = struck ? `killed ${when} change ${number}` : 'killed after the last change';
  return wrong.length === 0 ? `${strike}: ${what}` : `FAILED ${strike}: ${what}: ${wrong.join('; ')}`;
}
