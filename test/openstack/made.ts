/** Makes what a test needs and takes it all away again, whatever became of the test. */
import { randomBytes } from 'node:crypto';
import { afterEach } from 'vitest';
import type {
  CloudClient,
  OsFloatingIp,
  OsPort,
  OsPortRequest,
  OsSecurityGroup,
} from '../../src/openstack/client.ts';
import { until } from '../stage/until.ts';

export interface Made {
  port(network: string, more?: Partial<OsPortRequest>): Promise<OsPort>;
  floatingIp(
    network: string,
    more?: { port_id?: string; fixed_ip_address?: string; description?: string },
  ): Promise<OsFloatingIp>;
  group(): Promise<OsSecurityGroup>;
  /** Has it removed after the test, too. */
  later(remove: () => Promise<void>): void;
}

export function uniqueName(): string {
  return `c-${randomBytes(4).toString('hex')}`;
}

const removals: (() => Promise<void>)[] = [];

/** For the suites that use `made`: removes in the opposite order. */
export function clearAfterEach(): void {
  afterEach(async () => {
    for (const remove of removals.splice(0).reverse()) await remove();
  });
}

export function madeBy(client: CloudClient): Made {
  const later = (remove: () => Promise<void>): void => {
    removals.push(remove);
  };
  return {
    later,
    port: async (network, more) => {
      const request = { network_id: network, name: uniqueName(), description: 'of the contract', ...more };
      const port = await client.createPort(request);
      later(() => client.deletePort(port.id));
      return port;
    },
    floatingIp: async (network, more) => {
      const request = { floating_network_id: network, description: 'of the contract', ...more };
      const floatingIp = await client.createFloatingIp(request);
      later(() => client.deleteFloatingIp(floatingIp.id));
      return floatingIp;
    },
    group: async () => {
      const group = await client.createSecurityGroup(uniqueName(), 'of the contract');
      // Until the ports that carried it are gone.
      later(async () => {
        await until(
          () =>
            client.deleteSecurityGroup(group.id).then(
              () => true,
              () => undefined,
            ),
          'the group to be free',
        );
      });
      return group;
    },
  };
}
