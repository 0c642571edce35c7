/** Snapshots of pretended instances: their config and devices; there is no disk. Restoring is a PUT of the instance. */
import { begun, LxdRefused, synced } from './lxd-answer.ts';
import { instanceNamed } from './lxd-instance-routes.ts';
import type { LxdParts, Routes } from './lxd-routes.ts';
import { expandedDevices, type LxdState, type SandboxInstance, type SandboxSnapshot } from './lxd-state.ts';
import { writtenSnapshot } from './lxd-written.ts';

export function snapshotRoutes({ store, operations }: LxdParts): Routes {
  const begin = (description: string, instance: string, edit: (draft: LxdState) => void) =>
    begun(
      operations.begin(description, instance, async () => {
        await store.change(edit);
        return {};
      }),
    );
  return {
    'GET instances/*/snapshots': ({ query }, name = '') => {
      const instance = instanceNamed(store.state(), name);
      const paths = instance.snapshots.map((each) => `/1.0/instances/${name}/snapshots/${each.name}`);
      const isDeep = Number(query.get('recursion') ?? 0) > 0;
      return synced(isDeep ? instance.snapshots.map((each) => told(each, instance)) : paths);
    },
    'POST instances/*/snapshots': ({ body }, name = '') => {
      const snapshot = writtenSnapshot.parse(body).name;
      instanceNamed(store.state(), name);
      if (snapshot.includes('/')) throw new LxdRefused(400, 'Invalid snapshot name: Cannot contain "/"');
      return begin('Snapshotting instance', name, (draft) => {
        const instance = instanceNamed(draft, name);
        if (instance.snapshots.some((each) => each.name === snapshot))
          throw new LxdRefused(409, takenBy(snapshot));
        const { description, config, devices } = structuredClone(instance);
        const createdAt = new Date().toISOString();
        instance.snapshots.push({ name: snapshot, createdAt, description, config, devices });
      });
    },
    'DELETE instances/*/snapshots/*': (_call, name = '', snapshot = '') => {
      const { snapshots } = instanceNamed(store.state(), name);
      if (!snapshots.some((each) => each.name === snapshot))
        throw new LxdRefused(404, missing(snapshot, name));
      return begin('Deleting snapshot', name, (draft) => {
        const instance = instanceNamed(draft, name);
        instance.snapshots = instance.snapshots.filter((each) => each.name !== snapshot);
      });
    },
  };
}

function takenBy(snapshot: string): string {
  return `Failed creating instance snapshot record "${snapshot}": Add snapshot info to the database: This "instances_snapshots" entry already exists`;
}

function missing(snapshot: string, instance: string): string {
  return `Failed to fetch snapshot "${snapshot}" of instance "${instance}" in project "default": InstanceSnapshot not found`;
}

function told({ name, createdAt, config, devices }: SandboxSnapshot, { profiles }: SandboxInstance) {
  return {
    expires_at: '0001-01-01T00:00:00Z',
    architecture: 'x86_64',
    config,
    created_at: createdAt,
    devices,
    ephemeral: false,
    expanded_config: config,
    expanded_devices: expandedDevices({ profiles, devices }),
    last_used_at: '0001-01-01T00:00:00Z',
    name,
    profiles,
    stateful: false,
    size: -1,
  };
}
