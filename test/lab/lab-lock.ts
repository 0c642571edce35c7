import { linkSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { startTime } from './daemons.ts';
import { labDir } from './lab-plan.ts';
import { waitUntil } from './wait-until.ts';

export interface LockOptions {
  file: string;
  /** In words, for the error. */
  what: string;
  /** How long another run may keep it. */
  seconds: number;
}

/** Runs `work` while nobody else brings the lab up or down. */
export function withLabLock<T>(work: () => Promise<T>): Promise<T> {
  // Beside the state folder, because taking the lab down removes the folder.
  return withLock({ file: `${labDir()}.lock`, what: 'the lab', seconds: 180 }, work);
}

/** Runs `work` while nobody else holds the lock. The lock of a process that died counts for nothing. */
export async function withLock<T>({ file, what, seconds }: LockOptions, work: () => Promise<T>): Promise<T> {
  const own = `${process.pid} ${startTime(process.pid)}`;
  await waitUntil(`another run to let go of ${what}`, async () => take(file, own), { seconds, pauseMs: 200 });
  try {
    return await work();
  } finally {
    rmSync(file, { force: true });
  }
}

function take(file: string, own: string): true | undefined {
  const draft = `${file}.${process.pid}`;
  writeFileSync(draft, own);
  try {
    // A link appears with its content, so nobody reads half a lock.
    linkSync(draft, file);
    return true;
  } catch {
    if (!holderLives(file)) rmSync(file, { force: true });
    return undefined;
  } finally {
    rmSync(draft, { force: true });
  }
}

function holderLives(file: string): boolean {
  try {
    const [pid = '', started] = readFileSync(file, 'utf8').split(' ');
    return startTime(Number(pid)) === started;
  } catch {
    return false;
  }
}
