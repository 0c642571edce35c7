/** A real OpenStack on this machine: up, down, and whether it is there. */
import { spawn } from 'node:child_process';
import { existsSync, mkdirSync, readdirSync, readFileSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { startTime } from '../daemons.ts';
import { withLock } from '../lab-lock.ts';
import { clouds, ensureAccounts } from './accounts.ts';
import { authUrl, type CloudLab, cacheDir, cloudDir, cloudsFile, names, region } from './cloud-plan.ts';
import { cloudMark, tearDownCloud } from './cloud-tear-down.ts';
import { bridgeExists } from './external-bridge.ts';
import { ensureFirstContent } from './first-content.ts';
import { ensureImages } from './guest-images.ts';

export type { CloudLab } from './cloud-plan.ts';
export { emptyProject } from './empty-project.ts';

/** Brings the cloud up, or whatever of it is missing. The packages must be there. */
export function cloudUp(): Promise<CloudLab> {
  return withCloudLock(async () => {
    claimFolder();
    const started = Date.now();
    const say = (what: string) => console.log(`${what} (${((Date.now() - started) / 1000).toFixed(0)} s)`);
    // The images are built beside the databases: each half waits for other things than the other.
    const ready = services();
    await all([ready.then(ensureFirstContent), all([images(), ready]).then(ensureImages)]);
    say('networks, images and flavors are there');
    const lab: CloudLab = {
      dir: cloudDir(),
      cloudsFile: cloudsFile(),
      cloud: clouds.bot,
      appCredentialCloud: clouds.appCredential,
      adminCloud: clouds.admin,
      authUrl,
      region,
      ...names,
    };
    writeFileSync(cloudFile(), `${JSON.stringify(lab, null, 2)}\n`);
    const dead = daemons().filter((name) => !daemonLives(name));
    if (dead.length > 0)
      throw new Error(`Ended again: ${dead.join(', ')}; their logs are in ${cloudDir()}/log`);
    return lab;
  });
}

/** Takes the cloud down and returns what could not be removed. The cache of images and schemas stays. */
export function cloudDown(): Promise<string[]> {
  return withCloudLock(tearDownCloud);
}

/** The cloud, if it is up; only reads files. */
export function cloudState(): CloudLab | undefined {
  if (!existsSync(cloudFile()) || !bridgeExists() || !daemons().every(daemonLives)) return undefined;
  return JSON.parse(readFileSync(cloudFile(), 'utf8')) as CloudLab;
}

async function images(): Promise<void> {
  await script('image-tiny.sh');
  await script('image-debian-lxd.sh');
}

async function services(): Promise<void> {
  await script('ground.sh');
  await ensureAccounts();
  await script('services.sh');
}

function script(name: string): Promise<void> {
  const file = new URL(`scripts/${name}`, import.meta.url).pathname;
  const child = spawn('bash', [file], {
    stdio: ['ignore', 'inherit', 'inherit'],
    env: { ...process.env, DRAWBRIDGE_CLOUD_DIR: cloudDir() },
  });
  return new Promise((resolve, reject) => {
    child.once('error', reject);
    child.once('exit', (code) => (code === 0 ? resolve() : reject(new Error(`${name} ended with ${code}`))));
  });
}

/** Lets everything come to an end before it fails, so that nothing goes on behind the caller's back. */
async function all(work: Promise<void>[]): Promise<void> {
  const failed = (await Promise.allSettled(work)).filter((result) => result.status === 'rejected');
  if (failed[0] !== undefined) throw failed[0].reason;
}

function daemons(): string[] {
  const files = existsSync(runDir()) ? readdirSync(runDir()) : [];
  return files.filter((file) => file.endsWith('.pid')).map((file) => file.slice(0, -'.pid'.length));
}

/** Whether the process that scripts/lib.sh wrote down, "pid starttime", is still that process. */
function daemonLives(name: string): boolean {
  const [pid = '', started] = readFileSync(join(runDir(), `${name}.pid`), 'utf8')
    .trim()
    .split(' ');
  return startTime(Number(pid)) === started;
}

function claimFolder(): void {
  for (const dir of [cloudDir(), cacheDir(), join(cloudDir(), 'log')]) mkdirSync(dir, { recursive: true });
  const mark = join(cloudDir(), cloudMark);
  if (existsSync(mark)) return;
  const foreign = readdirSync(cloudDir()).filter((name) => name !== 'cache' && name !== 'log');
  if (foreign.length > 0) throw new Error(`${cloudDir()} holds something else; set DRAWBRIDGE_CLOUD_DIR`);
  writeFileSync(mark, '');
}

function withCloudLock<T>(work: () => Promise<T>): Promise<T> {
  return withLock({ file: `${cloudDir()}.lock`, what: 'the cloud', seconds: 900 }, work);
}

function cloudFile(): string {
  return join(cloudDir(), 'cloud.json');
}

function runDir(): string {
  return join(cloudDir(), 'run');
}
