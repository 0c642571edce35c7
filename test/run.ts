/**
 * `npm test`: installs what is missing where it may, has the cloud come up behind the other suites, runs each suite where it belongs,
 * takes down what was not up before, and says what was skipped and why. In CI a skip is a failure.
 */
import { mkdirSync } from 'node:fs';
import { forgetReports, inOneLine, REPORTS, readReports } from './read-report.ts';
import { bareGround, cloudGround, type Ground, labGround, obstacle } from './run/grounds.ts';
import { createStopwatch } from './run/stopwatch.ts';
import { type Project, startSuites, wantedProjects } from './run/suites.ts';

const isCi = process.env.CI === 'true';
const args = process.argv.slice(2);
const watch = createStopwatch();
/** Whatever makes this run a failure. */
const faults: string[] = [];

const cutter = new AbortController();
const cut = cutter.signal;
for (const signal of ['SIGINT', 'SIGTERM', 'SIGHUP'] as const) {
  // Whoever presses Ctrl-C again does not interrupt the clearing up.
  process.on(signal, () => {
    if (!cut.aborted) faults.push(`cut short by ${signal}`);
    cutter.abort();
  });
}

/** Runs projects on a ground that is up, or as good as it goes where it did not come up: then they say themselves what is missing. */
async function runSuites(projects: readonly Project[], ground: Ground, report: string): Promise<void> {
  const obstacle = await watch.time(`${ground.name} up`, ground.ready);
  if (cut.aborted) return;
  if (obstacle !== undefined) faults.push(`the ${ground.name} did not come up: ${obstacle}`);
  const run = startSuites({ projects, args, report, ground, cut });
  const what = projects.join(', ');
  const code = await watch.time(what, () => run.ended);
  if (code !== 0 && !cut.aborted) faults.push(`vitest ended with ${code} for ${what}`);
  const theirs = new Set(await ground.processes());
  const left = await run.clear((pid) => !theirs.has(pid));
  faults.push(...left.map((each) => `left behind by ${what}: ${each}`));
}

async function takeDown(ground: Ground): Promise<void> {
  const left = await watch.time(`${ground.name} down`, ground.end);
  faults.push(...left.map((each) => `left behind by the ${ground.name}: ${each}`));
}

/** Says so where the machine cannot have it. */
async function canHave(lab: 'lab' | 'cloud'): Promise<boolean> {
  if (cut.aborted) return false;
  const why = await watch.time(`packages of the ${lab}`, () => obstacle(lab));
  if (why !== undefined) console.log(why);
  return why === undefined;
}

async function main(): Promise<void> {
  mkdirSync('test-results', { recursive: true });
  forgetReports();
  const wanted = wantedProjects(args);
  const first = wanted.filter((name) => name !== 'cloud');
  if (wanted.length === 0) faults.push(`no test file fits ${args.join(' ')}`);
  // The lab's packages serve the other suites as well.
  const hasLab = (await canHave('lab')) && wanted.includes('lab');
  const hasCloud = wanted.includes('cloud') && (await canHave('cloud'));
  const cloud = hasCloud && !cut.aborted ? cloudGround(cut) : bareGround;
  try {
    const ground = hasLab && !cut.aborted ? labGround() : bareGround;
    try {
      if (first.length > 0) await runSuites(first, ground, REPORTS.first);
    } finally {
      await takeDown(ground);
    }
    if (wanted.includes('cloud')) await runSuites(['cloud'], cloud, REPORTS.cloud);
  } finally {
    await takeDown(cloud);
  }
}

await main().catch((error: unknown) => faults.push(error instanceof Error ? error.message : String(error)));
const report = readReports();
for (const name of report.skippedSuites) console.log(`skipped: ${name}`);
if (isCi && report.skipped > 0) faults.push('CI allows no skips');
console.log(`took: ${watch.inWords()}`);
for (const fault of faults) console.log(`failure: ${fault}`);
console.log(inOneLine(report));
process.exitCode = faults.length === 0 && report.failed === 0 ? 0 : 1;
