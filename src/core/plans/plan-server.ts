/** Plans doors to servers of a cloud, whatever runs on them: a floating IP and a rule, nothing else (road `server`). */

import type { CloudWorld, HostCloud } from '../cloud-world.ts';
import { type DoorPlan, makePlan } from '../plan.ts';
import { type Refusal, refuse } from '../refusal.ts';
import { type ExposeCommand, portOf } from '../request.ts';
import { floatingIpFor, placeOf } from '../roads/front.ts';
import { letIn } from '../roads/let-in.ts';
import { aboutDoor, groupNameOf } from '../tags/cloud-tag.ts';
import { doorIdOf } from '../tags/door-tag.ts';
import type { StandingDoor } from '../tags/standing-doors.ts';
import { addressOf, sourcesOf, thingsInCloud } from '../tags/standing-in-cloud.ts';

/** The group of the doors that lead to a server itself; the doors to instances on it have another. */
function serverGroup(server: string): string {
  return groupNameOf(`server-${server}`);
}

const PREFIX = serverGroup('');

/** A plan that opens the door, or why there cannot be one. */
export function planServer(requestId: string, command: ExposeCommand, host: HostCloud): DoorPlan | Refusal {
  const id = doorIdOf(requestId);
  const { cloud, server } = host;
  const refusal = obstacle(command, host, id);
  if (refusal !== undefined) return refusal;
  const { port, protocol, sources, forSeconds, until } = command;
  const about = aboutDoor(server.name, port, protocol);
  const address = floatingIpFor(
    { owner: id, about, port: { id: server.port.id }, fixedAddress: server.port.address },
    placeOf(host),
    command.publicAddress,
  );
  if ('fits' in address) return refuse('no_road', `No road leads to ${server.name}: ${address.why}.`);
  const entry = letIn({ owner: id, about, protocol, port, sources }, host, serverGroup(server.name));
  if ('fits' in entry) return refuse('no_road', `No road leads to ${server.name}: ${entry.why}.`);
  const cost = [...address.cost, ...entry.cost];
  return makePlan({
    action: 'open',
    door: {
      id,
      host: cloud.cloud,
      instance: server.name,
      port,
      protocol,
      publicPort: port,
      road: 'server',
      sources,
      ...(address.address !== undefined && { publicAddress: address.address }),
    },
    steps: [...entry.ground, ...address.things, ...entry.rule].map((thing) => ({ do: 'put', thing })),
    why: [
      `server: ${server.name} is a server of ${cloud.cloud}: a floating IP and a security group are all it needs`,
    ],
    warnings: [...entry.warnings, `what listens on ${server.name} cannot be seen from here`],
    ...(cost.length > 0 && { cost }),
    ...(forSeconds !== undefined && { forSeconds }),
    ...(until !== undefined && { until }),
  });
}

function obstacle(command: ExposeCommand, { cloud, server }: HostCloud, door: string): Refusal | undefined {
  const service = `server:${server.name}:${portOf(command.port, command.protocol)}`;
  if (command.road !== undefined && command.road !== 'server')
    return refuse(
      'no_road',
      `The road ${command.road} leads to instances; ${server.name} is a server.`,
      'Leave out `via`.',
    );
  if (command.publicPort !== undefined && command.publicPort !== command.port)
    return refuse(
      'no_road',
      `A floating IP keeps the port: ${service} answers on ${command.port}.`,
      'Leave out `as`.',
    );
  if (server.status !== 'ACTIVE')
    return refuse(
      'not_running',
      `${server.name} in ${cloud.cloud} is ${server.status}: nothing could answer.`,
      'Start it, then ask again.',
    );
  const other = standingServerDoors(cloud).find(
    ({ door: each }) =>
      each.instance === server.name &&
      each.port === command.port &&
      each.protocol === command.protocol &&
      each.id !== door,
  );
  return (
    other &&
    refuse(
      'already_open',
      `${service} has a door already (${other.door.id}).`,
      '`/lxd doors` shows who opened it.',
    )
  );
}

/** The doors that lead to servers, read from the claims on their groups. */
export function standingServerDoors(cloud: CloudWorld): StandingDoor[] {
  return cloud.groups
    .filter(({ name, ours }) => ours && name.startsWith(PREFIX))
    .flatMap(({ name, id, claims }) => {
      const instance = name.slice(PREFIX.length);
      const owners = [...new Set(claims.map(({ owner }) => owner))];
      return owners.flatMap((owner) => serverDoor(owner, instance, id, cloud));
    });
}

function serverDoor(owner: string, instance: string, group: string, cloud: CloudWorld): StandingDoor[] {
  const claim = cloud.groups.flatMap(({ claims }) => claims).find((each) => each.owner === owner);
  const hung = cloud.serverPorts.find(({ groups }) => groups.includes(group));
  if (claim === undefined || hung === undefined) return [];
  const host: HostCloud = {
    cloud,
    server: { id: '', name: `server-${instance}`, status: '', port: hung, subnet: NOWHERE },
  };
  const publicAddress = addressOf(owner, host);
  const { protocol, port } = claim;
  const door = {
    id: owner,
    host: cloud.cloud,
    instance,
    port,
    protocol,
    publicPort: port,
    road: 'server' as const,
  };
  return [
    {
      door: {
        ...door,
        sources: sourcesOf(owner, cloud),
        ...(publicAddress !== undefined && { publicAddress }),
      },
      things: thingsInCloud(owner, host),
    },
  ];
}

const NOWHERE = { cidr: '0.0.0.0/32', dhcp: false, dhcpServers: [], routed: false };
