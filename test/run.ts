/**
 * `npm test`: installs what is missing where it may, brings the cloud up in the background and the LXD hosts in front of it, runs the
 * suites where they belong, takes everything down again and says what was skipped and why. In CI a skip is a failure.
 */
import { mkdirSync } from 'node:fs';
import { forgetReports, readReport, reports } from './read-report.ts';
import { bareGround, cloudGround, type Ground, labGround, obstacle } from './run/grounds.ts';
import { createStopwatch } from './run/stopwatch.ts';
import { type Project, startSuites, wantedProjects } from './run/suites.ts';

const isCi = process.env.CI === 'true';
const args = process.argv.slice(2);
const cut = new AbortController();
const watch = createStopwatch();
/** Whatever makes this run a failure beside what the reports say. */
const faults: string[] = [];

// Kept to the end: a second Ctrl-C does not interrupt the clearing up.
for (const signal of ['SIGINT', 'SIGTERM', 'SIGHUP'] as const) {
  process.on(signal, () => {
    if (!cut.signal.aborted) console.log(`\n${signal}: ending what runs, and taking down what was brought up`);
    cut.abort();
  });
}

async function suites(projects: readonly Project[], ground: Ground, report: string): Promise<void> {
  const named = projects.join(', ');
  const { inPlace, env } = ground;
  const run = startSuites({ projects, args, report, inPlace, env, cut: cut.signal });
  try {
    const code = await watch.time(named, () => run.ended);
    if (code !== 0) faults.push(`vitest ended with ${code} for ${named}`);
  } finally {
    const left = await ground.end(run);
    faults.push(...left.map((what) => `left behind: ${what}`));
  }
}

/** Says why there is none, if there is none. */
async function canHave(lab: 'lab' | 'cloud'): Promise<boolean> {
  const why = await watch.time(`packages of the ${lab}`, () => obstacle(lab));
  if (why !== undefined) console.log(why);
  return why === undefined;
}

async function main(): Promise<void> {
  mkdirSync('test-results', { recursive: true });
  forgetReports();
  const wanted = wantedProjects(args);
  if (wanted.length === 0) faults.push(`no test file matches ${args.join(' ')}`);
  const hasLab = (await canHave('lab')) && wanted.includes('lab');
  const hasCloud = wanted.includes('cloud') && (await canHave('cloud'));
  const cloud = hasCloud && !cut.signal.aborted ? cloudGround(cut.signal) : undefined;
  try {
    const first = wanted.filter((name) => name !== 'cloud');
    if (first.length > 0 && !cut.signal.aborted) {
      const ground = hasLab ? await watch.time('lab up', labGround) : bareGround;
      await suites(first, ground, reports.machine);
    }
  } catch (error) {
    await cloud?.end();
    throw error;
  }
  if (!wanted.includes('cloud')) return;
  if (cloud !== undefined) await watch.time('waiting for the cloud', cloud.ready);
  if (!cut.signal.aborted) await suites(['cloud'], cloud ?? bareGround, reports.cloud);
  else await cloud?.end();
}
