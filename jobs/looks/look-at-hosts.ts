/** Looks whether hosts and clouds answer. Changes nothing. */
import type { Answer, CloudLine, HostLine } from '../../src/core/answer.ts';
import { isFault, messageOf } from '../../src/errors.ts';
import { lookAtClouds } from '../observe/observe-cloud.ts';
import { observeHost } from '../observe/observe-host.ts';
import type { Cloud, Host, Tools } from '../tools.ts';

export async function lookAtHosts(signal: AbortSignal, tools: Tools): Promise<Answer> {
  const { hosts, clouds } = tools;
  const all = await hosts.list();
  const [lines, cloudLines] = await Promise.all([
    Promise.all(all.map((host) => lookAtHost(host, signal, tools))),
    Promise.all(clouds.map((cloud) => lookAtCloud(cloud, signal))),
  ]);
  return { kind: 'hosts', hosts: lines, clouds: cloudLines };
}

async function lookAtHost(host: Host, signal: AbortSignal, tools: Tools): Promise<HostLine> {
  const begun = performance.now();
  const about = {
    host: host.name,
    ...(host.server !== undefined && { cloud: host.server.cloud }),
    ...(host.drained && { drained: true }),
  };
  try {
    const [server, world] = await Promise.all([host.client.getServer(signal), observeHost(host, signal)]);
    const { publicAddress, instances } = world;
    return {
      ...about,
      answers: true,
      says: `LXD ${server.environment.server_version}`,
      instances: instances.length,
      took: Math.round(performance.now() - begun),
      ...(publicAddress !== undefined && { publicAddress }),
    };
  } catch (error) {
    const gone = await goneFromCloud(host, signal, tools);
    return { ...about, answers: false, says: gone ?? messageOf(error) };
  }
}

/** Says so where the host does not answer because its cloud has no such server any more. */
async function goneFromCloud(
  { name, server, registered }: Host,
  signal: AbortSignal,
  tools: Tools,
): Promise<string | undefined> {
  if (server === undefined) return undefined;
  try {
    const seen = await lookAtClouds(tools, signal).server(server.cloud, server.server);
    if (seen !== undefined) return undefined;
    const next = registered ? `; \`host delete ${name}\` forgets it` : '';
    return `${server.cloud} has no such server any more${next}`;
  } catch (error) {
    if (isFault(error)) return undefined;
    throw error;
  }
}

async function lookAtCloud({ name, client }: Cloud, signal: AbortSignal): Promise<CloudLine> {
  const begun = performance.now();
  try {
    const [{ compute, network }, limits] = await Promise.all([
      client.check(signal),
      client.getComputeLimits(signal),
    ]);
    const { maxTotalInstances: most, totalInstancesUsed: used } = limits;
    const servers = most < 0 ? `${used} servers` : `${used} of ${most} servers`;
    return {
      cloud: name,
      answers: true,
      says: `${servers}; Nova ${Math.round(compute)} ms, Neutron ${Math.round(network)} ms`,
      took: Math.round(performance.now() - begun),
    };
  } catch (error) {
    return { cloud: name, answers: false, says: messageOf(error) };
  }
}
