/** Instances of the pretended LXD: reading them, and replacing their config and devices. */
import { begun, etagOf, LxdRefused, requireMatch, synced } from './lxd-answer.ts';
import { checkDevices } from './lxd-devices.ts';
import type { LxdParts, Routes } from './lxd-routes.ts';
import { expandedDevices, type LxdState, type SandboxInstance } from './lxd-state.ts';
import { writtenInstance } from './lxd-written.ts';

type Writable = Pick<SandboxInstance, 'description' | 'config' | 'devices'>;

/** A DHCP server takes a moment. */
const LEASE_MS = 200;

/** What there is to read in an instance. The file API of the real one sees /proc/uptime empty (measured on 5.0.2). */
export const FILES: Record<string, string> = {
  '/etc/passwd': 'root:x:0:0:root:/root:/bin/sh\n',
  '/proc/uptime': '',
};

export function instanceRoutes({ store, operations, consoles }: LxdParts): Routes {
  const stateOf = (instance: SandboxInstance) =>
    stateAt(instance, consoles.runsSince(instance.name) + LEASE_MS < Date.now());
  const rewrite = (
    name: string,
    ifMatch: string | undefined,
    next: (current: SandboxInstance) => Writable,
  ): Promise<void> =>
    store.change((draft) => {
      const instance = instanceNamed(draft, name);
      requireMatch(ifMatch, etagOfInstance(instance));
      Object.assign(instance, next(instance));
      checkConfig(instance.config);
      checkDevices(instance, draft);
    });

  /** A running one is stopped for it and started again, as by the real one. */
  const restoring = (snapshot: string, name: string) => {
    const work = async () => {
      await store.change((draft) => {
        const instance = instanceNamed(draft, name);
        const found = instance.snapshots.find((each) => each.name === snapshot);
        if (found === undefined) throw new LxdRefused(404, `Snapshot ${name}/${snapshot} does not exist`);
        const { description, config, devices } = structuredClone(found);
        Object.assign(instance, { description, config, devices });
      });
      return {};
    };
    return begun(operations.begin('Restoring snapshot', name, work));
  };

  return {
    'GET instances': ({ query }) => {
      const recursion = Number(query.get('recursion') ?? 0);
      const { instances } = store.state();
      if (recursion === 0) return synced(instances.map(({ name }) => `/1.0/instances/${name}`));
      if (recursion === 1) return synced(instances.map(told));
      return synced(
        instances.map((each) => ({ ...told(each), backups: null, state: stateOf(each), snapshots: null })),
      );
    },
    'GET instances/*': (_call, name) => {
      const instance = instanceNamed(store.state(), name);
      return synced(told(instance), etagOfInstance(instance));
    },
    'GET instances/*/state': (_call, name) => synced(stateOf(instanceNamed(store.state(), name))),
    'PUT instances/*': ({ body, ifMatch }, name = '') => {
      const { restore, ...next } = writtenInstance.parse(body);
      requireMatch(ifMatch, etagOfInstance(instanceNamed(store.state(), name)));
      if (restore !== undefined) return restoring(restore, name);
      // Whatever else is wrong is found out in the operation, as on the real one.
      const work = async () => {
        await rewrite(name, ifMatch, () => next);
        return {};
      };
      return begun(operations.begin('Updating instance', name, work));
    },
    'PATCH instances/*': async ({ body, ifMatch }, name = '') => {
      const { config, devices } = writtenInstance.parse(body);
      await rewrite(name, ifMatch, (current) => ({
        description: current.description,
        config: { ...current.config, ...config },
        devices: { ...current.devices, ...devices },
      }));
      return synced({});
    },
    'GET instances/*/files': ({ query }, name = '') => {
      instanceNamed(store.state(), name);
      const path = query.get('path') ?? '';
      if (path === '') throw new LxdRefused(400, 'Missing path argument');
      const text = FILES[path];
      if (text === undefined) throw new LxdRefused(404, 'Not Found');
      const headers = { 'Content-Type': 'application/octet-stream', 'X-Lxd-Type': 'file' };
      return { status: 200, headers, body: text };
    },
  };
}

/** @throws LxdRefused 404 */
export function instanceNamed({ instances }: LxdState, name: string | undefined): SandboxInstance {
  const found = instances.find((each) => each.name === name);
  if (found === undefined) throw new LxdRefused(404, 'Instance not found');
  return found;
}

const CONFIG_KEYS =
  /^(boot|cloud-init|cluster|environment|image|limits|linux|migration|nvidia|raw|security|snapshots|user|volatile)\./;

export function checkConfig(config: Record<string, string>): void {
  const unknown = Object.keys(config).find((key) => !CONFIG_KEYS.test(key));
  if (unknown !== undefined)
    throw new LxdRefused(500, `Invalid config: Unknown configuration key: ${unknown}`);
}

function etagOfInstance({ description, config, devices, profiles }: SandboxInstance): string {
  return etagOf(description, config, devices, profiles);
}

function told(instance: SandboxInstance) {
  const { name, running, description, config, devices, profiles } = instance;
  return {
    architecture: 'x86_64',
    config,
    devices,
    ephemeral: false,
    profiles,
    stateful: false,
    description,
    created_at: '2026-01-01T00:00:00Z',
    expanded_config: config,
    expanded_devices: expandedDevices(instance),
    name,
    status: running ? 'Running' : 'Stopped',
    status_code: running ? 103 : 102,
    last_used_at: running ? '2026-01-01T00:00:00Z' : '1970-01-01T00:00:00Z',
    location: 'none',
    type: 'container',
    project: 'default',
  };
}

function stateAt({ running, address, config }: SandboxInstance, hasLease: boolean) {
  if (!running) return { status: 'Stopped', status_code: 102, network: null, pid: 0, processes: 0 };
  const up = { counters: {}, state: 'up' };
  const eth0 = {
    ...up,
    addresses: hasLease ? [{ family: 'inet', address, netmask: '24', scope: 'global' }] : [],
    hwaddr: config['volatile.eth0.hwaddr'] ?? '',
    host_name: config['volatile.eth0.host_name'] ?? '',
    mtu: 1500,
    type: 'broadcast',
  };
  const lo = {
    ...up,
    addresses: [
      { family: 'inet', address: '127.0.0.1', netmask: '8', scope: 'local' },
      { family: 'inet6', address: '::1', netmask: '128', scope: 'local' },
    ],
    hwaddr: '',
    host_name: '',
    mtu: 65536,
    type: 'loopback',
  };
  return { status: 'Running', status_code: 103, network: { eth0, lo }, pid: process.pid, processes: 3 };
}
