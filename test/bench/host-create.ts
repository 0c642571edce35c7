/** `host create` on the real cloud, from the request to an LXD that answers, against the same boot by hand. */
import { mkdtempSync, readFileSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { cloudInit } from '../../src/core/cloud-init.ts';
import { type Backstage, openBackstage } from '../jobs/backstage.ts';
import type { CloudLab } from '../lab/openstack/cloud-lab.ts';
import { runCommand } from '../lab/run-command.ts';
import { until } from '../stage/until.ts';
import { bareBoot, warmImage } from './bare-boot.ts';
import { type Figure, timed } from './figures.ts';

const NAME = 'bench-host';
const USER = 'drawbridge';
/** A boot that is emulated takes minutes where the machine has other work. */
const PATIENCE_MS = 15 * 60_000;

/** One boot each, as each takes more than a minute: Drawbridge's first, then the one by hand; the image is cached before both. */
export async function benchHostCreate(cloud: CloudLab): Promise<Figure[]> {
  const folder = mkdtempSync(join(tmpdir(), 'db-bench-'));
  const keyFile = join(folder, 'id_ed25519');
  await runCommand(['ssh-keygen', '-q', '-t', 'ed25519', '-N', '', '-C', USER, '-f', keyFile]);
  const publicKey = readFileSync(`${keyFile}.pub`, 'utf8').trim();
  const back = await openBackstage({}, undefined, undefined, settingsOf(cloud, keyFile));
  try {
    await back.work();
    await warmImage(cloud);
    const own = await timed(
      1,
      () => create(back),
      () => remove(back),
    );
    const userData = cloudInit({ name: NAME, user: USER, publicKey, withDefaultUser: false });
    const host = { name: NAME, userData, user: USER, privateKey: readFileSync(keyFile, 'utf8'), publicKey };
    let clear = async (): Promise<void> => {};
    const boot = async (): Promise<void> => {
      clear = await bareBoot(cloud, host);
    };
    const bare = await timed(1, boot, () => clear());
    return [figureOf(own[0] ?? Number.NaN, bare[0] ?? Number.NaN)];
  } finally {
    await back.close();
    rmSync(folder, { recursive: true, force: true });
  }
}

function figureOf(own: number, bare: number): Figure {
  const seconds = (ms: number): string => `${(ms / 1000).toFixed(1)} s`;
  return {
    what: 'host create, from the request to LXD, against the bare boot',
    measured: `${(own / bare).toFixed(2)}x (${seconds(own)}, ${seconds(bare)})`,
    wanted: '<= 1.15x',
    holds: own / bare <= 1.15,
  };
}

function settingsOf(cloud: CloudLab, keyFile: string) {
  const section = {
    os_cloud: cloud.cloud,
    external_network: cloud.externalNetwork,
    network: cloud.network,
    image: cloud.image,
    flavor: cloud.flavor,
    user: USER,
    key_file: keyFile,
    ssh_from: [`${cloud.gateway}/32`],
  };
  return { section: { lab: section }, env: { OS_CLIENT_CONFIG_FILE: cloud.cloudsFile } };
}

/** Making a host always needs approval; here it comes as soon as the plan is there. */
async function create(back: Backstage): Promise<void> {
  const id = await back.ask(`host create ${NAME}`);
  await back.approve(id);
  await ended(back, id);
}

async function remove(back: Backstage): Promise<void> {
  const id = await back.ask(`host delete ${NAME}`);
  await back.approve(id);
  await back.approve(id, 'U0DAVE');
  await ended(back, id);
}

/** Looks seldom: the guest is emulated on the same processors, and slower for every look. */
async function ended({ records }: Backstage, id: string): Promise<void> {
  const outcome = async () => (await records.requests.get(id))?.outcome;
  const found = await until(outcome, `${id} to end`, PATIENCE_MS, 200);
  if (found.kind !== 'done') throw new Error(`${id}: ${JSON.stringify(found)}`);
}
