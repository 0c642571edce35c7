import { once } from 'node:events';
import { mkdirSync } from 'node:fs';
import { get, type IncomingMessage } from 'node:http';
import { join } from 'node:path';
import { text } from 'node:stream/consumers';
import { daemonLog, daemonRuns, startDaemon } from './daemons.ts';
import { bridgeName, type HostName, type HostPlan, hostDir, lxdDirOf } from './lab-plan.ts';
import { runCommand, succeeds } from './run-command.ts';

/** Runs the lxc client against the daemon of that host, without touching anybody's ~/.config. */
export function lxc(host: HostName | { name: HostName }, ...args: string[]): Promise<string> {
  return runCommand(['lxc', ...args], { env: lxdEnvironment(typeof host === 'string' ? host : host.name) });
}

/** One GET of LXD's own REST interface, without a process of the client; the metadata of the answer. */
export async function lxcQuery<T>(host: HostName | { name: HostName }, path: string): Promise<T> {
  const socketPath = join(lxdDirOf(typeof host === 'string' ? host : host.name), 'unix.socket');
  const [response] = (await once(get({ socketPath, path, agent: false }), 'response')) as [IncomingMessage];
  const { error, error_code, metadata } = JSON.parse(await text(response)) as Answer<T>;
  if (error_code !== undefined && error_code >= 400) throw new Error(`${path}: ${error}`);
  return metadata;
}

interface Answer<T> {
  metadata: T;
  error?: string;
  error_code?: number;
}

export function lxdEnvironment(host: HostName): Record<string, string> {
  return { LXD_DIR: lxdDirOf(host), LXD_CONF: join(hostDir(host), 'client') };
}

/** Starts the host's LXD if it does not run, and gives it a bridge and a storage pool if it has none. */
export async function ensureLxd(plan: HostPlan): Promise<void> {
  const env = lxdEnvironment(plan.name);
  const daemon = `${plan.name}-lxd`;
  mkdirSync(lxdDirOf(plan.name), { recursive: true, mode: 0o711 });
  if (!daemonRuns(daemon)) {
    startDaemon({ name: daemon, namespace: plan.namespace, argv: ['lxd', '--group', 'lxd'], env });
  }
  await runCommand(['lxd', 'waitready', '--timeout', '30'], { env }).catch((error: unknown) => {
    throw new Error(`LXD of ${plan.name} does not start, see ${daemonLog(daemon)}`, { cause: error });
  });
  // Only once: a second preseed would overwrite what a test set on the bridge.
  if (await succeeds(['lxc', 'profile', 'device', 'get', 'default', 'eth0', 'network'], { env })) return;
  await runCommand(['lxd', 'init', '--preseed'], { env, input: JSON.stringify(preseed(plan)) });
}

function preseed(plan: HostPlan): unknown {
  const net = plan.bridgePrefix;
  return {
    config: plan.httpsPort === undefined ? {} : { 'core.https_address': `${plan.address}:${plan.httpsPort}` },
    storage_pools: [{ name: 'default', driver: 'dir' }],
    networks: [
      {
        name: bridgeName,
        type: 'bridge',
        config: {
          'ipv4.address': `${net}.1/24`,
          'ipv4.nat': 'true',
          // The addresses around the range are free for whoever wants a fixed one.
          'ipv4.dhcp.ranges': `${net}.100-${net}.199`,
          'ipv6.address': 'none',
        },
      },
    ],
    profiles: [
      {
        name: 'default',
        devices: {
          root: { type: 'disk', path: '/', pool: 'default' },
          eth0: { type: 'nic', name: 'eth0', network: bridgeName },
        },
      },
    ],
  };
}
