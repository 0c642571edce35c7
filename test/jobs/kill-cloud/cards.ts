/** What a hypervisor does when a port is plugged in or out: the host gets a network card with the port's address, or loses it. */

import { outside } from '../../lab/lab-plan.ts';
import { ip, segment } from '../../lab/namespaces.ts';
import type { FakeCloud } from '../../openstack/fake-cloud/fake-cloud.ts';
import type { Heard, Reply } from '../../openstack/fake-cloud/wire.ts';

const INTERFACES = /^\/servers\/[^/]+\/os-interface(?:\/([^/]+))?$/;

/** Follows one call of Nova. The other end of the card is in the lab's LAN, so its DHCP answers there. */
export async function followPlug(
  { method, path, body }: Heard,
  { status }: Reply,
  state: FakeCloud['state'],
  namespace: string,
): Promise<void> {
  const match = INTERFACES.exec(path);
  if (match === null || status >= 300) return;
  const given = (body as { interfaceAttachment?: { port_id: string } } | undefined)?.interfaceAttachment;
  const mac = state.ports.get(match[1] ?? given?.port_id ?? '')?.mac_address;
  if (mac === undefined) return;
  if (method === 'POST') await plug(mac, namespace);
  if (method === 'DELETE') await unplug(mac);
}

async function plug(mac: string, namespace: string): Promise<void> {
  const [inner, outer] = [`db${tail(mac)}`, portOf(mac)];
  const peer = ['peer', 'name', outer, 'netns', outside.namespace];
  await ip(namespace, 'link', 'add', inner, 'address', mac, 'type', 'veth', ...peer);
  await ip(outside.namespace, 'link', 'set', outer, 'master', segment, 'up');
}

/** Takes the card along wherever it is by now: the two ends of a pair go together. */
export async function unplug(mac: string): Promise<void> {
  await ip(outside.namespace, 'link', 'delete', portOf(mac)).catch(() => undefined);
}

/** Where the card ends in the LAN. */
function portOf(mac: string): string {
  return `dp${tail(mac)}`;
}

function tail(mac: string): string {
  return mac.replaceAll(':', '').slice(-8);
}
