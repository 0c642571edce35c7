/** Finds a server of a cloud by the name that people use, in whichever cloud has it. */
import type { HostCloud } from '../../src/core/cloud-world.ts';
import { nearest } from '../../src/core/commands/nearest.ts';
import { type Refusal, refuse } from '../../src/core/refusal.ts';
import { type InstanceName, nameOf } from '../../src/core/request.ts';
import type { Tools } from '../tools.ts';
import { lookAtClouds } from './observe-cloud.ts';

/** The server with its cloud; a refusal when none or several clouds have it. Faults of a cloud that is asked are thrown. */
export async function findServer(
  target: InstanceName,
  tools: Pick<Tools, 'clouds'>,
  signal?: AbortSignal,
): Promise<HostCloud | Refusal> {
  const asked = tools.clouds.filter(({ name }) => target.host === undefined || target.host === name);
  if (asked.length === 0) return noCloud(target, tools);
  const look = lookAtClouds(tools, signal);
  const found = await Promise.all(
    asked.map(async ({ name }) => {
      const [cloud, server] = await Promise.all([look.world(name), look.server(name, target.instance)]);
      return server === undefined ? [] : [{ cloud, server }];
    }),
  );
  const [first, second] = found.flat();
  if (first === undefined) return notFound(target, asked, signal);
  if (second === undefined) return first;
  const names = found.flat().map(({ cloud }) => `\`server:${cloud.cloud}/${target.instance}\``);
  return refuse(
    'ambiguous',
    `${names.length} clouds have a server ${target.instance}.`,
    `Say which: ${names.join(' or ')}.`,
  );
}

function noCloud(target: InstanceName, { clouds }: Pick<Tools, 'clouds'>): Refusal {
  const names = clouds.map(({ name }) => name);
  const next =
    names.length === 0
      ? 'None is configured: add one under `clouds:` in the configuration file.'
      : `The clouds are ${names.join(', ')}.`;
  return refuse('not_found', `There is no cloud for \`${nameOf(target)}\`.`, next);
}

async function notFound(
  target: InstanceName,
  clouds: Tools['clouds'],
  signal?: AbortSignal,
): Promise<Refusal> {
  const all = await Promise.all(clouds.map(({ client }) => client.listServers({}, signal)));
  const close = nearest(
    target.instance,
    all.flat().map(({ name }) => name),
  )[0];
  const next = close === undefined ? undefined : `Did you mean \`server:${close}\`?`;
  return refuse('not_found', `There is no server \`${nameOf(target)}\`.`, next);
}
