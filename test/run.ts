/**
 * `npm test`: installs what is missing where it may, brings the lab up, runs every suite inside its outside namespace and says what was
 * skipped and why. In CI a skip is a failure.
 */
import { spawnSync } from 'node:child_process';
import { mkdirSync } from 'node:fs';
import { installPackages } from './lab/install-packages.ts';
import { inNamespace, labDown, labState, labUp } from './lab/lab.ts';
import { readReport } from './read-report.ts';

const REPORT = 'test-results/vitest.json';
const isCi = process.env.CI === 'true';

interface Ground {
  /** Where vitest runs. */
  argv: (command: string[]) => string[];
  env: Record<string, string>;
  end: () => Promise<void>;
}

/** The lab where it can be had, the bare machine elsewhere. */
async function prepare(): Promise<Ground> {
  const bare: Ground = { argv: (command) => command, env: {}, end: async () => {} };
  const packages = await installPackages();
  const why = packages.ok
    ? process.getuid?.() === 0
      ? undefined
      : 'network namespaces need root'
    : packages.reason;
  if (why !== undefined) {
    console.log(`The suites that need real LXD hosts are skipped: ${why}.`);
    console.log(`To enable them, as root on Debian 12: ${packages.ok ? 'npm test' : packages.command}`);
    return bare;
  }
  const wasUp = labState() !== undefined;
  const lab = await labUp();
  const end = async () => {
    if (wasUp) return;
    const left = await labDown();
    if (left.length > 0) throw new Error(`The lab left behind: ${left.join(', ')}`);
  };
  return {
    argv: (command) => inNamespace(lab.outsideNamespace, command),
    env: { DRAWBRIDGE_LAB: 'up' },
    end,
  };
}

async function main(): Promise<number> {
  mkdirSync('test-results', { recursive: true });
  const ground = await prepare();
  const reporters = ['--reporter=default', '--reporter=json', `--outputFile.json=${REPORT}`];
  const vitest = ['node_modules/vitest/vitest.mjs', 'run', '--config', 'test/vitest.config.ts', ...reporters];
  const [program = '', ...args] = ground.argv([process.execPath, ...vitest, ...process.argv.slice(2)]);
  const run = spawnSync(program, args, { stdio: 'inherit', env: { ...process.env, ...ground.env } });
  await ground.end();
  const report = readReport(REPORT);
  for (const name of report.skippedSuites) console.log(`skipped: ${name}`);
  if (isCi && report.skipped > 0) console.log('CI allows no skips.');
  console.log(`${report.passed} passed, ${report.failed} failed, ${report.skipped} skipped`);
  return run.status === 0 && report.failed === 0 && !(isCi && report.skipped > 0) ? 0 : 1;
}

process.exitCode = await main();
