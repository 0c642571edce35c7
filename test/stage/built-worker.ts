/** The programs for the tests that start many of them, each in one file: they start with less than half of the work. */
import { symlinkSync } from 'node:fs';
import { join, resolve } from 'node:path';
import { build } from 'esbuild';

/** Packages that look for files of their own beside them. */
const APART = ['pkgcloud', 'ssh2'];

/** CommonJS packages ask for `require`, which a module does not have. */
const REQUIRE =
  "import { createRequire } from 'node:module'; const require = createRequire(import.meta.url);";

/** Builds into a folder and returns the worker's program there. */
export function buildWorker(folder: string): Promise<string> {
  return buildProgram(folder, 'jobs/worker.ts');
}

/** @param program its place in the repository */
export async function buildProgram(folder: string, program: string): Promise<string> {
  const outfile = join(folder, 'program.mjs');
  await build({
    ...{ entryPoints: [program], outfile, bundle: true, external: APART },
    ...{ platform: 'node', format: 'esm', target: 'node20', banner: { js: REQUIRE }, logLevel: 'warning' },
  });
  symlinkSync(resolve('node_modules'), join(folder, 'node_modules'));
  return outfile;
}
