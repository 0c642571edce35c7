import { existsSync, mkdirSync, readdirSync, readFileSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { daemonRuns } from './daemons.ts';
import { ensureHttps } from './https-access.ts';
import { ensureInstances } from './instances.ts';
import { buildImage } from './lab-image.ts';
import { withLabLock } from './lab-lock.ts';
import {
  bridgeName,
  type HostPlan,
  hostDir,
  hostPlans,
  type Lab,
  labDir,
  lan,
  lxdDirOf,
  outside,
} from './lab-plan.ts';
import { ensureLan, lanDhcp } from './lan.ts';
import { ensureLxd } from './lxd-daemon.ts';
import { ensureNamespaces, namespaceExists } from './namespaces.ts';
import { ensureSsh, ensureSshGround } from './ssh-server.ts';
import { stateMark, tearDown } from './tear-down.ts';

export { instanceAddress, launchInstance } from './instances.ts';
export type { Lab, LabHost } from './lab-plan.ts';
export { lxc, lxcQuery } from './lxd-daemon.ts';
export { inNamespace, runInNamespace } from './namespaces.ts';

/** Brings the lab up, or whatever of it is missing. */
export function labUp(): Promise<Lab> {
  return withLabLock(async () => {
    claimFolder();
    await Promise.all([ensureNamespaces(), ensureSshGround()]);
    let image: Promise<string> | undefined;
    const sharedImage = (): Promise<string> => {
      image ??= buildImage();
      return image;
    };
    const hosts = await Promise.all(hostPlans.map((plan) => hostUp(plan, sharedImage)));
    const lab = {
      dir: labDir(),
      outsideNamespace: outside.namespace,
      ownAddress: outside.address,
      strangerAddress: outside.stranger,
      hosts: Object.fromEntries(hosts.map((host) => [host.name, host])),
    };
    writeFileSync(labFile(), `${JSON.stringify(lab, null, 2)}\n`);
    return lab as unknown as Lab;
  });
}

/** Takes the lab down and returns what could not be removed. */
export function labDown(): Promise<string[]> {
  return withLabLock(tearDown);
}

/** The lab, if it is up; only reads files. */
export function labState(): Lab | undefined {
  const daemons = [lanDhcp, ...hostPlans.flatMap((plan) => [`${plan.name}-lxd`, `${plan.name}-sshd`])];
  if (!existsSync(labFile()) || !daemons.every(daemonRuns) || !namespaceExists(outside.namespace))
    return undefined;
  return JSON.parse(readFileSync(labFile(), 'utf8')) as Lab;
}

async function hostUp(plan: HostPlan, image: () => Promise<string>) {
  await ensureLxd(plan);
  const [ssh, https] = await Promise.all([
    ensureSsh(plan),
    plan.httpsPort === undefined ? undefined : ensureHttps(plan, plan.httpsPort),
    ensureInstances(plan, image),
    plan.lan === true ? ensureLan(plan) : undefined,
  ]);
  return {
    name: plan.name,
    namespace: plan.namespace,
    dir: hostDir(plan.name),
    address: plan.address,
    extraAddresses: plan.extraAddresses,
    lxdDir: lxdDirOf(plan.name),
    socket: join(lxdDirOf(plan.name), 'unix.socket'),
    bridge: bridgeName,
    gateway: `${plan.bridgePrefix}.1`,
    subnet: `${plan.bridgePrefix}.0/24`,
    ssh,
    ...(https === undefined ? {} : { https }),
    ...(plan.lan === true ? { lan } : {}),
  };
}

function claimFolder(): void {
  mkdirSync(labDir(), { recursive: true, mode: 0o755 });
  const mark = join(labDir(), stateMark);
  if (existsSync(mark)) return;
  if (readdirSync(labDir()).length > 0)
    throw new Error(`${labDir()} holds something else; set DRAWBRIDGE_LAB_DIR`);
  writeFileSync(mark, '');
}

function labFile(): string {
  return join(labDir(), 'lab.json');
}
