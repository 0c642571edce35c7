import { spawn } from 'node:child_process';
import { mkdirSync, openSync, readdirSync, readFileSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { labDir } from './lab-plan.ts';
import { inNamespace } from './namespaces.ts';

/**
 * Daemons of the lab, each with a run file naming its pid and the time it started: a pid alone may by now belong to
 * somebody else.
 */

export interface DaemonStart {
  name: string;
  namespace: string;
  argv: readonly string[];
  env?: NodeJS.ProcessEnv;
}

// A daemon gets its own view of the mounts, so whatever LXD mounts goes when the last process of it goes. In it /sys
// must show the namespace's links, and the control groups that live below /sys must stay where they were.
const ownMounts = [
  'set -e; hold=$(mktemp -d)',
  'mount --rbind /sys/fs/cgroup "$hold"; mount -t sysfs sysfs /sys; mount --rbind "$hold" /sys/fs/cgroup',
  'umount -l "$hold"; rmdir "$hold"; exec "$@"',
].join('\n');

export function startDaemon(daemon: DaemonStart): void {
  mkdirSync(runDir(), { recursive: true });
  const log = openSync(join(runDir(), `${daemon.name}.log`), 'a');
  const unshare = [
    'unshare',
    '--mount',
    '--propagation',
    'slave',
    'sh',
    '-c',
    ownMounts,
    'sh',
    ...daemon.argv,
  ];
  const [program = '', ...args] = inNamespace(daemon.namespace, unshare);
  const env = { ...process.env, ...daemon.env };
  const child = spawn(program, args, { detached: true, stdio: ['ignore', log, log], env });
  child.unref();
  if (child.pid === undefined) throw new Error(`${daemon.name} could not be started`);
  writeFileSync(runFile(daemon.name), JSON.stringify({ pid: child.pid, started: startTime(child.pid) }));
}

export function daemonRuns(name: string): boolean {
  return daemonPid(name) !== undefined;
}

/** The pid of the daemon, when that pid is still the process that was started. */
export function daemonPid(name: string): number | undefined {
  try {
    const entry = JSON.parse(readFileSync(runFile(name), 'utf8')) as { pid: number; started: string };
    return startTime(entry.pid) === entry.started ? entry.pid : undefined;
  } catch {
    return undefined; // never started, or half a file
  }
}

export function daemonPids(): number[] {
  try {
    const names = readdirSync(runDir()).filter((file) => file.endsWith('.json'));
    return names.flatMap((file) => daemonPid(file.slice(0, -'.json'.length)) ?? []);
  } catch {
    return [];
  }
}

export function daemonLog(name: string): string {
  return join(runDir(), `${name}.log`);
}

/** Clock ticks since boot at which the process started; undefined when it is gone or a zombie. */
export function startTime(pid: number): string | undefined {
  try {
    const stat = readFileSync(`/proc/${pid}/stat`, 'utf8');
    // The name in parentheses may hold spaces; the fields after it may not. State is field 3, start time field 22.
    const fields = stat.slice(stat.lastIndexOf(')') + 2).split(' ');
    return fields[0] === 'Z' ? undefined : fields[19];
  } catch {
    return undefined;
  }
}

function runDir(): string {
  return join(labDir(), 'run');
}

function runFile(name: string): string {
  return join(runDir(), `${name}.json`);
}
