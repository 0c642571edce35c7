/** Makes and deletes a port that is an instance's, or a host's, own. */
import { cloudMark } from '../../src/core/tags/cloud-tag.ts';
import type { ThingOf } from '../../src/core/thing.ts';
import { Fault } from '../../src/errors.ts';
import type { CloudClient } from '../../src/openstack/client.ts';
import { cloudOf, type StepTools } from '../thing-tools.ts';
import { groupIdOf } from './group.ts';
import { findOwnPort } from './own-port.ts';

type Port = ThingOf<'port'>;

/** A port that stays unbound needs an owner, so that nobody takes it for one that was forgotten. */
const RESERVATION = 'drawbridge:reservation';

/** Finds the port, or makes it with its mark in the description, and tags it. */
export async function putPort(thing: Port, tools: StepTools): Promise<void> {
  const { client } = cloudOf(thing.cloud, tools);
  const { signal } = tools;
  const found = await findOwnPort(client, thing.owner, signal);
  const port = found ?? (await create(thing, client, signal));
  if (!port.tags.includes(thing.owner)) await client.addTag('ports', port.id, thing.owner, signal);
}

async function create(thing: Port, client: CloudClient, signal: AbortSignal) {
  const groups = await Promise.all(thing.groups.map((name) => groupIdOf(client, name, signal)));
  if (groups.includes(undefined))
    throw new Fault('foreign_object', `making a port for ${thing.about}: its security group is gone`);
  return client.createPort(
    {
      network_id: thing.network,
      name: `drawbridge-${thing.about.replace(/[^\w.-]/g, '-')}`,
      description: cloudMark(thing.owner, thing.about),
      ...(groups.length > 0 && { security_groups: groups.filter((id) => id !== undefined) }),
      ...(thing.use === 'reservation' && { device_owner: RESERVATION }),
    },
    signal,
  );
}

/** Deletes the port. One that is gone is gone. */
export async function removePort(thing: Port, tools: StepTools): Promise<void> {
  const { client } = cloudOf(thing.cloud, tools);
  const port = await findOwnPort(client, thing.owner, tools.signal);
  if (port !== undefined) await client.deletePort(port.id, tools.signal);
}
