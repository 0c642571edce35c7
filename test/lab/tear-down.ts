import { existsSync, readFileSync, rmSync } from 'node:fs';
import { join } from 'node:path';
import { labControlGroups, removeControlGroups } from './control-groups.ts';
import { labDir } from './lab-plan.ts';
import { labProcesses } from './lab-processes.ts';
import { namespaceExists, namespaceNames } from './namespaces.ts';
import { runCommand } from './run-command.ts';
import { removeSshGround } from './ssh-server.ts';
import { waitUntil } from './wait-until.ts';

/** A file that says the folder is a lab's, so that nothing else is ever removed. */
export const stateMark = 'drawbridge-lab';

/** Ends and removes everything of the lab, whatever state it is in, and returns what is left (nothing, one hopes). */
export async function tearDown(): Promise<string[]> {
  await endProcesses();
  // The names of the instances are only to be had from the state folder, so their control groups go before it.
  const groups = labControlGroups();
  removeControlGroups(groups);
  for (const mount of labMounts().reverse()) await runCommand(['umount', '-l', mount]).catch(() => {});
  for (const name of namespaceNames.filter(namespaceExists))
    await runCommand(['ip', 'netns', 'delete', name]);
  if (existsSync(join(labDir(), stateMark))) {
    await removeSshGround();
    rmSync(labDir(), { recursive: true, force: true });
  }
  return leftovers(groups);
}

async function endProcesses(): Promise<void> {
  // Killed outright: their data is about to be removed, and an LXD told to end would leave its instances running.
  await waitUntil(
    'the processes of the lab to end',
    async () => {
      const pids = await labProcesses();
      for (const pid of pids) kill(pid);
      return pids.length === 0 ? true : undefined;
    },
    { seconds: 15 },
  ).catch(() => {}); // what is left is listed by the caller
}

function kill(pid: number): void {
  try {
    process.kill(pid, 'SIGKILL');
  } catch {
    // ended in between
  }
}

async function leftovers(groups: readonly string[]): Promise<string[]> {
  return [
    ...(await labProcesses()).map((pid) => `process ${pid}`),
    ...labMounts().map((mount) => `mount ${mount}`),
    ...namespaceNames.filter(namespaceExists).map((name) => `namespace ${name}`),
    ...groups.filter((group) => existsSync(group)).map((group) => `control group ${group}`),
    ...(existsSync(labDir()) ? [`folder ${labDir()}`] : []),
  ];
}

function labMounts(): string[] {
  const points = readFileSync('/proc/self/mountinfo', 'utf8').split('\n');
  return points.map((line) => line.split(' ')[4] ?? '').filter((point) => point.startsWith(`${labDir()}/`));
}
