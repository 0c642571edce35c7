/** The IPv4 address of a port. */
import { isIPv4 } from 'node:net';
import type { OsPort } from '../../src/openstack/client.ts';

/** Its first IPv4 address: on networks with both kinds the other may come first. */
export function ipv4Of({ fixed_ips }: Pick<OsPort, 'fixed_ips'>): string | undefined {
  return fixed_ips.find(({ ip_address }) => isIPv4(ip_address))?.ip_address;
}
