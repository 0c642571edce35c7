/** Looks at what a plan about a host needs, and has it planned. Changes nothing. */

import { nearest } from '../../src/core/commands/nearest.ts';
import type { WorkPlan } from '../../src/core/plan.ts';
import { planHostDrain } from '../../src/core/plans/plan-host.ts';
import { planHostDelete } from '../../src/core/plans/plan-host-delete.ts';
import { type Refusal, refuse } from '../../src/core/refusal.ts';
import type { HostCommand, HostDeleteCommand, HostDrainCommand } from '../../src/core/request.ts';
import { hostOwner } from '../../src/core/tags/cloud-tag.ts';
import { standingDoors } from '../../src/core/tags/standing-doors.ts';
import { isFault } from '../../src/errors.ts';
import { keyPairNameOf, MADE_FOR } from '../cloud-things/server.ts';
import { findServer, lookAtClouds } from '../observe/observe-cloud.ts';
import { observeHost } from '../observe/observe-host.ts';
import type { Host, PlanTools } from '../tools.ts';
import { makeHostAdoptPlan } from './make-host-adopt-plan.ts';
import { makeHostCreatePlan } from './make-host-create-plan.ts';

export async function makeHostPlan(
  requestId: string,
  command: HostCommand,
  tools: PlanTools,
  signal?: AbortSignal,
): Promise<WorkPlan | Refusal> {
  if (command.action === 'host create') return makeHostCreatePlan(requestId, command, tools, signal);
  if (command.action === 'host adopt') return makeHostAdoptPlan(requestId, command, tools, signal);
  const hosts = await tools.hosts.list();
  const host = hosts.find(({ name }) => name === command.name);
  if (host === undefined) return unknownHost(command.name, hosts);
  return command.action === 'host drain'
    ? makeDrainPlan(command, host, tools, signal)
    : makeDeletePlan(command, host, tools, signal);
}

function unknownHost(name: string, hosts: readonly Host[]): Refusal {
  const names = hosts.map((host) => host.name);
  const close = nearest(name, names)[0];
  const next =
    close === undefined ? `The hosts are ${names.join(', ') || 'none yet'}.` : `Did you mean \`${close}\`?`;
  return refuse('not_found', `There is no host \`${name}\`.`, next);
}

async function makeDrainPlan(command: HostDrainCommand, host: Host, tools: PlanTools, signal?: AbortSignal) {
  if (command.off === true) return planHostDrain(command, [], host.drained);
  const world = await observeHost(host, signal, lookAtClouds(tools, signal));
  return planHostDrain(command, standingDoors(world), host.drained);
}

/** A host that does not answer, or whose server is gone, can be deleted, too. */
async function makeDeletePlan(
  command: HostDeleteCommand,
  host: Host,
  tools: PlanTools,
  signal?: AbortSignal,
) {
  const look = lookAtClouds(tools, signal);
  const world = await observeHost(host, signal, look).catch((error) => {
    if (!isFault(error) || signal?.aborted === true) throw error;
    return undefined;
  });
  const cloud = tools.clouds.find(({ name }) => name === host.server?.cloud);
  const server =
    cloud === undefined || host.server === undefined
      ? undefined
      : await findServer(cloud.client, host.server.server, signal);
  const ours = server?.metadata[MADE_FOR] === hostOwner(host.name);
  return planHostDelete(command, {
    doors: world === undefined ? [] : standingDoors(world),
    lost: world === undefined ? await doorsOn(host, tools) : [],
    registered: host.registered,
    ...(world !== undefined && { instances: world.instances.map(({ name }) => name) }),
    ...(cloud !== undefined && {
      cloud: await look.world(cloud.name),
      keyPair: keyPairNameOf(cloud.publicKey),
    }),
    ...(server !== undefined && { server: { id: server.id, name: server.name, ours } }),
  });
}

/** The doors that the register has on a host, for where the host itself cannot say. */
async function doorsOn({ name }: Host, { records }: PlanTools) {
  return (await records.doors.list()).filter(({ host, road }) => host === name && road !== 'server');
}
