/**
 * The LAN that the hosts' uplinks are on has a DHCP server of its own, as an office's has. A container gets there by a macvlan
 * NIC on the uplink, or by a bridge that has an uplink of its own and no address.
 */
import { join } from 'node:path';
import { daemonRuns, startDaemon } from './daemons.ts';
import { type HostPlan, labDir, lan, outside } from './lab-plan.ts';
import { ensureUplink, hasLink, ip, segment } from './namespaces.ts';

/** The daemon's name. */
export const lanDhcp = 'lan-dhcp';

/** Starts the DHCP server, and gives the host its bridge into the LAN. The namespaces must be there. */
export async function ensureLan(plan: HostPlan): Promise<void> {
  if (!(await hasLink(plan.namespace, lan.bridge))) {
    await ip(plan.namespace, 'link', 'add', lan.bridge, 'type', 'bridge');
  }
  await ensureUplink(plan.namespace, 'eth1', `${plan.name}-lan`);
  await ip(plan.namespace, 'link', 'set', 'eth1', 'master', lan.bridge, 'up');
  await ip(plan.namespace, 'link', 'set', lan.bridge, 'up');
  startDhcp();
}

function startDhcp(): void {
  if (daemonRuns(lanDhcp)) return;
  const { first, last } = lan.pool;
  const argv = [
    'dnsmasq',
    ...['--keep-in-foreground', '--conf-file=/dev/null', '--pid-file=', '--user=root', '--port=0'],
    ...[`--interface=${segment}`, '--bind-interfaces', '--dhcp-authoritative', '--no-ping'],
    ...[`--dhcp-range=${first},${last},1h`, `--dhcp-leasefile=${join(labDir(), 'lan-leases')}`],
  ];
  startDaemon({ name: lanDhcp, namespace: outside.namespace, argv });
}
