/** Who gets through the security groups of a port: what they let in already, and what our rule adds. */

import {
  costOf,
  type GroupWorld,
  type HostCloud,
  leftOf,
  type RuleClaim,
  type RuleWorld,
} from '../cloud-world.ts';
import { isAnyone, type Protocol, portOf } from '../request.ts';
import { ANYONE, isWithin, sourcesInWords } from '../sources.ts';
import { groupNameOf } from '../tags/cloud-tag.ts';

import type { CloudThing } from '../thing.ts';
import { type Unfit, unfit } from './road.ts';

export interface Entry {
  owner: string;
  about: string;
  protocol: Protocol;
  port: number;
  sources: string[];
}

export interface LetIn {
  /** The group, hung on the port before anything is let in. */
  ground: CloudThing[];
  /** The rule: last in opening, first in closing. */
  rule: CloudThing[];
  warnings: string[];
  cost: string[];
}

/** A rule in the server's own group, unless rules that are not ours let the sources in already. */
export function letIn(
  entry: Entry,
  { cloud, server }: HostCloud,
  name = groupNameOf(server.name),
): LetIn | Unfit {
  const { port } = server;
  if (!port.security)
    return {
      ground: [],
      rule: [],
      warnings: [`${server.name} has no port security: its cloud filters nothing`],
      cost: [],
    };
  if (!cloud.can.tags)
    return unfit(`${cloud.cloud} has no tags (extension standard-attr-tag), by which rules are counted`);
  const hung = cloud.groups.filter(({ id }) => port.groups.includes(id));
  const standing = alreadyIn(entry, hung);
  if (standing !== undefined) return standing;
  const ours = cloud.groups.find((group) => group.ours && group.name === name);
  const clash = otherSources(entry, ours);
  if (clash !== undefined) return clash;
  const fresh =
    ours === undefined ? entry.sources : entry.sources.filter((source) => !hasRule(ours, entry, source));
  const lack = lackOf(cloud, ours === undefined ? 1 : 0, fresh.length);
  if (lack !== undefined) return unfit(lack);
  const base = { cloud: cloud.cloud, owner: entry.owner, about: entry.about };
  const { protocol, port: number, sources } = entry;
  const { groups, rules } = cloud.quotas;
  return {
    ground: [{ ...base, kind: 'group', name, port: { id: port.id } }],
    rule: [{ ...base, kind: 'rule', group: name, protocol, port: number, sources }],
    warnings: [],
    cost: [
      ...costOf('security groups', groups, ours === undefined ? 1 : 0),
      ...costOf('security group rules', rules, fresh.length),
    ],
  };
}

/** Rules that are not ours and let somebody in to the port: enough, too much, or not at all. */
function alreadyIn(entry: Entry, groups: readonly GroupWorld[]): LetIn | Unfit | undefined {
  const open = groups.flatMap(({ name, rules }) =>
    rules
      .filter((rule) => !rule.ours && rule.source !== undefined && covers(rule, entry))
      .map((rule) => ({ name, source: rule.source ?? ANYONE })),
  );
  const wider = open.find(({ source }) => !isWithin(source, entry.sources));
  const service = `${portOf(entry.port, entry.protocol)}`;
  if (wider !== undefined && !isAnyone(entry.sources))
    return unfit(
      `the group ${wider.name} lets in ${sourcesInWords([wider.source])} to ${service} already, so \`from\` could not be enforced`,
    );
  const enough = entry.sources.every((source) =>
    isWithin(
      source,
      open.map((each) => each.source),
    ),
  );
  if (!enough) return undefined;
  const names = [...new Set(open.map(({ name }) => name))].join(', ');
  return {
    ground: [],
    rule: [],
    warnings: [`the group ${names} lets it in already; its rule is kept on closing`],
    cost: [],
  };
}

/** A group filters for all addresses behind its port: two doors to one port number share their sources. */
function otherSources(entry: Entry, group: GroupWorld | undefined): Unfit | undefined {
  const others = (group?.claims ?? []).filter(
    ({ owner, protocol, port }) =>
      owner !== entry.owner && protocol === entry.protocol && port === entry.port,
  );
  const owner = others.find((claim) => !sameSources(entry.sources, others, claim))?.owner;
  return owner === undefined
    ? undefined
    : unfit(
        `${owner} lets other sources in to ${portOf(entry.port, entry.protocol)} through the same group, which filters for the port as a whole`,
      );
}

function sameSources(
  sources: readonly string[],
  claims: readonly RuleClaim[],
  { owner }: RuleClaim,
): boolean {
  const theirs = claims.filter((claim) => claim.owner === owner).map(({ source }) => source);
  return [...theirs].sort().join(',') === [...sources].sort().join(',');
}

function covers({ protocol, ports }: RuleWorld, entry: Entry): boolean {
  return (
    (protocol === undefined || protocol === entry.protocol) &&
    (ports === undefined || (ports.from <= entry.port && entry.port <= ports.to))
  );
}

function hasRule(group: GroupWorld, { protocol, port }: Entry, source: string): boolean {
  return group.rules.some(
    (rule) =>
      rule.protocol === protocol &&
      rule.ports?.from === port &&
      rule.ports.to === port &&
      rule.source === source,
  );
}

function lackOf({ quotas }: HostCloud['cloud'], groups: number, rules: number): string | undefined {
  // A new group comes with two rules that let everything out (Neutron, "Security groups").
  const needed = rules + 2 * groups;
  if (leftOf(quotas.groups) < groups)
    return `the quota of security groups is used up (${quotas.groups.used} of ${quotas.groups.limit})`;
  if (leftOf(quotas.rules) < needed)
    return `it needs ${needed} more security group rules, and ${quotas.rules.used} of ${quotas.rules.limit} are used`;
  return undefined;
}
