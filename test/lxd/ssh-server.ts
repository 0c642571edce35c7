/** A real sshd on loopback, with its own configuration and keys, on a port that needs no privilege. */
import { type ChildProcess, execFileSync, spawn } from 'node:child_process';
import {
  chmodSync,
  existsSync,
  mkdirSync,
  mkdtempSync,
  readdirSync,
  readFileSync,
  rmSync,
  writeFileSync,
} from 'node:fs';
import { connect, createServer } from 'node:net';
import { tmpdir, userInfo } from 'node:os';
import { join } from 'node:path';

export const sshdProgram = '/usr/sbin/sshd';

/** Why there can be no sshd here; undefined where there can. */
export const noSshd = existsSync(sshdProgram) ? undefined : 'needs openssh-server';

export interface SshServer {
  port: number;
  user: string;
  privateKey: string;
  keyFile: string;
  hostKey: string;
  folder: string;
  /** What sshd wrote. */
  log: () => string;
  /** Processes that serve connections now. */
  sessions: () => number[];
  signalSessions: (signal: NodeJS.Signals) => void;
  stop: () => Promise<void>;
}

/** @param restrict options in front of the key in authorized_keys, like `restrict` */
export async function startSshServer({ restrict = '' } = {}): Promise<SshServer> {
  const folder = mkdtempSync(join(tmpdir(), 'drawbridge-ssh-'));
  const [hostKey, clientKey] = [makeKey(join(folder, 'host')), makeKey(join(folder, 'client'))];
  const publicKey = readFileSync(`${clientKey}.pub`, 'utf8');
  writeFileSync(join(folder, 'authorized'), restrict === '' ? publicKey : `${restrict} ${publicKey}`);
  const port = await freePort();
  writeFileSync(join(folder, 'config'), configOf(folder, port, hostKey));
  if (process.getuid?.() === 0) mkdirSync('/run/sshd', { recursive: true });
  const child = spawn(sshdProgram, ['-D', '-e', '-f', join(folder, 'config')], {
    stdio: ['ignore', 'ignore', 'pipe'],
  });
  let log = '';
  child.stderr.on('data', (data) => {
    log += data;
  });
  await listening(port, () => log);
  const sessions = (): number[] => descendants(child.pid ?? 0);
  const signalSessions = (signal: NodeJS.Signals): void => {
    for (const pid of sessions()) kill(pid, signal);
  };
  return {
    port,
    user: userInfo().username,
    privateKey: readFileSync(clientKey, 'utf8'),
    keyFile: clientKey,
    hostKey: fingerprintOf(hostKey),
    folder,
    log: () => log,
    sessions,
    signalSessions,
    stop: async () => {
      signalSessions('SIGKILL');
      await ended(child);
      rmSync(folder, { recursive: true, force: true });
    },
  };
}

/** One that ends by itself in the same moment is no error. */
function kill(pid: number, signal: NodeJS.Signals): void {
  try {
    process.kill(pid, signal);
  } catch (error) {
    if ((error as NodeJS.ErrnoException).code !== 'ESRCH') throw error;
  }
}

function configOf(folder: string, port: number, hostKey: string): string {
  const lines = [
    `ListenAddress 127.0.0.1:${port}`,
    `HostKey ${hostKey}`,
    `AuthorizedKeysFile ${join(folder, 'authorized')}`,
    'PidFile none',
    'UsePAM no',
    'StrictModes no',
    'LogLevel VERBOSE',
    'PasswordAuthentication no',
    'KbdInteractiveAuthentication no',
    'PermitRootLogin prohibit-password',
  ];
  return `${lines.join('\n')}\n`;
}

export function makeKey(file: string): string {
  execFileSync('ssh-keygen', ['-q', '-t', 'ed25519', '-N', '', '-C', 'test', '-f', file]);
  chmodSync(file, 0o600);
  return file;
}

/** As `ssh-keygen -lf` prints it, which is what people put into the configuration. */
export function fingerprintOf(file: string): string {
  return execFileSync('ssh-keygen', ['-lf', file]).toString().split(' ')[1] ?? '';
}

function freePort(): Promise<number> {
  return new Promise((resolve) => {
    const server = createServer().listen(0, '127.0.0.1', () => {
      const address = server.address();
      server.close(() => resolve(typeof address === 'object' && address !== null ? address.port : 0));
    });
  });
}

async function listening(port: number, log: () => string): Promise<void> {
  for (let tried = 0; tried < 100; tried += 1) {
    if (await answers(port)) return;
    await new Promise((resolve) => setTimeout(resolve, 50));
  }
  throw new Error(`sshd does not listen: ${log()}`);
}

function answers(port: number): Promise<boolean> {
  return new Promise((resolve) => {
    const socket = connect(port, '127.0.0.1');
    socket.once('data', () => end(true));
    socket.once('error', () => end(false));
    const end = (answer: boolean): void => {
      socket.destroy();
      resolve(answer);
    };
  });
}

/** Processes below `pid`, read from /proc (proc(5): pid, name in parentheses, state, parent). */
function descendants(pid: number): number[] {
  const parents = readdirSync('/proc')
    .filter((name) => /^\d+$/.test(name))
    .flatMap((name) => {
      try {
        const stat = readFileSync(`/proc/${name}/stat`, 'utf8');
        return [[Number(name), Number(stat.slice(stat.lastIndexOf(')') + 2).split(' ')[1])] as const];
      } catch {
        return []; // it ended meanwhile
      }
    });
  const below = (of: number): number[] =>
    parents.filter(([, parent]) => parent === of).flatMap(([each]) => [each, ...below(each)]);
  return below(pid);
}

function ended(child: ChildProcess): Promise<void> {
  return new Promise((resolve) => {
    if (child.exitCode !== null) return resolve();
    child.once('exit', () => resolve());
    child.kill('SIGTERM');
  });
}
