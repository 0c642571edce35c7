import { readdirSync, readFileSync, readlinkSync } from 'node:fs';
import { basename } from 'node:path';
import { daemonPids } from './daemons.ts';
import { labDir } from './lab-plan.ts';
import { namespaceExists, namespaceNames } from './namespaces.ts';
import { runCommand } from './run-command.ts';

/**
 * Every process of the lab, however it came about: the daemons from the run files, whatever lives in one of the
 * namespaces, LXD's children that lost their namespace's name, and what runs inside the instances.
 */
export async function labProcesses(): Promise<number[]> {
  const all = readProcesses();
  const found = new Set([...daemonPids(), ...(await namespacePids())]);
  for (const { pid } of all) if (belongsToState(pid)) found.add(pid);
  let before = 0;
  while (found.size > before) {
    before = found.size;
    for (const { pid, parent } of all) if (found.has(parent)) found.add(pid);
  }
  for (const pid of ownLine(all)) found.delete(pid);
  return [...found];
}

async function namespacePids(): Promise<number[]> {
  const present = namespaceNames.filter(namespaceExists);
  // A name whose namespace is gone (an `up` cut short) has no processes either.
  const lists = await Promise.all(
    present.map((name) => runCommand(['ip', 'netns', 'pids', name]).catch(() => '')),
  );
  return lists.flatMap((list) => list.split('\n').filter(Boolean).map(Number));
}

const daemonPrograms = ['lxd', 'dnsmasq', 'sshd'];

function belongsToState(pid: number): boolean {
  try {
    // An instance's processes have their root on the storage pool, which lies in the state folder.
    const root = readFileSync(`/proc/${pid}/mountinfo`, 'utf8')
      .split('\n')
      .find((line) => line.split(' ')[4] === '/');
    if (root?.split(' ')[3]?.includes(`/${basename(labDir())}/`)) return true;
    if (!daemonPrograms.includes(basename(readlinkSync(`/proc/${pid}/exe`)))) return false;
    const told = ['cmdline', 'environ'].map((file) => readFileSync(`/proc/${pid}/${file}`, 'utf8'));
    return told.some((text) => text.includes(`${labDir()}/`));
  } catch {
    return false; // it ended meanwhile, or is a kernel thread
  }
}

/** This process and those that started it, which may well have been started inside a namespace of the lab. */
function ownLine(all: readonly { pid: number; parent: number }[]): number[] {
  const parents = new Map(all.map(({ pid, parent }) => [pid, parent]));
  const line: number[] = [];
  for (let pid: number | undefined = process.pid; pid !== undefined && pid > 0; pid = parents.get(pid))
    line.push(pid);
  return line;
}

export interface Process {
  pid: number;
  parent: number;
  /** The first process of its session. */
  session: number;
  /** As `startTime` says it. */
  started: string;
}

/** Every process of the machine but those that have ended. */
export function readProcesses(): Process[] {
  return readdirSync('/proc')
    .filter((name) => /^\d+$/.test(name))
    .flatMap((name) => {
      try {
        const stat = readFileSync(`/proc/${name}/stat`, 'utf8');
        const fields = stat.slice(stat.lastIndexOf(')') + 2).split(' ');
        const [state, parent, , session] = fields;
        if (state === 'Z') return [];
        return [
          { pid: Number(name), parent: Number(parent), session: Number(session), started: fields[19] ?? '' },
        ];
      } catch {
        return [];
      }
    });
}
