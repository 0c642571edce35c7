/** A program that is run with everything that comes of it: whatever it leaves behind is found again and ended. */
import { spawn } from 'node:child_process';
import { existsSync, openSync, readFileSync } from 'node:fs';
import { type Process, readProcesses } from '../lab/lab-processes.ts';
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

const LOOK_MS = 1_000;

/** In a session of its own, so that Ctrl-C reaches only this process, which ends the family in order. */
export function startFamily([program = '', ...args]: readonly string[], options: FamilyOptions): Family {
  const out = options.log === undefined ? 'inherit' : openSync(options.log, 'w');
  const env = { ...process.env, ...options.env };
  const child = spawn(program, args, { detached: true, stdio: ['ignore', out, out], env });
  // Programs may leave their session and lose their parent, so they are remembered for as long as they live.
  let seen: ReadonlyMap<number, string> = new Map();
  const look = (): number[] => {
    const family = familyOf(child.pid ?? 0, seen, existsSync('/proc/self/stat') ? readProcesses() : []);
    seen = new Map(family.map(({ pid, started }) => [pid, started]));
    return [...seen.keys()];
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

/**
 * Who lives of the program: itself, what is in its session, what is known, and all that came of these as far as their parents still live.
 * @param known by pid, with the time of its start: a pid alone may by now belong to somebody else
 */
function familyOf(
  program: number,
  known: ReadonlyMap<number, string>,
  all: readonly Process[],
): readonly Process[] {
  const isOurs = ({ pid, session, started }: Process) => session === program || known.get(pid) === started;
  const found = new Set([program, ...all.filter(isOurs).map(({ pid }) => pid)]);
  for (let before = -1; found.size > before; ) {
    before = found.size;
    for (const { pid, parent } of all) if (found.has(parent)) found.add(pid);
  }
  return all.filter(({ pid }) => found.has(pid));
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
