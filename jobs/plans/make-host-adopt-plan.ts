/** Knocks at a host that is to be taken in, and has it planned. Changes nothing. */

import { lookup } from 'node:dns/promises';
import { restrictedKey } from '../../src/core/cloud-init.ts';
import { leadsBack, refuseToLeadBack } from '../../src/core/commands/host-command.ts';
import { readConsole } from '../../src/core/console-news.ts';
import type { WorkPlan } from '../../src/core/plan.ts';
import { type AdoptWorld, planHostAdopt } from '../../src/core/plans/plan-host.ts';
import { isRefusal, type Refusal, refuse } from '../../src/core/refusal.ts';
import type { HostAdoptCommand } from '../../src/core/request.ts';
import { isFault, messageOf } from '../../src/errors.ts';
import { seeHostKey } from '../../src/lxd/ssh.ts';
import { findServer } from '../observe/find-server.ts';
import type { Cloud, PlanTools } from '../tools.ts';

/** Most of a console that is looked through for host keys. */
const CONSOLE_LINES = 2_000;

interface Place {
  address: string;
  user: string;
  cloud?: Cloud;
  server?: AdoptWorld['server'];
}

export async function makeHostAdoptPlan(
  requestId: string,
  command: HostAdoptCommand,
  tools: PlanTools,
  signal?: AbortSignal,
): Promise<WorkPlan | Refusal> {
  const { name } = command;
  const host = (await tools.hosts.list()).find((each) => each.name === name);
  if (host !== undefined && (await tools.records.knownHosts.get(name))?.request !== requestId)
    return refuse(
      'exists',
      `There is a host ${name} already.`,
      '`/lxd hosts` shows them; take another name.',
    );
  const place = await findPlace(command, tools, signal);
  return isRefusal(place) ? place : knock(command, place, tools, signal);
}

/** A server by its floating IP, or by its own address where it has none; a machine by what was typed. */
async function findPlace(
  command: HostAdoptCommand,
  tools: PlanTools,
  signal?: AbortSignal,
): Promise<Place | Refusal> {
  const { name, cloud: named, address, user } = command;
  if (address !== undefined) {
    if (await meansNoOther(address)) return refuseToLeadBack(address);
    return { address, user: user ?? tools.hosts.adoptUser };
  }
  const found = await findServer(
    { instance: name, server: true, ...(named !== undefined && { host: named }) },
    tools,
    signal,
  );
  if (isRefusal(found)) return found;
  const cloud = tools.clouds.find((each) => each.name === found.cloud.cloud);
  const { server } = found;
  const floating = found.cloud.floatingIps.find(({ port }) => port === server.port.id)?.address;
  return {
    address: floating ?? server.port.address,
    user: user ?? cloud?.user ?? tools.hosts.adoptUser,
    server: { cloud: found.cloud.cloud, id: server.id, name: server.name },
    ...(cloud !== undefined && { cloud }),
  };
}

/** What a name stands for is known here first. One that stands for nothing is told by the knock. */
async function meansNoOther(address: string): Promise<boolean> {
  const found = await lookup(address, { all: true }).catch(() => []);
  return [address, ...found.map((each) => each.address)].some(leadsBack);
}

async function knock(
  command: HostAdoptCommand,
  place: Place,
  tools: PlanTools,
  signal?: AbortSignal,
): Promise<WorkPlan | Refusal> {
  const { address, user, cloud, server } = place;
  const [hostKey, console_] = await Promise.all([
    seeHostKey({ address, port: 22 }).catch((error) => error as Error),
    cloud === undefined || server === undefined
      ? ''
      : cloud.client.getConsole(server.id, CONSOLE_LINES, signal).catch(() => ''),
  ]);
  if (typeof hostKey !== 'string')
    return refuse(
      'host_silent',
      `${address} does not answer SSH: ${messageOf(hostKey)}.`,
      'See that it runs, and that its firewall lets the workers in.',
    );
  const said = readConsole(console_).hostKey;
  if (said !== undefined && said !== hostKey)
    return refuse(
      'cloud_unfit',
      `${address} shows the host key ${hostKey}, but its console said ${said}: somebody may stand in between.`,
    );
  const tried: string[] = [];
  for (const socket of tools.hosts.sockets) {
    const access = { address, port: 22, user, hostKey, socket };
    const client = tools.hosts.connect(command.name, access, cloud?.name);
    try {
      const [{ environment }, instances] = await Promise.all([
        client.getServer(signal),
        client.listInstances(signal),
      ]);
      return planHostAdopt(command, {
        access,
        says: `LXD ${environment.server_version}`,
        instances: instances.length,
        keyConfirmed: said !== undefined,
        ...(server !== undefined && { server }),
      });
    } catch (error) {
      if (!isFault(error)) throw error;
      tried.push(messageOf(error));
    } finally {
      await client.close();
    }
  }
  const line =
    cloud === undefined ? 'the public part of `adopt.key_file`' : `\`${restrictedKey(cloud.publicKey)}\``;
  return refuse(
    'host_silent',
    `LXD on ${address} cannot be opened: ${tried[0]}.`,
    `authorized_keys of ${user} there needs ${line}, and ${user} has to be in the group lxd.`,
  );
}
