import { existsSync, mkdtempSync, readFileSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterAll, describe, expect, it } from 'vitest';
import { waitUntil } from '../lab/wait-until.ts';
import { startFamily } from './child-family.ts';

const folder = mkdtempSync(join(tmpdir(), 'db-family-'));
afterAll(() => rmSync(folder, { recursive: true, force: true }));

const never = new AbortController().signal;

function lives(pid: number): boolean {
  return existsSync(`/proc/${pid}`) && !/\) Z /.test(readFileSync(`/proc/${pid}/stat`, 'utf8'));
}

/** A shell that starts a sleeper, writes down its pid, and goes on as told. */
function starter(start: string, then: string): { argv: string[]; sleeper: () => Promise<number> } {
  const file = join(folder, Math.random().toString(36).slice(2));
  const argv = ['sh', '-c', `${start} sleep 300 & echo $! > ${file}; ${then}`];
  const sleeper = () =>
    waitUntil(
      'the sleeper',
      async () => (existsSync(file) && Number(readFileSync(file, 'utf8'))) || undefined,
    );
  return { argv, sleeper };
}

describe.skipIf(!existsSync('/proc/self/stat'))('a program with all that comes of it (needs /proc)', () => {
  it('answers with its exit code and leaves nothing behind', async () => {
    const family = startFamily(['sh', '-c', 'exit 7'], { cut: never });
    expect(await family.ended).toBe(7);
    expect(await family.clear()).toEqual([]);
  });

  it('is told by what it leaves behind, which is ended', async () => {
    const { argv, sleeper } = starter('', 'exit 0');
    const family = startFamily(argv, { cut: never });
    expect(await family.ended).toBe(0);
    const pid = await sleeper();
    expect(await family.clear()).toEqual([`process ${pid} (sleep 300)`]);
    expect(lives(pid)).toBe(false);
  });

  it('is told by what has left its session', async () => {
    const { argv, sleeper } = starter('setsid', 'sleep 1.5');
    const family = startFamily(argv, { cut: never });
    await family.ended;
    const pid = await sleeper();
    expect(await family.clear()).toEqual([`process ${pid} (sleep 300)`]);
    expect(lives(pid)).toBe(false);
  });

  it('keeps what belongs to somebody else', async () => {
    const { argv, sleeper } = starter('', 'exit 0');
    const family = startFamily(argv, { cut: never });
    await family.ended;
    const pid = await sleeper();
    expect(await family.clear((each) => each !== pid)).toEqual([]);
    expect(lives(pid)).toBe(true);
    await family.clear();
  });

  it('ends with all of it when the run is cut short, even what does not listen', async () => {
    const cutter = new AbortController();
    const { argv, sleeper } = starter('', 'trap "" TERM; while :; do sleep 1; done');
    const family = startFamily(argv, { cut: cutter.signal });
    const pid = await sleeper();
    cutter.abort();
    expect(await family.ended).toBe(1);
    await waitUntil('the sleeper to end', async () => (lives(pid) ? undefined : true));
  });
});
