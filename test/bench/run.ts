/**
 * `npm run bench`: brings up what the asked parts need and runs them, those with LXD hosts in the namespace outside of these, that with
 * the cloud beside it. Names of parts as arguments run only those. Figures are ratios of one run.
 */
import { mkdirSync } from 'node:fs';
import { startFamily } from '../run/child-family.ts';
import { cutShort } from '../run/cut-short.ts';
import { cloudGround, type Ground, labGround, obstacle } from '../run/grounds.ts';

const cut = cutShort((signal) => console.log(`\ncut short by ${signal}`));
const asked = process.argv.slice(2);
const others = asked.filter((part) => part !== 'host-create');

async function measureOn(lab: 'lab' | 'cloud', groundOf: () => Ground, argv: string[]): Promise<void> {
  const why = await obstacle(lab);
  if (why !== undefined || cut.aborted) return console.log(why ?? '');
  const ground = groundOf();
  try {
    const broken = await ground.ready();
    if (broken !== undefined) throw new Error(`the ${lab} did not come up: ${broken}`);
    const bench = [process.execPath, '--import', 'tsx', ...argv];
    const family = startFamily(ground.inPlace(bench), { env: ground.env, cut });
    process.exitCode = (await family.ended) || (process.exitCode ?? 0);
    const theirs = new Set(await ground.processes());
    await family.clear((pid) => !theirs.has(pid));
  } finally {
    await ground.end();
  }
}

mkdirSync('test-results', { recursive: true });
if (asked.length === 0 || others.length > 0)
  await measureOn('lab', labGround, ['test/bench/bench.ts', ...others]);
if (asked.length === 0 || others.length < asked.length)
  await measureOn('cloud', () => cloudGround(cut), ['test/bench/cloud.ts']);
