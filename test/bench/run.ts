/** `npm run bench`: brings the lab up and runs the benchmark inside its outside namespace. Figures are ratios of one run. */
import { spawnSync } from 'node:child_process';
import { installPackages } from '../lab/install-packages.ts';
import { inNamespace, labDown, labState, labUp } from '../lab/lab.ts';

const packages = await installPackages();
if (!packages.ok || process.getuid?.() !== 0) {
  const reason = packages.ok ? 'network namespaces need root' : packages.reason;
  console.log(
    `The benchmark measures real LXD hosts in network namespaces: ${reason}. As root on Debian 12: npm run bench`,
  );
} else {
  const wasUp = labState() !== undefined;
  const lab = await labUp();
  const command = [process.execPath, '--import', 'tsx', 'test/bench/bench.ts', ...process.argv.slice(2)];
  const [program = '', ...args] = inNamespace(lab.outsideNamespace, command);
  spawnSync(program, args, { stdio: 'inherit', env: { ...process.env, DRAWBRIDGE_LAB: 'up' } });
  if (!wasUp) await labDown();
}
