/** A program that is run with everything that comes of it: whatever it leaves behind is found again and ended. */
import { spawn } from 'node:child_process';
import { existsSync, openSync, readFileSync } from 'node:fs';
import { startTime } from '../lab/daemons.ts';
import { readProcesses } from '../lab/lab-processes.ts';
import { waitUntil } from '../lab/wait-until.ts';

export interface FamilyOptions {
  env?: Record<string, string>;
  /** Takes what it prints; absent: printed here. */
  log?: string;
  /** Ends all of it. */
  cut: AbortSignal;
}

export interface Family {
  /** Its exit code; 1 when a signal ended it. */
  ended: Promise<number>;
  /** Ends what is still there, and says in words what that was. */
  clear(isOurs?: (pid: number) => boolean): Promise<string[]>;
}

const LOOK_MS = 500;

/** In a session of its own, so that Ctrl-C reaches only this process, which ends the family in order. */
export function startFamily([program = '', ...args]: readonly string[], options: FamilyOptions): Family {
  const out = options.log === undefined ? 'inherit' : openSync(options.log, 'w');
  const env = { ...process.env, ...options.env };
  const child = spawn(program, args, { detached: true, stdio: ['ignore', out, out], env });
  // Programs may leave their session and lose their parent, so they are remembered while they can still be told.
  const seen = new Map<number, string>();
  const look = (): number[] => {
    for (const pid of familyOf(child.pid ?? 0, living(seen)))
      if (!seen.has(pid)) seen.set(pid, startTime(pid) ?? '');
    return living(seen);
  };
  const timer = setInterval(look, LOOK_MS);
  const ended = new Promise<number>((resolve, reject) => {
    child.once('error', reject);
    child.once('exit', (code) => resolve(code ?? 1));
  }).finally(() => clearInterval(timer));
  const clear = async (isOurs: (pid: number) => boolean = () => true): Promise<string[]> => {
    const present = (): number[] => look().filter(isOurs);
    await gone(present, 2); // who has been told to end may need a moment
    const left = present().map((pid) => `process ${pid} (${commandOf(pid)})`);
    await endAll(present);
    return left;
  };
  const endNow = (): void => {
    child.kill();
    void endAll(look);
  };
  if (options.cut.aborted) endNow();
  else options.cut.addEventListener('abort', endNow, { once: true });
  return { ended, clear };
}

async function endAll(present: () => number[]): Promise<void> {
  for (const signal of ['SIGTERM', 'SIGKILL'] as const) {
    for (const pid of present()) kill(pid, signal);
    await gone(present, 5);
  }
}

/** The program, what is in its session, what is known, and all that came of these as far as their parents still live. */
function familyOf(program: number, known: readonly number[]): ReadonlySet<number> {
  const all = existsSync('/proc/self/stat') ? readProcesses() : [];
  const found = new Set([
    ...known,
    ...all.filter(({ session }) => session === program).map(({ pid }) => pid),
  ]);
  for (let before = -1; found.size > before; ) {
    before = found.size;
    for (const { pid, parent } of all) if (found.has(parent)) found.add(pid);
  }
  return found;
}

/** A pid alone may by now belong to somebody else. */
function living(seen: ReadonlyMap<number, string>): number[] {
  return [...seen].filter(([pid, started]) => startTime(pid) === started).map(([pid]) => pid);
}

async function gone(present: () => number[], seconds: number): Promise<void> {
  const ask = async () => (present().length === 0 ? true : undefined);
  await waitUntil('the end', ask, { seconds }).catch(() => {}); // the caller looks again
}

function kill(pid: number, signal: NodeJS.Signals): void {
  try {
    process.kill(pid, signal);
  } catch {
    // ended in between
  }
}

function commandOf(pid: number): string {
  try {
    return readFileSync(`/proc/${pid}/cmdline`, 'utf8').replaceAll('\0', ' ').trim().slice(0, 80);
  } catch {
    return 'ended';
  }
}
