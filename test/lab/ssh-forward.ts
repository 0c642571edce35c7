import { spawn } from 'node:child_process';
import { existsSync, mkdtempSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import type { LabHost } from './lab-plan.ts';
import { waitUntil } from './wait-until.ts';

export interface SshForward {
  path: string;
  close: () => void;
}

/** Opens a local socket that leads, by the bot's key, to a socket or an address:port as the host sees it. */
export async function openSshForward(host: LabHost, target: string): Promise<SshForward> {
  const folder = mkdtempSync(join(tmpdir(), 'drawbridge-forward-'));
  const path = join(folder, 'socket');
  const options = ['-o', 'BatchMode=yes', '-o', `UserKnownHostsFile=${host.ssh.knownHostsFile}`];
  const door = ['-N', '-L', `${path}:${target}`, '-i', host.ssh.keyFile, `${host.ssh.user}@${host.address}`];
  const child = spawn('ssh', [...options, ...door], { stdio: 'ignore' });
  const close = (): void => {
    child.kill();
    rmSync(folder, { recursive: true, force: true });
  };
  try {
    await waitUntil('ssh to open its end', async () => existsSync(path) || undefined, { seconds: 10 });
  } catch (error) {
    close();
    throw error;
  }
  return { path, close };
}
