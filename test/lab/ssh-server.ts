import { existsSync, mkdirSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { GUARD_SCRIPT } from '../../src/core/guard-program.ts';
import { daemonRuns, startDaemon } from './daemons.ts';
import { botUser, type HostPlan, hostDir, hostPlans, type LabHost, labDir, lxdDirOf } from './lab-plan.ts';
import { lxdEnvironment } from './lxd-daemon.ts';
import { runCommand, succeeds } from './run-command.ts';

/** Gives the host its own sshd: one key that reaches the LXD socket and nothing else, and one for the administrator. */
export async function ensureSsh(plan: HostPlan): Promise<LabHost['ssh']> {
  const dir = join(hostDir(plan.name), 'ssh');
  mkdirSync(join(dir, 'authorized'), { recursive: true });
  const keyFile = join(labDir(), 'bot-key');
  const adminKeyFile = join(labDir(), 'admin-key');
  const hostKeyFile = join(dir, 'host-key');
  await ensureKey(hostKeyFile);
  const socket = join(lxdDirOf(plan.name), 'unix.socket');
  // Without `port-forwarding` sshd refuses sockets too; without `permitopen` it would open any of them.
  const folder = join(hostDir(plan.name), 'guard');
  const program = join(dir, 'drawbridge-guard');
  writeFileSync(program, GUARD_SCRIPT, { mode: 0o755 });
  const guard = `sudo -n ${program} run ${folder}`;
  const limits = `restrict,port-forwarding,permitopen="[${socket}]:*",command="${guard}"`;
  const right = `${botUser} ALL=(root) NOPASSWD: ${program} run ${folder}\n`;
  writeFileSync(sudoersOf(plan.name), right, { mode: 0o440 });
  writeFileSync(join(dir, 'authorized', botUser), `${limits} ${publicKey(keyFile)}`);
  writeFileSync(join(dir, 'authorized', 'root'), publicKey(adminKeyFile));
  writeFileSync(join(dir, 'sshd_config'), serverConfig(plan, dir));
  const knownHostsFile = join(dir, 'known_hosts');
  writeFileSync(knownHostsFile, `${plan.address} ${publicKey(hostKeyFile)}`);
  const name = `${plan.name}-sshd`;
  if (!daemonRuns(name)) {
    startDaemon({
      name,
      namespace: plan.namespace,
      argv: ['/usr/sbin/sshd', '-D', '-e', '-f', join(dir, 'sshd_config')],
    });
  }
  const hostKeyFingerprint = (await runCommand(['ssh-keygen', '-lf', hostKeyFile])).split(' ')[1] ?? '';
  return { user: botUser, port: 22, keyFile, hostKeyFingerprint, adminKeyFile, knownHostsFile };
}

/** What both hosts share: the keys of their visitors, the unix user and the folder sshd insists on. */
export async function ensureSshGround(): Promise<void> {
  await ensureKey(join(labDir(), 'bot-key'));
  await ensureKey(join(labDir(), 'admin-key'));
  mkdirSync('/run/sshd', { recursive: true, mode: 0o755 });
  if (await succeeds(['id', botUser])) return;
  writeFileSync(join(labDir(), userMark), '');
  // The password "*" fits nothing but, unlike "!", does not make sshd think that the account is locked.
  const account = ['--system', '--no-create-home', '--home-dir', '/', '--shell', '/bin/sh'];
  await runCommand(['useradd', ...account, '--password', '*', '--groups', 'lxd', botUser]);
}

/** Removes the unix user if the lab made it, and what it might run. */
export async function removeSshGround(): Promise<void> {
  for (const plan of hostPlans) rmSync(sudoersOf(plan.name), { force: true });
  if (existsSync(join(labDir(), userMark))) await runCommand(['userdel', botUser]).catch(() => {});
}

/** What the bot's key may run as root on a host: its guard. */
function sudoersOf(host: string): string {
  return `/etc/sudoers.d/drawbridge-lab-${host}`;
}

const userMark = 'user-is-ours';

function serverConfig(plan: HostPlan, dir: string): string {
  const environment = Object.entries(lxdEnvironment(plan.name)).map(([key, value]) => `${key}=${value}`);
  return [
    `ListenAddress ${plan.address}:22`,
    `HostKey ${join(dir, 'host-key')}`,
    `PidFile ${join(dir, 'sshd.pid')}`,
    `AuthorizedKeysFile ${join(dir, 'authorized', '%u')}`,
    'UsePAM no',
    'PasswordAuthentication no',
    'KbdInteractiveAuthentication no',
    'PermitRootLogin prohibit-password',
    // So that the administrator's `lxc` finds the daemon of this host, as it would on a machine of its own.
    `SetEnv ${environment.join(' ')}`,
    '',
  ].join('\n');
}

async function ensureKey(file: string): Promise<void> {
  if (existsSync(file)) return;
  await runCommand(['ssh-keygen', '-q', '-t', 'ed25519', '-N', '', '-C', 'drawbridge-lab', '-f', file]);
}

function publicKey(file: string): string {
  return readFileSync(`${file}.pub`, 'utf8');
}
