/** What the cloud puts into the machine's own network: found by the names that neutron gives, and taken away again. */
import { existsSync, readFileSync } from 'node:fs';
import { join } from 'node:path';
import { runCommand } from '../run-command.ts';
import { cloudDir, externalBridge } from './cloud-plan.ts';

const guardTable = 'inet drawbridge_cloud';

/** Namespaces, links, sets and filter tables of the cloud, in words. */
export async function cloudNetwork(): Promise<string[]> {
  const tables = await newTables();
  return [
    ...(await namespaces()).map((name) => `namespace ${name}`),
    ...(await links()).map((name) => `interface ${name}`),
    ...(await sets()).map((name) => `ipset ${name}`),
    ...tables.map((table) => `nft table ${table}`),
    ...(await neutronChains()).map((chain) => `chain ${chain}`),
  ];
}

/** Removes them; the guard that keeps packets on this machine goes last. Call it when the agents have ended. */
export async function removeCloudNetwork(): Promise<void> {
  for (const name of await namespaces()) await quietly(['ip', 'netns', 'delete', name]);
  for (const name of await links()) await quietly(['ip', 'link', 'delete', name]);
  for (const tool of ['iptables', 'ip6tables']) {
    const rules = await runCommand([`${tool}-save`]).catch(() => '');
    if (!rules.includes('neutron-')) continue;
    const others = rules.split('\n').filter((line) => !line.includes('neutron-'));
    await runCommand([`${tool}-restore`], { input: others.join('\n') });
  }
  for (const name of await sets()) await quietly(['ipset', 'destroy', name]);
  for (const table of await newTables()) await removeTable(table);
  for (const key of ['bridge-nf-call-iptables', 'bridge-nf-call-ip6tables']) {
    const before = readBefore(key).trim();
    if (before !== '') await quietly(['sysctl', '-qw', `net.bridge.${key}=${before}`]);
  }
}

/** A table that was not there before goes with what neutron has in it, unless somebody else has put a rule there since. */
async function removeTable(table: string): Promise<void> {
  const words = table.split(' ');
  const chains = (await runCommand(['nft', 'list', 'table', ...words])).split(/^\tchain /m).slice(1);
  const foreign = chains.some((chain) => {
    const [head = '', ...lines] = chain.split('\n');
    const rules = lines.filter(
      (line) => /^\t\t/.test(line) && !line.includes('type filter') && !line.includes('type nat'),
    );
    return !head.startsWith('neutron') && rules.some((rule) => !rule.includes('neutron'));
  });
  if (!foreign || table === guardTable) await quietly(['nft', 'delete', 'table', ...words]);
}

async function namespaces(): Promise<string[]> {
  const list = await runCommand(['ip', 'netns', 'list']);
  return list.split('\n').flatMap((line) => /^q(?:router|dhcp)-[0-9a-f-]{36}/.exec(line)?.[0] ?? []);
}

async function links(): Promise<string[]> {
  const list = await runCommand(['ip', '-o', 'link']);
  const named = list.split('\n').map((line) => /^\d+: ([^:@]+)/.exec(line)?.[1] ?? '');
  return named.filter((name) => name === externalBridge || /^(?:brq|tap)[0-9a-f]{8}-[0-9a-f]{2}$/.test(name));
}

async function sets(): Promise<string[]> {
  const list = await runCommand(['ipset', 'list', '-n']).catch(() => '');
  return list.split('\n').filter((name) => /^N(?:et)?IPv[46]/.test(name));
}

/** Tables that are there now and were not before the cloud. */
async function newTables(): Promise<string[]> {
  const before = readBefore('tables').split('\n');
  const now = (await runCommand(['nft', 'list', 'tables'])).split('\n').filter((line) => line !== '');
  const added = now.filter((line) => !before.includes(line)).map((line) => line.replace(/^table /, ''));
  return added.filter((table) => /^(?:ip|ip6|bridge) /.test(table) || table === guardTable);
}

async function neutronChains(): Promise<string[]> {
  const rules = await runCommand(['iptables-save']).catch(() => '');
  return [...rules.matchAll(/^:(neutron-\S+)/gm)].map((match) => match[1] ?? '');
}

/** What scripts/bridge.sh noted of the time before. */
function readBefore(what: string): string {
  const file = join(cloudDir(), `${what}.before`);
  return existsSync(file) ? readFileSync(file, 'utf8') : '';
}

async function quietly(argv: readonly string[]): Promise<void> {
  await runCommand(argv).catch(() => {}); // what is left is listed by the caller
}
