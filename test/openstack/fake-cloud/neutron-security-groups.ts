/** The fake Neutron's security groups, rules and tags. */
import { randomUUID } from 'node:crypto';
import type { OsRule } from '../../../src/openstack/client.ts';
import { bare, bodyOf, bump, checkQuota, found, listReply, shown } from './neutron.ts';
import { type FakeGroup, type FakeState, keep, visible } from './state.ts';
import { type Fields, neutronError, numberOf, type Route, textOf } from './wire.ts';

const RULE = [
  'security_group_id',
  'direction',
  'ethertype',
  'protocol',
  'port_range_min',
  'port_range_max',
  'remote_ip_prefix',
  'remote_group_id',
  'description',
];

export function securityGroupRoutes(state: FakeState): Route[] {
  const one = (id: string) =>
    found(state.groups, id, 'SecurityGroupNotFound', `Security group ${id} does not exist`);
  const view = (group: FakeGroup) => ({
    ...bare(group),
    security_group_rules: shown(state.rules).filter(
      ({ security_group_id }) => security_group_id === group.id,
    ),
  });

  return [
    [
      'GET',
      '/security-groups',
      (heard) => listReply(state, 'security_groups', visible(state.groups).map(view), heard),
    ],
    [
      'POST',
      '/security-groups',
      (heard) => {
        const fields = bodyOf(heard, 'security_group', ['name', 'description']);
        checkQuota(state, 'security_group');
        const made = createGroup(state, textOf(fields, 'name') ?? '', textOf(fields, 'description') ?? '');
        return { status: 201, body: { security_group: view(made) } };
      },
    ],
    [
      'DELETE',
      '/security-groups/*',
      (_heard, id = '') => {
        const { name } = one(id);
        if (name === 'default')
          throw neutronError(
            409,
            'SecurityGroupCannotRemoveDefault',
            'Insufficient rights for removing default security group.',
          );
        if ([...state.ports.values()].some(({ security_groups }) => security_groups.includes(id)))
          throw neutronError(409, 'SecurityGroupInUse', `Security Group ${id} in use.`);
        state.groups.delete(id);
        for (const [key, rule] of state.rules) if (rule.security_group_id === id) state.rules.delete(key);
        return { status: 204 };
      },
    ],
    [
      'POST',
      '/security-group-rules',
      (heard) => {
        const rule = checkedRule(bodyOf(heard, 'security_group_rule', RULE));
        one(rule.security_group_id);
        const twin = [...state.rules.values()].find((each) => SAME.every((key) => each[key] === rule[key]));
        if (twin !== undefined) {
          const words = `Security group rule already exists. Rule id is ${twin.id}.`;
          throw neutronError(409, 'SecurityGroupRuleExists', words);
        }
        checkQuota(state, 'security_group_rule');
        return { status: 201, body: { security_group_rule: bare(keep(state, state.rules, rule)) } };
      },
    ],
    [
      'DELETE',
      '/security-group-rules/*',
      (_heard, id = '') => {
        const words = `Security group rule ${id} does not exist`;
        state.rules.delete(found(state.rules, id, 'SecurityGroupRuleNotFound', words).id);
        return { status: 204 };
      },
    ],
    ...tagRoutes(state),
  ];
}

/** With the two rules that Neutron gives every group: all may go out. They count. */
export function createGroup(state: FakeState, name: string, description: string): FakeGroup {
  const group = keep(state, state.groups, {
    id: randomUUID(),
    name,
    description,
    tags: [],
    revision_number: 1,
  });
  for (const ethertype of ['IPv4', 'IPv6']) {
    const fields = { security_group_id: group.id, direction: 'egress', ethertype };
    keep(state, state.rules, checkedRule(fields));
  }
  return group;
}

/** The description does not tell two rules apart. */
const SAME = [
  'security_group_id',
  'direction',
  'ethertype',
  'protocol',
  'port_range_min',
  'port_range_max',
  'remote_ip_prefix',
  'remote_group_id',
] as const;

function checkedRule(fields: Fields): OsRule {
  const [min, max] = [numberOf(fields, 'port_range_min') ?? null, numberOf(fields, 'port_range_max') ?? null];
  const protocol = textOf(fields, 'protocol') ?? null;
  if (min !== null && max !== null && min > max) {
    const words = 'For TCP/UDP protocols, port_range_min must be <= port_range_max';
    throw neutronError(400, 'SecurityGroupInvalidPortRange', words);
  }
  if (protocol === null && min !== null) {
    const words = 'Must also specify protocol if port range is given.';
    throw neutronError(400, 'SecurityGroupProtocolRequiredWithPorts', words);
  }
  const prefix = textOf(fields, 'remote_ip_prefix') ?? null;
  if (prefix !== null && !/^\d+(\.\d+){3}(\/([0-9]|[12]\d|3[0-2]))?$/.test(prefix)) {
    throw neutronError(400, 'InvalidCIDR', `Invalid CIDR ${prefix} given as IP prefix.`);
  }
  return {
    id: randomUUID(),
    security_group_id: textOf(fields, 'security_group_id') ?? '',
    direction: textOf(fields, 'direction') ?? 'ingress',
    ethertype: textOf(fields, 'ethertype') ?? 'IPv4',
    protocol,
    port_range_min: min,
    port_range_max: max,
    remote_ip_prefix: prefix,
    remote_group_id: textOf(fields, 'remote_group_id') ?? null,
    description: textOf(fields, 'description') ?? '',
  };
}

function tagRoutes(state: FakeState): Route[] {
  const tables = { ports: state.ports, floatingips: state.floatingIps, 'security-groups': state.groups };
  return Object.entries(tables).flatMap(([kind, table]): Route[] => {
    const one = (id: string) =>
      found<{ tags: string[]; revision_number: number; visibleAt: number }>(
        table,
        id,
        'TagResourceNotFound',
        `Resource ${kind} ${id} could not be found.`,
      );
    return [
      [
        'PUT',
        `/${kind}/*/tags/*`,
        (_heard, id = '', tag = '') => {
          const thing = one(id);
          if (!thing.tags.includes(tag)) {
            thing.tags.push(tag);
            bump(thing);
          }
          return { status: 201 };
        },
      ],
      [
        'DELETE',
        `/${kind}/*/tags/*`,
        (_heard, id = '', tag = '') => {
          const thing = one(id);
          if (!thing.tags.includes(tag))
            throw neutronError(404, 'TagNotFound', `Tag ${tag} could not be found.`);
          thing.tags = thing.tags.filter((each) => each !== tag);
          bump(thing);
          return { status: 204 };
        },
      ],
    ];
  });
}
