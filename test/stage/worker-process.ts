/** A worker in a process of its own, which a test can kill. */
import { type ChildProcess, spawn } from 'node:child_process';

export interface WorkerProcess {
  /** kill -9. */
  kill(): void;
  /** SIGTERM, and its exit code. */
  end(): Promise<number | null>;
  /** What it printed. */
  said(): string;
}

/**
 * @param env the settings, on top of this process's environment
 * @param program one that was compiled before; the source by default
 */
export function spawnWorker(env: Record<string, string>, program?: string): WorkerProcess {
  const args = program === undefined ? ['--import', 'tsx', 'jobs/worker.ts'] : [program];
  const child: ChildProcess = spawn(process.execPath, args, {
    env: { ...process.env, LOG_FORMAT: 'json', PORT: '0', ...env },
    stdio: ['ignore', 'pipe', 'pipe'],
  });
  let text = '';
  child.stdout?.on('data', (chunk) => (text += chunk));
  child.stderr?.on('data', (chunk) => (text += chunk));
  const exited = new Promise<number | null>((resolve) => child.once('exit', resolve));
  return {
    kill: () => void child.kill('SIGKILL'),
    async end() {
      child.kill('SIGTERM');
      return exited;
    },
    said: () => text,
  };
}
