import { type HostName, type HostPlan, instancePlans } from './lab-plan.ts';
import { lxc, lxcQuery } from './lxd-daemon.ts';
import { waitUntil } from './wait-until.ts';

export const imageAlias = 'lab';

export interface LaunchOptions {
  /** What the image shall do, see lab-image.ts. */
  environment?: Record<string, string>;
  /** Further config keys of the instance. */
  config?: Record<string, string>;
}

interface InstanceState {
  status: string;
  network: Record<string, { addresses: { family: string; address: string; scope: string }[] }> | null;
}

/** Launches an instance of the lab's image and returns its address once it has one. */
export async function launchInstance(
  host: HostName | { name: HostName },
  name: string,
  options: LaunchOptions = {},
): Promise<string> {
  await lxc(host, 'launch', imageAlias, name, ...configFlags(options));
  return instanceAddress(host, name);
}

/** Waits for the IPv4 address of a running instance. */
export function instanceAddress(host: HostName | { name: HostName }, name: string): Promise<string> {
  return waitUntil(`an address for ${name}`, async () => {
    const state = await lxcQuery<InstanceState>(host, `/1.0/instances/${name}/state`);
    const addresses = state.network?.eth0?.addresses ?? [];
    return addresses.find((entry) => entry.family === 'inet' && entry.scope === 'global')?.address;
  });
}

/** Imports the image and brings every planned instance of the host into the state it should have. */
export async function ensureInstances(plan: HostPlan, image: () => Promise<string>): Promise<void> {
  const aliases = await lxcQuery<string[]>(plan.name, '/1.0/images/aliases');
  if (!aliases.includes(`/1.0/images/aliases/${imageAlias}`)) {
    await lxc(plan.name, 'image', 'import', await image(), '--alias', imageAlias);
  }
  const existing = await lxcQuery<{ name: string; status: string }[]>(
    plan.name,
    '/1.0/instances?recursion=1',
  );
  const status = new Map(existing.map((instance) => [instance.name, instance.status]));
  await Promise.all(
    instancePlans
      .filter((instance) => instance.host === plan.name)
      .map(async ({ name, running, environment = {} }) => {
        const is = status.get(name);
        if (is === undefined) await lxc(plan.name, 'init', imageAlias, name, ...configFlags({ environment }));
        if (is === 'Running' && !running) await lxc(plan.name, 'stop', '--force', name);
        if (is !== 'Running' && running) await lxc(plan.name, 'start', name);
        if (running) await instanceAddress(plan.name, name);
      }),
  );
}

function configFlags({ environment = {}, config = {} }: LaunchOptions): string[] {
  const variables = Object.entries(environment).map(([key, value]) => [`environment.${key}`, value] as const);
  return [...variables, ...Object.entries(config)].flatMap(([key, value]) => ['-c', `${key}=${value}`]);
}
