/**
 * `npm test`: installs what is missing where it may, brings the LXD hosts and the cloud up, runs each suite where it belongs, those of the
 * cloud and the faults beside the others, takes down what was not up before, and says what was skipped and why. In CI a skip is a failure.
 */
import { mkdirSync, readFileSync } from 'node:fs';
import { forgetReports, inOneLine, REPORTS, readReports } from './read-report.ts';
import { cutShort } from './run/cut-short.ts';
import { bareGround, cloudGround, type Ground, labGround, obstacle } from './run/grounds.ts';
import { createStopwatch } from './run/stopwatch.ts';
import { type Project, startSuites, wantedProjects } from './run/suites.ts';

const isCi = process.env.CI === 'true';
const args = process.argv.slice(2);
const watch = createStopwatch();
/** What the suites beside the others print, told in one piece when they have ended. */
const SECOND_LOG = 'test-results/second-suites.log';
/** Whatever makes this run a failure. */
const faults: string[] = [];

const cut = cutShort((signal) => faults.push(`cut short by ${signal}`));

/** Runs projects on a ground that is up, or as good as it goes where it did not come up: then they say themselves what is missing. */
async function runSuites(
  projects: readonly Project[],
  ground: Ground,
  report: string,
  log?: string,
): Promise<void> {
  const obstacle = await watch.time(`${ground.name} up`, ground.ready);
  if (cut.aborted) return;
  if (obstacle !== undefined) faults.push(`the ${ground.name} did not come up: ${obstacle}`);
  const run = startSuites({ projects, args, report, ground, cut, ...(log !== undefined && { log }) });
  const what = projects.join(', ');
  const code = await watch.time(what, () => run.ended);
  if (log !== undefined) console.log(readFileSync(log, 'utf8'));
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
  // The faults need no lab, and the cloud’s suites are the shorter ones.
  const second = wanted.filter((name) => name === 'cloud' || name === 'faults');
  const first = wanted.filter((name) => name !== 'cloud' && name !== 'faults');
  if (wanted.length === 0) faults.push(`no test file fits ${args.join(' ')}`);
  // The lab's packages serve the other suites as well.
  const hasLab = (await canHave('lab')) && (wanted.includes('lab') || wanted.includes('kill'));
  // One after the other: either keeps both processors of a small machine busy, and side by side each would wait for the other in vain. The
  // packages of the cloud wait for a network, and are fetched beside the first suites.
  const cloud = wanted.includes('cloud') ? canHave('cloud') : Promise.resolve(false);
  const results = await Promise.allSettled([
    runOn(hasLab ? labGround : () => bareGround, first, REPORTS.first).then(async () =>
      runOn((await cloud) ? () => cloudGround(cut) : () => bareGround, second, REPORTS.second, SECOND_LOG),
    ),
  ]);
  for (const result of results) if (result.status === 'rejected') throw result.reason;
}

/** Whatever happens on the ground, it is taken down. */
async function runOn(
  groundOf: () => Ground,
  projects: readonly Project[],
  report: string,
  log?: string,
): Promise<void> {
  if (projects.length === 0 || cut.aborted) return;
  const ground = groundOf();
  try {
    await runSuites(projects, ground, report, log);
  } finally {
    await takeDown(ground);
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
