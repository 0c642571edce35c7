/** Between two suites: everything goes that was made in the bot's project, except what the cloud came with. */
import { waitUntil } from '../wait-until.ts';
import { clouds, credentialName } from './accounts.ts';
import { type CloudApi, CloudRefusal, openCloud, type Service } from './cloud-api.ts';
import { names, networkPlans } from './cloud-plan.ts';
import { assertBridge } from './external-bridge.ts';

interface Named {
  id: string;
  name: string;
}

/** Deletes servers, floating IPs, ports, networks, routers, groups, key pairs, images and credentials of the bot. */
export async function emptyProject(): Promise<void> {
  assertBridge();
  const bot = await openCloud(clouds.bot);
  await removeServers(bot);
  await removeFloatingIps(bot);
  await removeRouters(bot);
  const ports = await bot.list<Named & { device_owner: string }>('network', '/ports', 'ports');
  for (const { id, device_owner } of ports)
    if (!device_owner.startsWith('network:')) await remove(bot, 'network', `/ports/${id}`);
  const kept: readonly string[] = [names.externalNetwork, ...networkPlans.map(({ name }) => name)];
  await removeAll(bot, 'network', '/networks', 'networks', ({ name }) => !kept.includes(name));
  await removeAll(bot, 'network', '/security-groups', 'security_groups', ({ name }) => name !== 'default');
  await resetDefaultGroup(bot);
  const pairs = await bot.list<{ keypair: { name: string } }>('compute', '/os-keypairs', 'keypairs');
  for (const { keypair } of pairs) await remove(bot, 'compute', `/os-keypairs/${keypair.name}`);
  await removeAll(bot, 'image', `/images?owner=${bot.projectId}`, 'images');
  const credentials = `/users/${bot.userId}/application_credentials`;
  const isOurs = ({ name }: Named) => name !== credentialName;
  await removeAll(bot, 'identity', credentials, 'application_credentials', isOurs);
}

async function removeServers(bot: CloudApi): Promise<void> {
  await removeAll(bot, 'compute', '/servers', 'servers');
  await waitUntil(
    'the servers to be gone',
    async () => ((await bot.list('compute', '/servers', 'servers')).length === 0 ? true : undefined),
    { seconds: 180, pauseMs: 300 },
  );
}

/** Neutron deletes none that is in use by a forwarding. */
async function removeFloatingIps(bot: CloudApi): Promise<void> {
  for (const { id } of await bot.list('network', '/floatingips', 'floatingips')) {
    const forwardings = `/floatingips/${id}/port_forwardings`;
    await removeAll(bot, 'network', forwardings, 'port_forwardings');
    await remove(bot, 'network', `/floatingips/${id}`);
  }
}

async function removeRouters(bot: CloudApi): Promise<void> {
  for (const { id, name } of await bot.list<Named>('network', '/routers', 'routers')) {
    if (name === names.router) continue;
    const legs = await bot.list<Named & { device_owner: string }>(
      'network',
      `/ports?device_id=${id}`,
      'ports',
    );
    for (const leg of legs.filter(({ device_owner }) => device_owner === 'network:router_interface'))
      await bot.call('PUT', 'network', `/routers/${id}/remove_router_interface`, { port_id: leg.id });
    await remove(bot, 'network', `/routers/${id}`);
  }
}

/** Every project has a group `default`, which cannot be deleted: what lets strangers in is taken out of it. */
async function resetDefaultGroup(bot: CloudApi): Promise<void> {
  const filter = '/security-group-rules?direction=ingress';
  const rules = await bot.list<Named & { remote_group_id: string | null }>(
    'network',
    filter,
    'security_group_rules',
  );
  for (const { id, remote_group_id } of rules)
    if (remote_group_id === null) await remove(bot, 'network', `/security-group-rules/${id}`);
}

async function removeAll(
  bot: CloudApi,
  service: Service,
  path: string,
  key: string,
  which: (thing: Named) => boolean = () => true,
): Promise<void> {
  const [base] = path.split('?');
  for (const thing of (await bot.list<Named>(service, path, key)).filter(which))
    await remove(bot, service, `${base}/${thing.id}`);
}

async function remove(bot: CloudApi, service: Service, path: string): Promise<void> {
  await bot.call('DELETE', service, path).catch((error: unknown) => {
    // Gone meanwhile: a port with its server, a forwarding with its floating IP.
    if (!(error instanceof CloudRefusal && error.status === 404)) throw error;
  });
}
