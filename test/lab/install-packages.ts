import { spawn, spawnSync } from 'node:child_process';
import { existsSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { withLock } from './lab-lock.ts';

export type InstallResult =
  | { ok: true; installed: string[] }
  /** `command` is what a person can run to get there. */
  | { ok: false; reason: string; command: string };

/** What the lab and the tests that run in it need, by the names of Debian. */
export const labPackages: readonly string[] = [
  'lxd',
  'lxd-client',
  'dnsmasq-base',
  'nftables',
  'iproute2',
  'procps',
  'util-linux',
  'openssh-server',
  'openssh-client',
  'openssl',
  'busybox-static',
  'iperf3',
  'socat',
  'curl',
  'sudo',
  'libfaketime',
  'redis-server',
  'chromium',
];

/**
 * Installs what is missing and says so; a machine that has everything is left alone, whoever asks. `prepare` runs before
 * anything is installed. One run at a time: a second one waits, as both may be needed at once.
 */
export async function installPackages(
  packages = labPackages,
  prepare: () => void = () => {},
): Promise<InstallResult> {
  const missing = packages.filter((name) => !isInstalled(name));
  if (missing.length === 0) return { ok: true, installed: [] };
  const command = `apt-get update && apt-get install -y --no-install-recommends ${missing.join(' ')}`;
  if (!isDebian())
    return { ok: false, reason: `the lab needs Debian 12 or newer for its package lxd`, command };
  if (process.getuid?.() !== 0)
    return { ok: false, reason: `not root, and these are missing: ${missing}`, command };
  const lock = { file: join(tmpdir(), 'drawbridge-packages.lock'), what: 'apt', seconds: 900 };
  const failure = await withLock(lock, () => install(missing, prepare));
  return failure === undefined ? { ok: true, installed: missing } : { ok: false, reason: failure, command };
}

function install(missing: readonly string[], prepare: () => void): Promise<string | undefined> {
  console.log(`Installing ${missing.join(' ')}`);
  return withoutStartingServices(async () => {
    if (!(await aptGet('update'))) return 'apt-get update failed';
    prepare();
    return (await aptGet('install', '-y', '--no-install-recommends', ...missing))
      ? undefined
      : 'apt-get install failed';
  });
}

function isInstalled(name: string): boolean {
  const query = spawnSync('dpkg-query', ['--status', name], { encoding: 'utf8' });
  return query.status === 0 && query.stdout.includes('Status: install ok installed');
}

function isDebian(): boolean {
  // Ubuntu has LXD as a snap only, whose daemon cannot be put into a namespace.
  return existsSync('/etc/os-release') && /^ID=debian$/m.test(readFileSync('/etc/os-release', 'utf8'));
}

/** Beside suites that run already: these wait for others, and are not to wait for this. */
function aptGet(...args: string[]): Promise<boolean> {
  const env = { ...process.env, DEBIAN_FRONTEND: 'noninteractive' };
  // Somebody else may be installing at the same time, and a changed settings file is no reason to ask.
  const options = ['DPkg::Lock::Timeout=600', 'Dpkg::Options::=--force-confold'];
  // A machine for tests is not kept through a power failure; waiting for the disk at every file holds up whatever else runs.
  if (process.env.CI === 'true') options.push('Dpkg::Options::=--force-unsafe-io');
  const child = spawn('nice', ['apt-get', '-qq', ...options.flatMap((option) => ['-o', option]), ...args], {
    env,
    stdio: 'inherit',
  });
  return new Promise((resolve) => {
    child.once('error', () => resolve(false));
    child.once('exit', (code) => resolve(code === 0));
  });
}

/** Debian starts what it installs unless this file says no; the lab starts its own. */
async function withoutStartingServices<T>(work: () => Promise<T>): Promise<T> {
  const policy = '/usr/sbin/policy-rc.d';
  if (existsSync(policy)) return work(); // the machine has an opinion already
  writeFileSync(policy, '#!/bin/sh\nexit 101\n', { mode: 0o755 });
  try {
    return await work();
  } finally {
    rmSync(policy, { force: true });
  }
}
