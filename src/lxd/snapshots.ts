/** Verbs on snapshots of instances. */
import type { Rest } from './call.ts';
import { pathOf } from './rest.ts';
import { snapshots } from './schemas.ts';
import type { LxdSnapshot } from './types.ts';

export interface SnapshotVerbs {
  /** Oldest first. @throws Fault lxd_not_found where there is no such instance */
  listSnapshots(instance: string, signal?: AbortSignal): Promise<LxdSnapshot[]>;
  /** Of the disk, config and devices, not of the memory. @throws Fault lxd_conflict where there is one of this name */
  createSnapshot(instance: string, name: string, signal?: AbortSignal): Promise<void>;
  /** Puts disk, config and devices back; LXD stops what runs for it and starts it again. @throws Fault lxd_refused where there is none */
  restoreSnapshot(instance: string, name: string, signal?: AbortSignal): Promise<void>;
  /** @throws Fault lxd_not_found */
  deleteSnapshot(instance: string, name: string, signal?: AbortSignal): Promise<void>;
}

/** Pools of the kind `dir` copy every file. */
const COPY_MS = 30 * 60_000;

export function snapshotVerbs(rest: Rest): SnapshotVerbs {
  const path = (instance: string, ...name: string[]) => pathOf('instances', instance, 'snapshots', ...name);
  return {
    listSnapshots: async (instance, signal) => {
      const doing = `listing snapshots of ${instance}`;
      const query = { recursion: '1' };
      const { value } = await rest.get(snapshots, { doing, path: path(instance), query, signal });
      // LXD gives them by name.
      return [...value].sort((a, b) => Date.parse(a.created_at) - Date.parse(b.created_at));
    },
    createSnapshot: async (instance, name, signal) => {
      await rest.change({
        doing: `keeping ${instance} as ${name}`,
        method: 'POST',
        path: path(instance),
        body: { name },
        signal,
        operationTimeoutMs: COPY_MS,
      });
    },
    restoreSnapshot: async (instance, name, signal) => {
      await rest.change({
        doing: `restoring ${name} of ${instance}`,
        method: 'PUT',
        path: pathOf('instances', instance),
        body: { restore: name },
        signal,
        operationTimeoutMs: COPY_MS,
      });
    },
    deleteSnapshot: async (instance, name, signal) => {
      const doing = `deleting the snapshot ${name} of ${instance}`;
      await rest.change({
        doing,
        method: 'DELETE',
        path: path(instance, name),
        signal,
        operationTimeoutMs: COPY_MS,
      });
    },
  };
}
