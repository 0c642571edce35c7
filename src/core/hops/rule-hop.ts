/** The security group that filters for a door, and the rules by which it lets people in. */
import type { GroupWorld, HostCloud, PortWorld, RuleWorld } from '../cloud-world.ts';
import { portOf } from '../request.ts';
import { isWithin, sourcesInWords } from '../sources.ts';
import { type DoorWay, thingOf } from './door-way.ts';
import { broken, fine, type Hop } from './hop.ts';
import { repairOf } from './remedy.ts';

/** The port whose groups filter: the instance's own where it is plugged in, else the server's, which carries it. */
export function filteringPort({ door }: DoorWay, { cloud, server }: HostCloud): PortWorld | undefined {
  return door.road === 'port' ? cloud.ports.find(({ owners }) => owners.includes(door.id)) : server.port;
}

/** Whom the groups let in to the door; undefined where nothing filters. */
export function lettingIn(way: DoorWay, host: HostCloud): { name: string; admits: string[] } | undefined {
  const port = filteringPort(way, host);
  if (port?.security !== true) return undefined;
  const groups = groupsOf(way, host, port);
  const open = groups.flatMap((group) =>
    group.rules
      .filter((rule) => isFor(rule, way))
      .flatMap(({ source }) => (source === undefined ? [] : [{ group: group.name, source }])),
  );
  const names = [...new Set(open.map(({ group }) => group))];
  const name = names.length === 0 ? 'the security group' : `the security group ${names.join(' and ')}`;
  return { name, admits: [...new Set(open.map(({ source }) => source))].sort() };
}

/** Group and rule; nothing where the port of the door is gone, which is a hop of its own. */
export function ruleHops(way: DoorWay, host: HostCloud): Hop[] {
  const port = filteringPort(way, host);
  if (port === undefined) return [];
  if (!port.security)
    return [
      fine('group', 'security group', `${host.server.name} has no port security: its cloud filters nothing`),
    ];
  return [...groupHop(way, host, port), ruleHop(way, host)];
}

/** No hop where rules of others let the door’s visitors in already. */
function groupHop(way: DoorWay, host: HostCloud, port: PortWorld): Hop[] {
  const wanted = wantedGroup(way);
  if (wanted === undefined) return [];
  const name = `security group ${wanted}`;
  const found = host.cloud.groups.filter((group) => group.name === wanted);
  const where = `the port of ${way.door.road === 'port' ? way.door.instance : host.server.name}`;
  if (found.length === 0) return [broken('group', name, `is gone from ${host.cloud.cloud}`, repairOf(way))];
  if (!found.some(({ id }) => port.groups.includes(id)))
    return [broken('group', name, `does not hang on ${where}: somebody took it off`, repairOf(way))];
  return [fine('group', name, `hangs on ${where}`)];
}

function ruleHop(way: DoorWay, host: HostCloud): Hop {
  const { door } = way;
  const service = `${door.protocol} ${filteredPort(way)}`;
  const name = `rule for ${service}`;
  const admits = lettingIn(way, host)?.admits ?? [];
  const missing = door.sources.filter((source) => !isWithin(source, admits));
  if (missing.length === 0) return fine('rule', name, `lets in ${sourcesInWords(admits)}`);
  const whom = admits.length === 0 ? 'nobody is let in' : `only ${sourcesInWords(admits)} let in`;
  const lack =
    missing.length === door.sources.length && admits.length === 0
      ? 'is gone'
      : `lacks ${sourcesInWords(missing)}`;
  return broken(
    'rule',
    name,
    `${lack}: ${whom} to ${portOf(filteredPort(way), door.protocol)}`,
    repairOf(way),
  );
}

/** Those on the port, and the door's own wherever it is by now: the rules are told apart from where the group hangs. */
function groupsOf(way: DoorWay, { cloud }: HostCloud, port: PortWorld): GroupWorld[] {
  const wanted = wantedGroup(way);
  return cloud.groups.filter(({ id, name }) => port.groups.includes(id) || name === wanted);
}

/** `udp/68` is let in for the DHCP of the cloud, not for visitors. */
function wantedGroup(way: DoorWay): string | undefined {
  const rule = way.things.find(
    (thing) =>
      thing.kind === 'rule' && thing.port === filteredPort(way) && thing.protocol === way.door.protocol,
  );
  if (rule?.kind === 'rule') return rule.group;
  return thingOf(way, 'group')?.name;
}

function isFor({ protocol, ports }: RuleWorld, way: DoorWay): boolean {
  const port = filteredPort(way);
  return (
    (protocol === undefined || protocol === way.door.protocol) &&
    (ports === undefined || (ports.from <= port && port <= ports.to))
  );
}

/** The port at which the groups filter. */
function filteredPort(way: DoorWay): number {
  return thingOf(way, 'port_forwarding')?.port ?? way.door.publicPort;
}
