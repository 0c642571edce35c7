/** The programs as they are shipped, compiled for the tests that start many: they start in half the time. */
import { execFileSync } from 'node:child_process';
import { copyFileSync, existsSync, symlinkSync } from 'node:fs';
import { join, resolve } from 'node:path';

/** Compiles into a folder and returns the worker's program there. */
export function buildWorker(folder: string): string {
  return buildProgram(folder, 'jobs/worker.js');
}

/** @param program its place below `dist` */
export function buildProgram(folder: string, program: string): string {
  const tsc = resolve('node_modules/.bin/tsc');
  // Types are checked once, by `npm run check`: that takes eight times as long as the rest.
  const args = ['-p', 'tsconfig.json', '--outDir', folder, '--sourceMap', 'false', '--noCheck'];
  execFileSync(tsc, args, { stdio: 'pipe' });
  copyFileSync('package.json', join(folder, 'package.json'));
  if (!existsSync(join(folder, 'node_modules')))
    symlinkSync(resolve('node_modules'), join(folder, 'node_modules'));
  return join(folder, program);
}
