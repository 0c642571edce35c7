/** Starts a program that belongs to this process, and ends it with it. */
import { type ChildProcess, spawn } from 'node:child_process';
import { constants, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { access } from 'node:fs/promises';
import { basename, delimiter, join } from 'node:path';
import { setTimeout as sleep } from 'node:timers/promises';
import { Fault, messageOf } from '../errors.ts';

/** Where a program is among the folders of a PATH; undefined when it is in none. */
export async function findProgram(name: string, searchPath: string): Promise<string | undefined> {
  for (const folder of searchPath.split(delimiter)) {
    const path = join(folder, name);
    if (
      await access(path, constants.X_OK).then(
        () => true,
        () => false,
      )
    )
      return path;
  }
  return undefined;
}

export interface ChildProgram {
  stop(): Promise<void>;
}

export interface ChildOptions {
  program: string;
  args: readonly string[];
  /** Answers when the program is ready; asked until it does. */
  ready: () => Promise<boolean>;
  readyMs: number;
  /** Remembers the program's process, so that one whose parent was killed is ended before the next is started. */
  pidFile: string;
}

/** @throws Fault part_missing with the last lines that the program printed when it ends or does not get ready */
export async function startChild({
  program,
  args,
  ready,
  readyMs,
  pidFile,
}: ChildOptions): Promise<ChildProgram> {
  await endOrphan(program, pidFile);
  // Its own process group: Ctrl-C is for this process, which ends its programs in order.
  const child = spawn(program, args, { stdio: ['ignore', 'pipe', 'pipe'], detached: true });
  writeFileSync(pidFile, String(child.pid ?? ''));
  let said = '';
  const listen = (chunk: Buffer) => {
    said = (said + chunk.toString()).slice(-600);
  };
  child.stdout.on('data', listen);
  child.stderr.on('data', listen);
  const ended = new Promise<string>((resolve) => {
    child.once('error', (error) => resolve(messageOf(error)));
    child.once('exit', (code) => resolve(`it ended with ${code}`));
  });
  let over: string | undefined;
  ended.then((why) => {
    over = why;
  });
  for (const until = Date.now() + readyMs; !(await ready().catch(() => false)); await sleep(30)) {
    if (over === undefined && Date.now() < until) continue;
    child.kill('SIGKILL');
    throw new Fault(
      'part_missing',
      `${program} does not start: ${over ?? 'it does not get ready'}; it said: ${said.trim() || 'nothing'}`,
    );
  }
  return {
    async stop() {
      await end(child, ended);
      rmSync(pidFile, { force: true });
    },
  };
}

/** Long enough for redis-server to write its last lines. */
const PATIENCE_MS = 5_000;

async function end(child: ChildProcess, ended: Promise<string>): Promise<void> {
  child.kill('SIGTERM');
  const timer = setTimeout(() => child.kill('SIGKILL'), PATIENCE_MS);
  await ended;
  clearTimeout(timer);
}

async function endOrphan(program: string, pidFile: string): Promise<void> {
  const pid = orphanOf(program, pidFile);
  if (pid === undefined) return;
  process.kill(pid, 'SIGTERM');
  for (
    const until = Date.now() + PATIENCE_MS;
    orphanOf(program, pidFile) !== undefined && Date.now() < until;
  )
    await sleep(50);
}

/** The process in the file, if it still is that program (Linux: /proc; elsewhere nothing is known and nothing ended). */
function orphanOf(program: string, pidFile: string): number | undefined {
  try {
    const pid = Number(readFileSync(pidFile, 'utf8'));
    const command = readFileSync(`/proc/${pid}/cmdline`, 'utf8');
    return pid > 0 && command.includes(basename(program)) ? pid : undefined;
  } catch {
    return undefined;
  }
}
