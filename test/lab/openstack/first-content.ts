/** What a fresh cloud offers: flavors, the external network; and, made by the bot itself, its networks and router. */
import { waitUntil } from '../wait-until.ts';
import { clouds } from './accounts.ts';
import { type CloudApi, openCloud } from './cloud-api.ts';
import {
  externalSubnet,
  flavorPlans,
  hostName,
  type NetworkPlan,
  names,
  networkPlans,
} from './cloud-plan.ts';

interface Made {
  id: string;
}

/** Makes whatever is missing. All interfaces must answer. */
export async function ensureFirstContent(): Promise<void> {
  const admin = await openCloud(clouds.admin);
  await Promise.all([
    ensureFlavors(admin),
    computeReports(admin),
    agentsReport(admin).then(async () => {
      await ensureExternalNetwork(admin);
      await ensureNetworks(await openCloud(clouds.bot));
    }),
  ]);
}

async function ensureFlavors(admin: CloudApi): Promise<void> {
  const present = await admin.list('compute', '/flavors', 'flavors');
  for (const flavor of flavorPlans) {
    if (present.some(({ name }) => name === flavor.name)) continue;
    await admin.call('POST', 'compute', '/flavors', { flavor: { id: flavor.name, ...flavor } });
  }
}

/** A port can be bound only after the agent of its host has reported. */
function agentsReport(admin: CloudApi): Promise<true> {
  return waitUntil(
    'the agents of neutron',
    async () => {
      const agents = await admin.list<{ alive: boolean; host: string }>('network', '/agents', 'agents');
      return agents.filter(({ alive, host }) => alive && host === hostName).length >= 4 ? true : undefined;
    },
    { seconds: 90, pauseMs: 500 },
  );
}

/** The hypervisor is listed once the scheduler has found it and put it into its cell. */
function computeReports(admin: CloudApi): Promise<true> {
  return waitUntil(
    'nova-compute',
    async () =>
      (await admin.list('compute', '/os-hypervisors', 'hypervisors')).length > 0 ? true : undefined,
    { seconds: 120, pauseMs: 500 },
  );
}

async function ensureExternalNetwork(admin: CloudApi): Promise<void> {
  const id = await ensure(admin, 'network', names.externalNetwork, {
    'router:external': true,
    'provider:network_type': 'flat',
    'provider:physical_network': 'ext',
  });
  await ensure(admin, 'subnet', names.externalNetwork, {
    network_id: id,
    ip_version: 4,
    cidr: externalSubnet.cidr,
    gateway_ip: externalSubnet.gateway,
    enable_dhcp: false,
    allocation_pools: [externalSubnet.pool],
  });
}

async function ensureNetworks(bot: CloudApi): Promise<void> {
  const [external] = await bot.list('network', `/networks?name=${names.externalNetwork}`, 'networks');
  const router = await ensure(bot, 'router', names.router, {
    external_gateway_info: { network_id: external?.id },
  });
  for (const plan of networkPlans) await ensureNetwork(bot, plan, router);
}

async function ensureNetwork(bot: CloudApi, plan: NetworkPlan, router: string): Promise<void> {
  const network = await ensure(bot, 'network', plan.name, {});
  const subnet = await ensure(bot, 'subnet', plan.name, {
    network_id: network,
    ip_version: 4,
    cidr: plan.cidr,
    enable_dhcp: plan.dhcp,
  });
  if (!plan.routed) return;
  const legs = await bot.list('network', `/ports?device_id=${router}&network_id=${network}`, 'ports');
  if (legs.length > 0) return;
  await bot.call('PUT', 'network', `/routers/${router}/add_router_interface`, { subnet_id: subnet });
}

async function ensure(cloud: CloudApi, kind: string, name: string, extra: object): Promise<string> {
  const [found] = await cloud.list('network', `/${kind}s?name=${name}`, `${kind}s`);
  if (found !== undefined) return found.id;
  const made = await cloud.call<Record<string, Made>>('POST', 'network', `/${kind}s`, {
    [kind]: { name, ...extra },
  });
  return made[kind]?.id ?? '';
}
