/**
 * Points a floating IP to a port, or takes it for port forwardings. One that was free before is only lent: it is given back unpointed and
 * kept. One that was taken from the cloud for us goes with the last door that needs it.
 */
import { cloudMark, ownersIn, parseCloudMark } from '../../src/core/tags/cloud-tag.ts';
import type { ThingOf } from '../../src/core/thing.ts';
import { Fault } from '../../src/errors.ts';
import type { CloudClient, OsFloatingIp } from '../../src/openstack/client.ts';
import { ipv4Of } from '../observe/ipv4-of.ts';
import { cloudOf, type StepTools } from '../thing-tools.ts';
import { ownPort } from './own-port.ts';

type FloatingIp = ThingOf<'floating_ip'>;

/** Finds the one that is the owner's already, claims the one that was planned, or takes a new one; then points it. */
export async function putFloatingIp(thing: FloatingIp, tools: StepTools): Promise<void> {
  const { client } = cloudOf(thing.cloud, tools);
  await tools.records.locks.hold(`floating-ips:${thing.cloud}`, async (held) => {
    const signal = AbortSignal.any([tools.signal, held]);
    const target = thing.port === undefined ? undefined : await targetOf(thing, client, signal);
    const all = await client.listFloatingIps({}, signal);
    const found = ownedBy(all, thing.owner) ?? planned(thing, all, target?.port_id);
    const address = await claim(found ?? (await take(thing, target, client, signal)), thing, client, signal);
    if (target !== undefined && address.port_id !== target.port_id)
      await point(address, target, client, signal);
  });
}

type Target = { port_id: string; fixed_ip_address?: string };

async function targetOf(thing: FloatingIp, client: CloudClient, signal: AbortSignal): Promise<Target> {
  const ref = thing.port ?? { owner: thing.owner };
  if ('id' in ref)
    return {
      port_id: ref.id,
      ...(thing.fixedAddress !== undefined && { fixed_ip_address: thing.fixedAddress }),
    };
  // Neutron wants to know which address is meant wherever a port has several.
  const port = await ownPort(client, ref.owner, signal);
  const address = ipv4Of(port);
  return { port_id: port.id, ...(address !== undefined && { fixed_ip_address: address }) };
}

/** By its tag, or right after it was made by its description. */
function ownedBy(all: readonly OsFloatingIp[], owner: string): OsFloatingIp | undefined {
  return (
    all.find(({ tags }) => tags.includes(owner)) ??
    all.find(
      ({ tags, description }) => ownersIn(tags).length === 0 && parseCloudMark(description)?.owner === owner,
    )
  );
}

/** The one that was planned; or one of ours that another door has pointed to the same port meanwhile. */
function planned(
  { address, about }: FloatingIp,
  all: readonly OsFloatingIp[],
  port: string | undefined,
): OsFloatingIp | undefined {
  const there = port === undefined ? undefined : all.find(({ port_id }) => port_id === port);
  if (
    there !== undefined &&
    (parseCloudMark(there.description) !== undefined || ownersIn(there.tags).length > 0)
  )
    return there;
  if (address === undefined) return undefined;
  const found = all.find(({ floating_ip_address }) => floating_ip_address === address);
  if (found === undefined)
    throw new Fault('foreign_object', `pointing ${address} to ${about}: it is gone from the project`);
  return found;
}

async function take(
  thing: FloatingIp,
  target: Target | undefined,
  client: CloudClient,
  signal: AbortSignal,
): Promise<OsFloatingIp> {
  const description = cloudMark(thing.owner, thing.about);
  return client.createFloatingIp({ floating_network_id: thing.network, description, ...target }, signal);
}

/** The address with the owner's tag on it, as it is then: a tag makes a new revision, and a change has to name the last one. */
async function claim(
  address: OsFloatingIp,
  { owner }: FloatingIp,
  client: CloudClient,
  signal: AbortSignal,
): Promise<OsFloatingIp> {
  if (address.tags.includes(owner)) return address;
  await client.addTag('floatingips', address.id, owner, signal);
  const [claimed = address] = await client.listFloatingIps({ id: address.id }, signal);
  return claimed;
}

async function point(
  address: OsFloatingIp,
  target: Target,
  client: CloudClient,
  signal: AbortSignal,
): Promise<void> {
  if (address.port_id !== null)
    throw new Fault('foreign_object', `${address.floating_ip_address} has just been pointed elsewhere`);
  await client.pointFloatingIp(address, target, signal);
}

/** Gives the floating IP back, unless another door or host needs it. */
export async function removeFloatingIp(thing: FloatingIp, tools: StepTools): Promise<void> {
  const { client } = cloudOf(thing.cloud, tools);
  await tools.records.locks.hold(`floating-ips:${thing.cloud}`, async (held) => {
    const signal = AbortSignal.any([tools.signal, held]);
    const address = ownedBy(await client.listFloatingIps({}, signal), thing.owner);
    if (address === undefined) return;
    const others = ownersIn(address.tags).filter((owner) => owner !== thing.owner);
    // The last claim goes last: whatever is interrupted before is found by it and done again.
    if (others.length === 0) await giveBack(address, client, signal);
    if (others.length > 0 || parseCloudMark(address.description) === undefined)
      await client.removeTag('floatingips', address.id, thing.owner, signal);
  });
}

async function giveBack(address: OsFloatingIp, client: CloudClient, signal: AbortSignal): Promise<void> {
  if (parseCloudMark(address.description) !== undefined) return client.deleteFloatingIp(address.id, signal);
  if (address.port_id !== null) await client.pointFloatingIp(address, undefined, signal);
}

/** The address that an owner needs. */
export async function findFloatingIp(
  client: CloudClient,
  owner: string,
  signal: AbortSignal,
): Promise<OsFloatingIp | undefined> {
  return ownedBy(await client.listFloatingIps({}, signal), owner);
}
