/** Finds the ports that Drawbridge made, by the tag or, right after they were made, by the description. */
import { ownersIn, parseCloudMark } from '../../src/core/tags/cloud-tag.ts';
import type { PortRef } from '../../src/core/thing.ts';
import { Fault } from '../../src/errors.ts';
import type { CloudClient, OsPort } from '../../src/openstack/client.ts';

/** The port that was made for an owner, or that it shares. */
export async function findOwnPort(
  client: CloudClient,
  owner: string,
  signal: AbortSignal,
): Promise<OsPort | undefined> {
  const [tagged] = await client.listPorts({ tags: owner }, signal);
  if (tagged !== undefined) return tagged;
  const all = await client.listPorts({}, signal);
  return all.find(({ description }) => parseCloudMark(description)?.owner === owner);
}

/** @throws Fault foreign_object when the port that an earlier step made is gone */
export async function ownPort(client: CloudClient, owner: string, signal: AbortSignal): Promise<OsPort> {
  const port = await findOwnPort(client, owner, signal);
  if (port === undefined)
    throw new Fault('foreign_object', `the port that was made for ${owner} is gone`, { retryable: true });
  return port;
}

/** The id of a port that stands, or of the one that was made for the owner. */
export async function portIdOf(client: CloudClient, ref: PortRef, signal: AbortSignal): Promise<string> {
  return 'id' in ref ? ref.id : (await ownPort(client, ref.owner, signal)).id;
}

/** True when a port serves somebody beside `owner`. */
export function othersNeed({ tags }: OsPort, owner: string): boolean {
  return ownersIn(tags).some((each) => each !== owner);
}

/**
 * Everything that changes one port goes through one lock. Neutron compares `If-Match` before it writes, not while it does: of three
 * changes at once two were lost (measured on Zed).
 */
export function portLock({ cloud }: { cloud: string }, port: string): string {
  return `port:${cloud}/${port}`;
}
