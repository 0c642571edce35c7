/** Leads one port of a shared floating IP to the host. */
import { cloudMark, parseCloudMark } from '../../src/core/tags/cloud-tag.ts';
import type { ThingOf } from '../../src/core/thing.ts';
import { Fault } from '../../src/errors.ts';
import type { OsPortForwarding } from '../../src/openstack/client.ts';
import { cloudOf, type StepTools } from '../thing-tools.ts';
import { findFloatingIp } from './floating-ip.ts';

type Forwarding = ThingOf<'port_forwarding'>;

export async function putPortForwarding(thing: Forwarding, tools: StepTools): Promise<void> {
  const { client } = cloudOf(thing.cloud, tools);
  const { signal } = tools;
  const address = await findFloatingIp(client, thing.owner, signal);
  if (address === undefined)
    throw new Fault('foreign_object', `forwarding port ${thing.publicPort}: the floating IP is gone`, {
      retryable: true,
    });
  const all = await client.listPortForwardings(address.id, signal);
  const there = all.find(
    (each) => each.external_port === thing.publicPort && each.protocol === thing.protocol,
  );
  if (there === undefined) {
    await client.createPortForwarding(
      address.id,
      {
        protocol: thing.protocol,
        external_port: thing.publicPort,
        internal_port_id: thing.hostPort,
        internal_ip_address: thing.fixedAddress,
        internal_port: thing.port,
        description: cloudMark(thing.owner, thing.about),
      },
      signal,
    );
  } else if (!isOurs(there, thing)) {
    const place = `${address.floating_ip_address}:${thing.publicPort}`;
    throw new Fault(
      'foreign_object',
      `forwarding ${place}: it has just been taken for ${there.internal_ip_address}`,
    );
  }
}

export async function removePortForwarding(thing: Forwarding, tools: StepTools): Promise<void> {
  const { client } = cloudOf(thing.cloud, tools);
  const { signal } = tools;
  const address = await findFloatingIp(client, thing.owner, signal);
  if (address === undefined) return;
  const there = (await client.listPortForwardings(address.id, signal)).find((each) => isOurs(each, thing));
  if (there !== undefined) await client.deletePortForwarding(address.id, there.id, signal);
}

function isOurs({ description, external_port, protocol }: OsPortForwarding, thing: Forwarding): boolean {
  return (
    parseCloudMark(description)?.owner === thing.owner &&
    external_port === thing.publicPort &&
    protocol === thing.protocol
  );
}
