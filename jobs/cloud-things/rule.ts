/**
 * Lets sources in by rules of a group of ours. Rules cannot be changed, and two doors may need the very same one: each door claims what
 * it needs by a tag of the group, and a rule goes with its last claim.
 */

import type { RuleClaim } from '../../src/core/cloud-world.ts';
import { claimTag, cloudMark, parseClaim, parseCloudMark } from '../../src/core/tags/cloud-tag.ts';
import type { ThingOf } from '../../src/core/thing.ts';
import { Fault, isFault } from '../../src/errors.ts';
import type { CloudClient, OsRule, OsSecurityGroup } from '../../src/openstack/client.ts';
import { cloudOf, type StepTools } from '../thing-tools.ts';
import { findGroup, groupLock } from './group.ts';

type Rule = ThingOf<'rule'>;

/** Claims first, then the rules: a crash in between leaves the door shut, and is found by its claim. */
export async function putRule(thing: Rule, tools: StepTools): Promise<void> {
  const { client } = cloudOf(thing.cloud, tools);
  await tools.records.locks.hold(groupLock(thing, thing.group), async (held) => {
    const signal = AbortSignal.any([tools.signal, held]);
    const group = await findGroup(client, thing.group, signal);
    if (group === undefined)
      throw new Fault('foreign_object', `letting sources in: the group ${thing.group} is gone`, {
        retryable: true,
      });
    for (const claim of claimsOf(thing)) {
      if (!group.tags.includes(claimTag(claim)))
        await client.addTag('security-groups', group.id, claimTag(claim), signal);
      if (ruleFor(claim, group) === undefined) await createRule(claim, thing, group, client, signal);
    }
  });
}

async function createRule(
  { protocol, port, source }: RuleClaim,
  { owner, about }: Rule,
  { id }: OsSecurityGroup,
  client: CloudClient,
  signal: AbortSignal,
): Promise<void> {
  const request = {
    security_group_id: id,
    direction: 'ingress',
    ethertype: 'IPv4',
    protocol,
    port_range_min: port,
    port_range_max: port,
    remote_ip_prefix: source,
    description: cloudMark(owner, about),
  } as const;
  await client.createRule(request, signal).catch((error) => {
    // The same rule has just been made, by somebody or by a call of ours whose answer was lost.
    if (!isFault(error, 'openstack_conflict')) throw error;
  });
}

/** The rules first, then the claims: what is found by a claim may still be open. */
export async function removeRule(thing: Rule, tools: StepTools): Promise<void> {
  const { client } = cloudOf(thing.cloud, tools);
  await tools.records.locks.hold(groupLock(thing, thing.group), async (held) => {
    const signal = AbortSignal.any([tools.signal, held]);
    const group = await findGroup(client, thing.group, signal);
    if (group === undefined) return;
    for (const claim of claimsOf(thing)) {
      const rule = ruleFor(claim, group);
      if (rule !== undefined && isOurs(rule) && !isShared(claim, group))
        await client.deleteRule(rule.id, signal);
      if (group.tags.includes(claimTag(claim)))
        await client.removeTag('security-groups', group.id, claimTag(claim), signal);
    }
  });
}

function claimsOf({ owner, protocol, port, sources }: Rule): RuleClaim[] {
  return sources.map((source) => ({ owner, protocol, port, source }));
}

function ruleFor(
  { protocol, port, source }: RuleClaim,
  { security_group_rules }: OsSecurityGroup,
): OsRule | undefined {
  return security_group_rules.find(
    (rule) =>
      rule.direction === 'ingress' &&
      rule.ethertype === 'IPv4' &&
      rule.protocol === protocol &&
      rule.port_range_min === port &&
      rule.port_range_max === port &&
      // Neutron keeps "anyone" as it was written: as 0.0.0.0/0 or as nothing.
      (rule.remote_ip_prefix ?? (rule.remote_group_id === null ? '0.0.0.0/0' : undefined)) === source,
  );
}

function isOurs({ description }: OsRule): boolean {
  return parseCloudMark(description) !== undefined;
}

function isShared(claim: RuleClaim, { tags }: OsSecurityGroup): boolean {
  return tags
    .map(parseClaim)
    .some(
      (other) =>
        other !== undefined &&
        other.owner !== claim.owner &&
        other.protocol === claim.protocol &&
        other.port === claim.port &&
        other.source === claim.source,
    );
}
