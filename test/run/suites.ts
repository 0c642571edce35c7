/** The suites by project: which of them a command line asks for, and one run of vitest with a report of its own. */
import { spawnSync } from 'node:child_process';
import { z } from 'zod';
import { reportOf } from '../read-report.ts';
import { type Family, startFamily } from './child-family.ts';
import type { Ground } from './grounds.ts';

export const PROJECTS = ['fast', 'architecture', 'lab', 'kill', 'cloud', 'faults', 'soak'] as const;
export type Project = (typeof PROJECTS)[number];

const VITEST = 'node_modules/vitest/vitest.mjs';
const CONFIG = ['--config', 'test/vitest.config.ts'];

const listShape = z.array(z.object({ file: z.string(), projectName: z.enum(PROJECTS) }));

/** The projects that have a file for these arguments, as vitest itself sees it; all of them without arguments. */
export function wantedProjects(args: readonly string[]): Project[] {
  if (args.length === 0) return [...PROJECTS];
  const list = [VITEST, 'list', ...CONFIG, ...args, '--filesOnly', '--json'];
  const { status, stdout, stderr } = spawnSync(process.execPath, list, { encoding: 'utf8' });
  if (status !== 0) throw new Error(`vitest does not understand ${args.join(' ')}:\n${stderr.trim()}`);
  const names = new Set(listShape.parse(JSON.parse(stdout)).map(({ projectName }) => projectName));
  return PROJECTS.filter((name) => names.has(name));
}

export interface SuiteRun {
  projects: readonly Project[];
  args: readonly string[];
  ground: Ground;
  cut: AbortSignal;
  /** Takes what they print; absent: printed here. */
  log?: string;
}

export function startSuites({ projects, args, ground, cut, log }: SuiteRun): Family {
  const named = projects.flatMap((name) => ['--project', name]);
  const reporters = ['--reporter=default', '--reporter=json', `--outputFile.json=${reportOf(projects)}`];
  const argv = [process.execPath, VITEST, 'run', ...CONFIG, ...named, ...reporters, ...args];
  return startFamily(ground.inPlace(argv), { env: ground.env, cut, ...(log !== undefined && { log }) });
}
