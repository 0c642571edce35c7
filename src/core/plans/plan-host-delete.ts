/** Plans the deletion of a host: its doors, its place in the register, and the server where it was made for that. Pure. */

import type { CloudWorld } from '../cloud-world.ts';
import { doorsInWords } from '../names.ts';
import { type DoorSpec, makeWorkPlan, type Step, type WorkPlan } from '../plan.ts';
import { type Refusal, refuse } from '../refusal.ts';
import type { HostDeleteCommand } from '../request.ts';
import { groupNameOf, hostOwner } from '../tags/cloud-tag.ts';
import type { StandingDoor } from '../tags/standing-doors.ts';
import { thingsInCloud } from '../tags/standing-in-cloud.ts';
import type { CloudThing } from '../thing.ts';
import { closeAll } from './plan-host.ts';

/** What is to be deleted. */
export interface DeleteWorld {
  doors: readonly StandingDoor[];
  /** Absent: the host does not answer. */
  instances?: readonly string[];
  /** Its cloud; and the server, absent where it is gone from there. */
  cloud?: CloudWorld;
  server?: { id: string; name: string; ours: boolean };
  /** Doors that the register knows on a host that does not answer: what of them stands in the cloud is taken away. */
  lost: readonly DoorSpec[];
  keyPair?: string;
  /** In the register; those of the configuration are not. */
  registered: boolean;
}

export function planHostDelete(command: HostDeleteCommand, world: DeleteWorld): WorkPlan | Refusal {
  const { name } = command;
  const refusal = mayNotGo(command, world);
  if (refusal !== undefined) return refusal;
  const { instances, server, lost } = world;
  const doors = [...world.doors, ...lost.map((door) => inCloud(door, name, world))];
  const gone = isGone(world)
    ? 'takes away what is left of its server'
    : server?.ours === true
      ? `deletes the server ${server.name} and all that is on it`
      : `forgets the host; ${server === undefined ? 'it' : `the server ${server.name}`} stays as it is`;
  const losses =
    (instances ?? []).length === 0 ? [] : [`these instances are lost: ${(instances ?? []).join(', ')}`];
  return makeWorkPlan({
    action: 'host delete',
    subject: `host ${name}`,
    summary: `closes ${doorsInWords(doors)} of ${name} and ${gone}`,
    risk:
      server?.ours === true
        ? 'what is on the host cannot be brought back'
        : 'Drawbridge no longer acts on the host',
    steps: [
      { do: 'put', thing: { kind: 'drained', host: name } },
      ...closeAll(doors),
      { do: 'remove', thing: { kind: 'known_host', host: name, user: '' } },
      ...serverSteps(name, world),
    ],
    closes: doors.map(({ door }) => door),
    approvals: 2,
    why: [],
    warnings: server?.ours === true ? losses : [],
  });
}

function mayNotGo({ name, withInstances }: HostDeleteCommand, world: DeleteWorld): Refusal | undefined {
  const { registered, instances, server } = world;
  if (!registered)
    return refuse(
      'not_ours',
      `${name} stands in the configuration; Drawbridge did not make it and does not delete it.`,
      'Take it out of the configuration file.',
    );
  if (server?.ours !== true || withInstances === true || isGone(world)) return undefined;
  if (instances === undefined)
    return refuse(
      'host_silent',
      `${name} does not answer, so its instances cannot be seen.`,
      `Whatever it has is lost with \`host delete ${name} with instances\`.`,
    );
  if (instances.length === 0) return undefined;
  return refuse(
    'has_instances',
    `${name} has ${instances.length} instances: ${instances.slice(0, 10).join(', ')}${instances.length > 10 ? ' …' : ''}.`,
    `Delete them first, or say \`host delete ${name} with instances\`.`,
  );
}

/** Its cloud has no such server any more. */
function isGone({ cloud, server }: DeleteWorld): boolean {
  return cloud !== undefined && server === undefined;
}

/** What stands in the cloud for a door whose host cannot be asked. */
function inCloud(door: DoorSpec, name: string, { cloud }: DeleteWorld): StandingDoor {
  const port = cloud?.ports.find(({ owners }) => owners.includes(hostOwner(name)));
  if (cloud === undefined || port === undefined) return { door, things: [] };
  return {
    door,
    things: thingsInCloud(door.id, { cloud, server: { id: '', name, status: '', port, subnet: NOWHERE } }),
  };
}

const NOWHERE = { cidr: '0.0.0.0/32', dhcp: false, dhcpServers: [], routed: false };

/** From the outside in; each is harmless where it is gone already. */
function serverSteps(name: string, { cloud, server, keyPair }: DeleteWorld): Step[] {
  if (cloud === undefined || (server !== undefined && !server.ours)) return [];
  const owner = hostOwner(name);
  const own = { cloud: cloud.cloud, owner, about: `host ${name}` };
  const group = groupNameOf(name);
  const claims = cloud.groups.find((each) => each.ours && each.name === group)?.claims ?? [];
  const sources = claims.filter((claim) => claim.owner === owner).map(({ source }) => source);
  const things: CloudThing[] = [
    { ...own, kind: 'rule', group, protocol: 'tcp', port: 22, sources },
    { ...own, kind: 'floating_ip', network: cloud.external?.id ?? '' },
    {
      ...own,
      kind: 'server',
      name,
      image: UNKNOWN,
      flavor: UNKNOWN,
      keyPair: '',
      userData: '',
      configDrive: false,
    },
    { ...own, kind: 'port', network: '', use: 'host', groups: [group] },
    { ...own, kind: 'group', name: group },
    ...(keyPair === undefined ? [] : [{ ...own, kind: 'key_pair', name: keyPair, publicKey: '' } as const]),
  ];
  return things.map((thing) => ({ do: 'remove', thing }));
}

const UNKNOWN = { id: '', name: '' };
