/** `npm run cloud` and `npm run cloud:down`. */
import { rmSync } from 'node:fs';
import { type CloudLab, cloudDown, cloudState, cloudUp, emptyProject } from './cloud-lab.ts';
import { installCloudPackages } from './cloud-packages.ts';
import { cloudDir } from './cloud-plan.ts';

const started = Date.now();

async function up(): Promise<void> {
  const packages = await installCloudPackages();
  if (!packages.ok) throw new Error(`${packages.reason}\nTo enable it: ${packages.command}`);
  // The remains of one that was cut short are no ground.
  if (cloudState() === undefined) await cloudDown();
  const cloud = await cloudUp();
  console.log(manual(cloud));
  console.log(`The cloud is up after ${seconds()}. Take it down: npm run cloud:down`);
}

async function down(): Promise<void> {
  const left = await cloudDown();
  if (left.length > 0) throw new Error(`Still there:\n  ${left.join('\n  ')}`);
  if (process.argv.includes('--all')) rmSync(cloudDir(), { recursive: true, force: true });
  console.log(`The cloud is down after ${seconds()}; nothing is left of it.`);
}

async function empty(): Promise<void> {
  await emptyProject();
  console.log(`The project is empty after ${seconds()}.`);
}

function manual(cloud: CloudLab): string {
  return [
    `OpenStack at ${cloud.authUrl}, region ${cloud.region}`,
    `  OS_CLIENT_CONFIG_FILE=${cloud.cloudsFile} OS_CLOUD=${cloud.cloud} (also ${cloud.appCredentialCloud}, ${cloud.adminCloud})`,
    `Networks of project ${cloud.project}: ${cloud.network}, ${cloud.dryNetwork} (no DHCP), ${cloud.islandNetwork} (no router); outside: ${cloud.externalNetwork}`,
    `Images: ${cloud.image} with ${cloud.flavor} or ${cloud.smallFlavor}, ${cloud.tinyImage} with ${cloud.tinyFlavor}`,
    `All of this as JSON: ${cloud.dir}/cloud.json`,
  ].join('\n');
}

function seconds(): string {
  return `${((Date.now() - started) / 1000).toFixed(1)} s`;
}

const commands = new Map([
  ['up', up],
  ['down', down],
  ['empty', empty],
]);
const command = commands.get(process.argv[2] ?? '');
try {
  if (command === undefined) throw new Error(`Usage: cli.ts ${[...commands.keys()].join(' | ')}`);
  await command();
} catch (error) {
  console.error(error instanceof Error ? error.message : error);
  process.exitCode = 1;
}
