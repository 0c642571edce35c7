/** A made host's LXD for a test's own hands: through SSH by Drawbridge's key, which opens the socket and nothing else. */
import { type ChildProcess, spawn } from 'node:child_process';
import { existsSync, mkdtempSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { buildImage } from '../lab/lab-image.ts';
import { runCommand } from '../lab/run-command.ts';
import { waitUntil } from '../lab/wait-until.ts';

export interface GuestLxd {
  lxc(...args: string[]): Promise<string>;
  /** Brings the lab's image of busybox to the host, under this alias. */
  addImage(alias: string): Promise<void>;
  close(): void;
}

export async function openGuestLxd(address: string, user: string, keyFile: string): Promise<GuestLxd> {
  const folder = mkdtempSync(join(tmpdir(), 'db-guest-'));
  const socket = join(folder, 'lxd.sock');
  const options = [
    'BatchMode=yes',
    'StrictHostKeyChecking=no',
    'UserKnownHostsFile=/dev/null',
    'LogLevel=ERROR',
  ];
  const child: ChildProcess = spawn(
    'ssh',
    [
      ...options.flatMap((option) => ['-o', option]),
      '-N',
      '-i',
      keyFile,
      '-L',
      `${socket}:/var/lib/lxd/unix.socket`,
      `${user}@${address}`,
    ],
    { stdio: 'ignore' },
  );
  await waitUntil('ssh to open its end', async () => existsSync(socket) || undefined, { seconds: 30 });
  const lxc = (...args: string[]): Promise<string> =>
    runCommand(['lxc', ...args], { env: { LXD_SOCKET: socket, LXD_CONF: join(folder, 'conf') } });
  return {
    lxc,
    async addImage(alias) {
      await lxc('image', 'import', await buildImage(folder), '--alias', alias, '--quiet');
    },
    close() {
      child.kill();
      rmSync(folder, { recursive: true, force: true });
    },
  };
}
