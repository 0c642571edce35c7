/** Starts a program that belongs to this process, and ends it with it. */
import { type ChildProcess, spawn } from 'node:child_process';
import { constants } from 'node:fs';
import { access } from 'node:fs/promises';
import { delimiter, join } from 'node:path';
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
}

/** @throws Fault part_missing with the last lines that the program printed when it ends or does not get ready */
export async function startChild({ program, args, ready, readyMs }: ChildOptions): Promise<ChildProgram> {
  const child = spawn(program, args, { stdio: ['ignore', 'pipe', 'pipe'] });
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
  return { stop: () => end(child, ended) };
}

/** Long enough for redis-server to write its last lines. */
const PATIENCE_MS = 5_000;

async function end(child: ChildProcess, ended: Promise<string>): Promise<void> {
  child.kill('SIGTERM');
  const timer = setTimeout(() => child.kill('SIGKILL'), PATIENCE_MS);
  await ended;
  clearTimeout(timer);
}
