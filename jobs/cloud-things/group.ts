/** Makes a security group of ours, hangs it on a port, and takes it away with the last that needs it. */
import { cloudMark, ownersIn, parseClaim, parseCloudMark } from '../../src/core/tags/cloud-tag.ts';
import type { ThingOf } from '../../src/core/thing.ts';
import { Fault, isFault } from '../../src/errors.ts';
import type { CloudClient, OsRule, OsSecurityGroup } from '../../src/openstack/client.ts';
import { cloudOf, type StepTools } from '../thing-tools.ts';
import { portIdOf, portLock } from './own-port.ts';

type Group = ThingOf<'group'>;

/** The group of ours with this name; names are not unique, so the description decides. */
export async function findGroup(
  client: CloudClient,
  name: string,
  signal: AbortSignal,
): Promise<OsSecurityGroup | undefined> {
  const all = await client.listSecurityGroups({ name }, signal);
  return all.find(({ description }) => parseCloudMark(description) !== undefined);
}

export async function groupIdOf(
  client: CloudClient,
  name: string,
  signal: AbortSignal,
): Promise<string | undefined> {
  return (await findGroup(client, name, signal))?.id;
}

/** Everything on one group goes through one lock: two workers must not both find that nobody needs it any more. */
export function groupLock({ cloud }: { cloud: string }, name: string): string {
  return `group:${cloud}/${name}`;
}

/** Finds or makes the group, and hangs it on the port beside those that hang there. A new one lets nobody in. */
export async function putGroup(thing: Group, tools: StepTools): Promise<void> {
  const { client } = cloudOf(thing.cloud, tools);
  await tools.records.locks.hold(groupLock(thing, thing.name), async (held) => {
    const signal = AbortSignal.any([tools.signal, held]);
    const found = await findGroup(client, thing.name, signal);
    const { id, tags } =
      found ?? (await client.createSecurityGroup(thing.name, cloudMark(thing.owner, thing.about), signal));
    if (thing.owner.startsWith('host-') && !tags.includes(thing.owner))
      await client.addTag('security-groups', id, thing.owner, signal);
    if (thing.port === undefined) return;
    const port = await portIdOf(client, thing.port, signal);
    await tools.records.locks.hold(portLock(thing, port), () =>
      client.updatePort(
        port,
        ({ security_groups }) =>
          security_groups.includes(id) ? undefined : { security_groups: [...security_groups, id] },
        signal,
      ),
    );
  });
}

/** Takes the group off its port and deletes it, unless a host or another door needs it. */
export async function removeGroup(thing: Group, tools: StepTools): Promise<void> {
  const { client } = cloudOf(thing.cloud, tools);
  await tools.records.locks.hold(groupLock(thing, thing.name), async (held) => {
    const signal = AbortSignal.any([tools.signal, held]);
    const group = await findGroup(client, thing.name, signal);
    if (group === undefined) return;
    if (group.tags.includes(thing.owner))
      await client.removeTag('security-groups', group.id, thing.owner, signal);
    if (isNeeded(group, thing.owner) || group.security_group_rules.some(isOfOthers)) return;
    await takeOff(group.id, thing, tools, signal);
    await deleteUnused(group, client, signal);
  });
}

function isNeeded({ tags }: OsSecurityGroup, owner: string): boolean {
  const claims = tags.map(parseClaim).filter((claim) => claim !== undefined);
  return ownersIn(tags).some((each) => each !== owner) || claims.some((claim) => claim.owner !== owner);
}

/** Somebody lets people in by a group of ours; Neutron would delete the rule with the group. */
function isOfOthers({ direction, description }: OsRule): boolean {
  return direction === 'ingress' && parseCloudMark(description) === undefined;
}

async function takeOff(id: string, thing: Group, tools: StepTools, signal: AbortSignal): Promise<void> {
  const { client } = cloudOf(thing.cloud, tools);
  const ports = await client.listPorts({ security_groups: id }, signal);
  for (const port of ports) {
    await tools.records.locks.hold(portLock(thing, port.id), () =>
      client
        .updatePort(
          port.id,
          ({ security_groups: all }) =>
            all.includes(id) ? { security_groups: all.filter((each) => each !== id) } : undefined,
          signal,
        )
        .catch((error) => {
          if (!isFault(error, 'openstack_not_found')) throw error;
        }),
    );
  }
}

/** A port that is being deleted may hold the group for a moment (Neutron answers 409). */
async function deleteUnused(
  { id, name }: OsSecurityGroup,
  client: CloudClient,
  signal: AbortSignal,
): Promise<void> {
  try {
    await client.deleteSecurityGroup(id, signal);
  } catch (error) {
    if (!isFault(error, 'openstack_conflict')) throw error;
    throw new Fault(error.code, `deleting the group ${name}: a port still has it`, {
      retryable: true,
      cause: error,
    });
  }
}
