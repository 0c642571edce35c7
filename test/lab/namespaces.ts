import { existsSync } from 'node:fs';
import { hostPlans, outside } from './lab-plan.ts';
import { runCommand, succeeds } from './run-command.ts';

export const namespaceNames: readonly string[] = [
  outside.namespace,
  ...hostPlans.map((plan) => plan.namespace),
];

// Everybody's addresses sit on one bridge inside the outside namespace; it has no road to the machine's own network.
export const segment = 'segment';

/** A command line that runs `argv` in the network namespace, and otherwise on the machine as it is. */
export function inNamespace(namespace: string, argv: readonly string[]): string[] {
  return ['nsenter', `--net=/run/netns/${namespace}`, ...argv];
}

/** Runs a program in the network namespace and returns what it printed. */
export function runInNamespace(namespace: string, argv: readonly string[]): Promise<string> {
  return runCommand(inNamespace(namespace, argv));
}

export function namespaceExists(namespace: string): boolean {
  return existsSync(`/run/netns/${namespace}`);
}

/** Makes the namespaces and the links between them, as far as they are missing. */
export async function ensureNamespaces(): Promise<void> {
  await ensureNamespace(outside.namespace);
  if (!(await hasLink(outside.namespace, segment))) {
    await ip(outside.namespace, 'link', 'add', segment, 'type', 'bridge');
  }
  await ensureAddresses(outside.namespace, segment, [outside.address, outside.stranger]);
  await Promise.all(
    hostPlans.map(async (plan) => {
      await ensureNamespace(plan.namespace);
      await ensureUplink(plan.namespace, 'eth0', plan.name);
      await ensureAddresses(plan.namespace, 'eth0', [plan.address, ...plan.extraAddresses]);
      await runInNamespace(plan.namespace, ['sysctl', '-qw', 'net.ipv4.ip_forward=1']);
    }),
  );
}

async function ensureNamespace(namespace: string): Promise<void> {
  if (!namespaceExists(namespace)) await runCommand(['ip', 'netns', 'add', namespace]);
  await ip(namespace, 'link', 'set', 'lo', 'up');
}

/** A link from the namespace to the segment that all share; `port` is its name at that end. */
export async function ensureUplink(namespace: string, link: string, port: string): Promise<void> {
  if (!(await hasLink(namespace, link))) {
    // Both ends are born inside namespaces: the machine's own never sees them.
    const peer = ['peer', 'name', port, 'netns', outside.namespace];
    await runCommand(['ip', 'link', 'add', link, 'netns', namespace, 'type', 'veth', ...peer]);
  }
  await ip(outside.namespace, 'link', 'set', port, 'master', segment, 'up');
}

async function ensureAddresses(namespace: string, link: string, addresses: readonly string[]): Promise<void> {
  for (const address of addresses) await ip(namespace, 'address', 'replace', `${address}/24`, 'dev', link);
  await ip(namespace, 'link', 'set', link, 'up');
}

export function hasLink(namespace: string, link: string): Promise<boolean> {
  return succeeds(['ip', '-n', namespace, 'link', 'show', link]);
}

/** The program `ip`, in the namespace. */
export function ip(namespace: string, ...args: string[]): Promise<string> {
  return runCommand(['ip', '-n', namespace, ...args]);
}
