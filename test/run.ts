/**
 * `npm test`: installs what is missing where it may, brings the LXD hosts and the cloud up, runs each suite where it belongs, takes down
 * what was not up before, and says what was skipped and why. In CI a skip is a failure.
 */
import { mkdirSync, readFileSync } from 'node:fs';
import { forgetReports, inOneLine, readReports } from './read-report.ts';
import { cutShort } from './run/cut-short.ts';
import { bareGround, cloudGround, type Ground, labGround, obstacle } from './run/grounds.ts';
import { createStopwatch } from './run/stopwatch.ts';
import { type Project, startSuites, wantedProjects } from './run/suites.ts';

const isCi = process.env.CI === 'true';
const args = process.argv.slice(2);
const watch = createStopwatch();
let wanted: readonly Project[] = [];
/** Whatever makes this run a failure. */
const faults: string[] = [];

const cut = cutShort((signal) => faults.push(`cut short by ${signal}`));

/** Runs those of the projects that are wanted, on a ground that is up or else says itself what is missing. */
async function runSuites(ground: Ground, projects: readonly Project[], log?: string): Promise<void> {
  const named = projects.filter((name) => wanted.includes(name));
  if (named.length === 0 || cut.aborted) return;
  const run = startSuites({ projects: named, args, ground, cut, ...(log !== undefined && { log }) });
  const what = named.join(', ');
  const code = await watch.time(what, () => run.ended);
  if (log !== undefined) console.log(readFileSync(log, 'utf8'));
  if (code !== 0 && !cut.aborted) faults.push(`vitest ended with ${code} for ${what}`);
  const theirs = new Set(await ground.processes());
  const left = await run.clear((pid) => !theirs.has(pid));
  faults.push(...left.map((each) => `left behind by ${what}: ${each}`));
}

/** Brings a ground up, or as good as it goes; whatever happens on it, it is taken down. */
async function onGround(ground: Ground, work: () => Promise<void>): Promise<void> {
  if (cut.aborted) return;
  try {
    const obstacle = await watch.time(`${ground.name} up`, ground.ready);
    if (obstacle !== undefined) faults.push(`the ${ground.name} did not come up: ${obstacle}`);
    await work();
  } finally {
    await takeDown(ground);
  }
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

/**
 * In an order that gives each suite the machine that it needs, of which two processors are enough. Those of the lab and the faults wait
 * most of the time and those of the cloud work more than they wait: these go side by side. Whatever kills workers keeps a machine busy
 * by itself. The packages of the cloud are fetched beside the first suites.
 */
async function main(): Promise<void> {
  mkdirSync('test-results', { recursive: true });
  forgetReports();
  wanted = wantedProjects(args);
  if (wanted.length === 0) faults.push(`no test file fits ${args.join(' ')}`);
  // The lab's packages serve the other suites as well.
  const hasLab = (await canHave('lab')) && (wanted.includes('lab') || wanted.includes('kill'));
  const hasCloud = wanted.includes('cloud') ? canHave('cloud') : Promise.resolve(false);
  hasCloud.catch(() => {}); // told where it is waited for
  const lab = hasLab ? labGround() : bareGround;
  await onGround(lab, async () => {
    await runSuites(lab, ['fast', 'architecture']);
    const cloud = (await hasCloud) ? cloudGround(cut) : bareGround;
    await together([
      runSuites(lab, ['lab']),
      runSuites(lab, ['faults'], 'test-results/faults.log'),
      onGround(cloud, () => runSuites(cloud, ['cloud'], 'test-results/cloud.log')),
    ]);
    await runSuites(lab, ['kill', 'soak']);
  });
}

/** Waits for all of them also where one fails. */
async function together(works: Promise<void>[]): Promise<void> {
  for (const result of await Promise.allSettled(works)) if (result.status === 'rejected') throw result.reason;
}

await main().catch((error: unknown) => faults.push(error instanceof Error ? error.message : String(error)));
const report = readReports();
for (const name of report.skippedSuites) console.log(`skipped: ${name}`);
if (isCi && report.skipped > 0) faults.push('CI allows no skips');
console.log(`took: ${watch.inWords()}`);
for (const fault of faults) console.log(`failure: ${fault}`);
console.log(inOneLine(report));
process.exitCode = faults.length === 0 && report.failed === 0 ? 0 : 1;
