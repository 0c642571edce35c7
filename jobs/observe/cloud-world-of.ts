/** Turns OpenStack's answers into the planner's words. Pure; lists are sorted, so that the same cloud gives the same plan. */

import type {
  CloudWorld,
  FloatingIpWorld,
  GroupWorld,
  PortWorld,
  Quota,
  RuleWorld,
} from '../../src/core/cloud-world.ts';
import { ownersIn, parseClaim, parseCloudMark } from '../../src/core/tags/cloud-tag.ts';
import type {
  OsFloatingIp,
  OsNetwork,
  OsNetworkQuotas,
  OsPort,
  OsPortForwarding,
  OsRule,
  OsSecurityGroup,
} from '../../src/openstack/client.ts';
import type { Cloud } from '../tools.ts';
import { ipv4Of } from './ipv4-of.ts';

/** Everything that was asked of a cloud, as it answered. */
export interface SeenCloud {
  cloud: Cloud;
  extensions: ReadonlySet<string>;
  quotas: OsNetworkQuotas;
  /** Networks of floating IPs. */
  externals: readonly OsNetwork[];
  ports: readonly OsPort[];
  floatingIps: readonly OsFloatingIp[];
  groups: readonly OsSecurityGroup[];
  /** By the id of the floating IP. */
  forwardings: ReadonlyMap<string, readonly OsPortForwarding[]>;
}

export function cloudWorldOf(seen: SeenCloud): CloudWorld {
  const { cloud, extensions, quotas, ports } = seen;
  const external = externalOf(seen);
  const groups = seen.groups
    .map(groupWorldOf)
    .sort((a, b) => a.name.localeCompare(b.name) || a.id.localeCompare(b.id));
  const ours = new Set(groups.filter((group) => group.ours).map(({ id }) => id));
  const all = [...ports].sort((a, b) => a.id.localeCompare(b.id)).map((port) => portWorldOf(port));
  return {
    cloud: cloud.name,
    can: {
      tags: extensions.has('standard-attr-tag'),
      addressPairs: extensions.has('allowed-address-pairs'),
      portForwarding: extensions.has('floating-ip-port-forwarding'),
    },
    ...(external && { external }),
    quotas: {
      floatingIps: quotaOf(quotas.floatingip),
      ports: quotaOf(quotas.port),
      groups: quotaOf(quotas.security_group),
      rules: quotaOf(quotas.security_group_rule),
    },
    floatingIps: seen.floatingIps
      .map((address) => floatingIpWorldOf(address, seen.forwardings.get(address.id) ?? []))
      .sort((a, b) => a.address.localeCompare(b.address)),
    groups,
    ports: all.filter(({ owners }) => owners.length > 0),
    serverPorts: all.filter((port) => port.owners.length === 0 && port.groups.some((id) => ours.has(id))),
  };
}

/** The one that is configured, or the only one there is. */
function externalOf({ cloud, externals }: SeenCloud): CloudWorld['external'] {
  const wanted = cloud.externalNetwork;
  const fitting = externals.filter(
    ({ id, name }) => wanted === undefined || wanted === id || wanted === name,
  );
  const [only, other] = fitting;
  return only === undefined || other !== undefined ? undefined : { id: only.id, name: only.name };
}

/** Clouds leave out quotas of what they do not have. */
export function quotaOf(quota: { limit: number; used: number; reserved: number } | undefined): Quota {
  return quota === undefined
    ? { limit: -1, used: 0 }
    : { limit: quota.limit, used: quota.used + quota.reserved };
}

function floatingIpWorldOf(address: OsFloatingIp, forwardings: readonly OsPortForwarding[]): FloatingIpWorld {
  const mark = parseCloudMark(address.description);
  const tagged = ownersIn(address.tags);
  return {
    id: address.id,
    address: address.floating_ip_address,
    network: address.floating_network_id,
    ...(address.port_id !== null && { port: address.port_id }),
    owners: tagged.length > 0 || mark === undefined ? tagged : [mark.owner],
    ours: mark !== undefined,
    forwardings: forwardings.map((each) => {
      const owner = parseCloudMark(each.description)?.owner;
      return {
        id: each.id,
        protocol: each.protocol === 'udp' ? 'udp' : 'tcp',
        publicPort: each.external_port,
        port: each.internal_port_id,
        address: each.internal_ip_address,
        targetPort: each.internal_port,
        ...(owner !== undefined && { owner }),
      };
    }),
  };
}

function groupWorldOf({
  id,
  name,
  description,
  tags,
  security_group_rules: rules,
}: OsSecurityGroup): GroupWorld {
  return {
    id,
    name,
    ours: parseCloudMark(description) !== undefined,
    claims: tags
      .map(parseClaim)
      .filter((claim) => claim !== undefined)
      .sort((a, b) => a.owner.localeCompare(b.owner) || a.port - b.port || a.source.localeCompare(b.source)),
    rules: rules
      .filter(({ direction, ethertype }) => direction === 'ingress' && ethertype === 'IPv4')
      .map(ruleWorldOf)
      .sort((a, b) => a.id.localeCompare(b.id)),
  };
}

function ruleWorldOf(rule: OsRule): RuleWorld {
  const { port_range_min: from, port_range_max: to, remote_ip_prefix: prefix, remote_group_id: group } = rule;
  const source = prefix ?? (group === null ? '0.0.0.0/0' : undefined);
  return {
    id: rule.id,
    ...(rule.protocol !== null && { protocol: rule.protocol }),
    ...(from !== null && to !== null && { ports: { from, to } }),
    ...(source !== undefined && { source }),
    ours: parseCloudMark(rule.description) !== undefined,
  };
}

/** @param address the one of its addresses that counts; by default the first */
export function portWorldOf(port: OsPort, address?: string): PortWorld {
  const mark = parseCloudMark(port.description);
  const tagged = ownersIn(port.tags);
  return {
    id: port.id,
    network: port.network_id,
    address: address ?? ipv4Of(port) ?? '',
    mac: port.mac_address,
    groups: [...port.security_groups].sort(),
    pairs: port.allowed_address_pairs.map(({ ip_address, mac_address }) => ({
      address: ip_address,
      ...(mac_address !== undefined && { mac: mac_address }),
    })),
    plugged: port.device_id !== '',
    security: port.port_security_enabled !== false,
    owners: tagged.length > 0 || mark === undefined ? tagged : [mark.owner],
    ...(mark !== undefined && { about: mark.about }),
  };
}
