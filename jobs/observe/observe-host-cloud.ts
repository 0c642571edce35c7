/** Reads a host's side of its cloud: the cloud, and the server that the host is. Changes nothing. */
import type { HostCloud } from '../../src/core/cloud-world.ts';
import { Fault } from '../../src/errors.ts';
import type { Host } from '../tools.ts';
import type { CloudLook } from './observe-cloud.ts';

/**
 * The host's side of its cloud.
 * @throws Fault openstack_not_found when the cloud has no such server
 */
export async function observeHostCloud(
  name: string,
  server: NonNullable<Host['server']>,
  look: CloudLook,
): Promise<HostCloud> {
  const [cloud, seen] = await Promise.all([
    look.world(server.cloud),
    look.server(server.cloud, server.server),
  ]);
  if (seen === undefined)
    throw new Fault(
      'openstack_not_found',
      `${server.cloud} has no server ${server.server}, which ${name} should be`,
    );
  return { cloud, server: seen };
}
