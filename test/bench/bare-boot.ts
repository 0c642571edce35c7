/** What `host create` does, by hand and without a look before: the fewest calls from nothing to an LXD that answers. */
import { readConsole } from '../../src/core/console-news.ts';
import { createLxdClient } from '../../src/lxd/client.ts';
import { type CloudApi, openCloud } from '../lab/openstack/cloud-api.ts';
import type { CloudLab } from '../lab/openstack/cloud-lab.ts';
import { bootServer, makeFloatingIp, makeGroup, makeRule } from '../lab/openstack/cloud-servers.ts';
import { waitUntil } from '../lab/wait-until.ts';

export interface BareHost {
  name: string;
  userData: string;
  user: string;
  privateKey: string;
  publicKey: string;
}

const SOCKET = '/var/lib/lxd/unix.socket';

/** @returns what deletes it all again */
export async function bareBoot(cloud: CloudLab, host: BareHost): Promise<() => Promise<void>> {
  const { name, userData, publicKey } = host;
  const api = await openCloud(cloud.cloud);
  await api.call('POST', 'compute', '/os-keypairs', { keypair: { name, public_key: publicKey } });
  const group = await makeGroup(api, name);
  await makeRule(api, group, 22);
  const { network, image, flavor } = cloud;
  const options = { network, image, flavor, groups: [group], userData, keyName: name };
  const server = await bootServer(api, name, options);
  const floatingIp = await makeFloatingIp(api, cloud.externalNetwork, server.port);
  const answers = () => lxdAnswers(api, server.id, floatingIp.address, host);
  await waitUntil(`LXD on ${name}`, answers, { seconds: 900, pauseMs: 1000 });
  return async () => {
    await api.call('DELETE', 'network', `/floatingips/${floatingIp.id}`);
    await deleteServer(api, server.id);
    await api.call('DELETE', 'network', `/ports/${server.port}`);
    await api.call('DELETE', 'network', `/security-groups/${group}`);
    await api.call('DELETE', 'compute', `/os-keypairs/${name}`);
  };
}

/** So that none of the boots that are compared has to fetch the image first. */
export async function warmImage(cloud: CloudLab): Promise<void> {
  const api = await openCloud(cloud.cloud);
  const { network, image, flavor } = cloud;
  const server = await bootServer(api, 'bench-warm', { network, image, flavor, groups: [] });
  await deleteServer(api, server.id);
  await api.call('DELETE', 'network', `/ports/${server.port}`);
}

/** By the same means as Drawbridge: the key from the console, then LXD through SSH that shows this key. */
async function lxdAnswers(
  api: CloudApi,
  server: string,
  address: string,
  { name, user, privateKey }: BareHost,
): Promise<true | undefined> {
  const action = { 'os-getConsoleOutput': { length: 1000 } };
  const { output } = await api.call<{ output: string }>(
    'POST',
    'compute',
    `/servers/${server}/action`,
    action,
  );
  const { hostKey, phase } = readConsole(output);
  if (hostKey === undefined || phase !== 'ready') return undefined;
  const transport = { kind: 'ssh', address, port: 22, user, privateKey, hostKey, socket: SOCKET } as const;
  const client = createLxdClient({ host: name, transport });
  try {
    await client.getServer();
    return true;
  } catch {
    return undefined;
  } finally {
    await client.close();
  }
}

async function deleteServer(api: CloudApi, id: string): Promise<void> {
  await api.call('DELETE', 'compute', `/servers/${id}`);
  const gone = async () => {
    const all = await api.list('compute', '/servers', 'servers');
    return all.some((each) => each.id === id) ? undefined : true;
  };
  await waitUntil('the server to go', gone, { seconds: 180, pauseMs: 500 });
}
