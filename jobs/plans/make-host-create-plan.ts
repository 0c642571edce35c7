/** Looks at what a new host needs of its cloud, and has it planned. Changes nothing. */

import { nearest } from '../../src/core/commands/nearest.ts';
import type { WorkPlan } from '../../src/core/plan.ts';
import { type CreateWorld, planHostCreate } from '../../src/core/plans/plan-host-create.ts';
import { isRefusal, type Refusal, refuse } from '../../src/core/refusal.ts';
import type { HostCreateCommand } from '../../src/core/request.ts';
import { hostOwner } from '../../src/core/tags/cloud-tag.ts';
import type { OsComputeLimits } from '../../src/openstack/client.ts';
import { keyPairNameOf, MADE_FOR } from '../cloud-things/server.ts';
import { describeSubnet, findServer, isRouted, lookAtClouds } from '../observe/observe-cloud.ts';
import type { Cloud, PlanTools } from '../tools.ts';

export async function makeHostCreatePlan(
  requestId: string,
  command: HostCreateCommand,
  tools: PlanTools,
  signal?: AbortSignal,
): Promise<WorkPlan | Refusal> {
  const cloud = chooseCloud(command, tools.clouds);
  if (isRefusal(cloud)) return cloud;
  const taken = await nameTaken(requestId, command.name, tools);
  if (taken !== undefined) return taken;
  const world = await observe(command, cloud, tools, signal);
  return isRefusal(world) ? world : planHostCreate(command, world);
}

function chooseCloud({ cloud: named }: HostCreateCommand, clouds: readonly Cloud[]): Cloud | Refusal {
  const names = clouds.map(({ name }) => name);
  const [only, other] = clouds.filter(({ name }) => named === undefined || name === named);
  if (only !== undefined && other === undefined) return only;
  if (only !== undefined)
    return refuse(
      'ambiguous',
      `There are ${clouds.length} clouds.`,
      `Say which: ${names.map((name) => `\`on ${name}\``).join(' or ')}.`,
    );
  if (names.length === 0)
    return refuse(
      'not_found',
      'No cloud is configured.',
      'Add one under `clouds:` in the configuration file.',
    );
  const close = nearest(named ?? '', names)[0];
  return refuse(
    'not_found',
    `There is no cloud \`${named}\`.`,
    close === undefined ? `The clouds are ${names.join(', ')}.` : `Did you mean \`on ${close}\`?`,
  );
}

/** A host of this name that another request made. */
async function nameTaken(
  requestId: string,
  name: string,
  { hosts, records }: PlanTools,
): Promise<Refusal | undefined> {
  const host = (await hosts.list()).find((each) => each.name === name);
  if (host === undefined || (await records.knownHosts.get(name))?.request === requestId) return undefined;
  return refuse('exists', `There is a host ${name} already.`, '`/lxd hosts` shows them; take another name.');
}

async function observe(
  command: HostCreateCommand,
  cloud: Cloud,
  tools: PlanTools,
  signal?: AbortSignal,
): Promise<CreateWorld | Refusal> {
  const { client } = cloud;
  const look = lookAtClouds(tools, signal);
  const [world, limits, flavors, images, networks, server, keyPair] = await Promise.all([
    look.world(cloud.name),
    client.getComputeLimits(signal),
    client.listFlavors(signal),
    client.listImages({ status: 'active' }, signal),
    client.listNetworks({}, signal),
    findServer(client, command.name, signal),
    command.key === undefined ? undefined : client.getKeypair(command.key, signal),
  ]);
  if (command.key !== undefined && keyPair === undefined)
    return refuse(
      'not_found',
      `${cloud.name} has no key pair \`${command.key}\` for Drawbridge’s user.`,
      'Leave out `key`, or add it there.',
    );
  const flavor = pick('flavor', command.flavor ?? cloud.flavor, flavors, cloud.name);
  if (isRefusal(flavor)) return flavor;
  const image = pick('image', command.image ?? cloud.image, images, cloud.name);
  if (isRefusal(image)) return image;
  const inner = networks.filter((each) => !each['router:external']);
  const network = pick('network', command.network ?? cloud.network, inner, cloud.name);
  if (isRefusal(network)) return network;
  const [subnets, routers, ports] = await Promise.all([
    client.listSubnets({ network_id: network.id }, signal),
    client.listRouters({}, signal),
    client.listPorts({ network_id: network.id }, signal),
  ]);
  const subnet = subnets.find(({ ip_version }) => ip_version === 4);
  if (subnet === undefined)
    return refuse(
      'cloud_unfit',
      `${network.name} has no IPv4 subnet, and doors are IPv4.`,
      'Name another network.',
    );
  const externals = networks.filter((each) => each['router:external']);
  const routed = isRouted(subnet, network, ports, routers, cloud.externalNetwork, externals);
  return {
    cloud: world,
    quotas: quotasOf(limits),
    flavor,
    image: { id: image.id, name: image.name, minRam: image.min_ram, minDisk: image.min_disk },
    network: { id: network.id, name: network.name },
    subnet: { ...describeSubnet(subnet, ports), routed },
    user: cloud.user,
    publicKey: cloud.publicKey,
    keyPair: keyPairNameOf(cloud.publicKey),
    sshFrom: cloud.sshFrom,
    configDrive: cloud.configDrive,
    ...(server !== undefined && {
      present: { id: server.id, ours: server.metadata[MADE_FOR] === hostOwner(command.name) },
    }),
  };
}

/** The one with this name or id; the only one where none is named. */
function pick<T extends { id: string; name: string }>(
  what: string,
  wanted: string | undefined,
  all: readonly T[],
  cloud: string,
): T | Refusal {
  const [found, other] =
    wanted === undefined ? all : all.filter(({ id, name }) => name === wanted || id === wanted);
  if (found !== undefined && other === undefined) return found;
  const names = [...new Set(all.map(({ name }) => name))].sort();
  if (wanted === undefined)
    return refuse(
      'not_found',
      `${cloud} has ${all.length} ${what}s, and none is set as the default.`,
      `Say which: \`${what} …\`, one of ${names.slice(0, 15).join(', ')}.`,
    );
  if (found !== undefined)
    return refuse('ambiguous', `${cloud} has several ${what}s named ${wanted}.`, 'Name it by its id.');
  const close = nearest(wanted, names)[0];
  const next =
    close === undefined
      ? `There are ${names.slice(0, 15).join(', ')}.`
      : `Did you mean \`${what} ${close}\`?`;
  return refuse('not_found', `${cloud} has no ${what} \`${wanted}\`.`, next);
}

function quotasOf(limits: OsComputeLimits): CreateWorld['quotas'] {
  return {
    servers: { limit: limits.maxTotalInstances, used: limits.totalInstancesUsed },
    cores: { limit: limits.maxTotalCores, used: limits.totalCoresUsed },
    ram: { limit: limits.maxTotalRAMSize, used: limits.totalRAMUsed },
  };
}
