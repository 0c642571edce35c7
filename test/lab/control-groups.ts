import { existsSync, readdirSync, readFileSync, rmdirSync } from 'node:fs';
import { join } from 'node:path';
import { hostPlans, lxdDirOf } from './lab-plan.ts';

const mountPoint = '/sys/fs/cgroup';

/** The control groups of the lab's instances; they outlive processes that are killed. */
export function labControlGroups(): string[] {
  const names = instanceNames();
  // LXC numbers a group when two daemons have an instance of the same name, and names those of projects `p_name`.
  const ours = (group: string): boolean => {
    const name = /^lxc\.(?:payload|monitor)\.(.+)$/.exec(group)?.[1];
    return name !== undefined && (names.has(name) || names.has(name.replace(/-\d+$/, '')));
  };
  return hierarchies().flatMap((dir) =>
    entries(dir)
      .filter((group) => ours(group) || group === 'lxc.pivot')
      .map((group) => join(dir, group))
      .filter(isEmpty),
  );
}

/** Removes the given groups with all groups inside them. */
export function removeControlGroups(groups: readonly string[]): void {
  for (const group of groups) {
    removeControlGroups(entries(group).map((name) => join(group, name)));
    try {
      rmdirSync(group);
    } catch {
      // Still in use: then it is not the lab's, whose processes have all ended, or it shows among the leftovers.
    }
  }
}

function instanceNames(): Set<string> {
  return new Set(
    hostPlans.flatMap((plan) => entries(join(lxdDirOf(plan.name), 'storage-pools/default/containers'))),
  );
}

function hierarchies(): string[] {
  return [mountPoint, ...entries(mountPoint).map((name) => join(mountPoint, name))];
}

// Another LXD of the machine may have an instance of the same name: a group with processes in it is not touched.
function isEmpty(group: string): boolean {
  const procs = join(group, 'cgroup.procs');
  if (existsSync(procs) && readFileSync(procs, 'utf8') !== '') return false;
  return entries(group).every((name) => isEmpty(join(group, name)));
}

function entries(dir: string): string[] {
  try {
    return readdirSync(dir, { withFileTypes: true }).flatMap((entry) =>
      entry.isDirectory() ? [entry.name] : [],
    );
  } catch {
    return [];
  }
}
