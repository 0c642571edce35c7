/** Looks at every place where the doors to a port may be: hosts with their clouds, or a cloud. What cannot be looked at says why. */
import type { RoadSeen, Sight } from '../../src/core/hops/door-way.ts';
import type { DoorSpec } from '../../src/core/plan.ts';
import { isRefusal, type Refusal } from '../../src/core/refusal.ts';
import type { WhyCommand } from '../../src/core/request.ts';
import { isFault, messageOf } from '../../src/errors.ts';
import type { Host, Tools } from '../tools.ts';
import { findInstance } from './find-instance.ts';
import { findServer } from './find-server.ts';
import { type CloudLook, lookAtClouds } from './observe-cloud.ts';
import { observeHost } from './observe-host.ts';
import { observeHostCloud } from './observe-host-cloud.ts';
import { observeListeners } from './observe-instance.ts';
import { observeListeningProcess } from './observe-process.ts';

/** A host, or for servers a cloud, as far as it could be looked at. */
export interface Spot extends Pick<RoadSeen, 'host' | 'cloud' | 'listeners' | 'program'> {
  /** Its name, as doors have it. */
  at: string;
}

export interface Spots {
  spots: Spot[];
  /** Who might have such a door, too, and could not be asked. */
  silent: { host: string; why: string }[];
}

/**
 * A refusal where nothing is known of what is named.
 * @param named the hosts or clouds that the register names for it
 */
export function lookAtSpots(
  command: WhyCommand,
  named: readonly string[],
  signal: AbortSignal,
  tools: Tools,
): Promise<Spots | Refusal> {
  const look = command.target.server === true ? lookForServer : lookForInstance;
  return look(command, [...new Set(named)], signal, tools);
}

/** The road of one door, as far as its host and cloud can be looked at. */
export async function lookAtRoad(
  { host, instance, port, protocol, road }: DoorSpec,
  tools: Tools,
  signal: AbortSignal,
): Promise<Omit<RoadSeen, 'now'>> {
  const target = { host, instance, ...(road === 'server' && { server: true as const }) };
  const found = await lookAtSpots({ action: 'why', target, port, protocol }, [host], signal, tools);
  if (isRefusal(found)) return { host: { why: found.message } };
  return found.spots.find(({ at }) => at === host) ?? { host: { why: `${host} was not looked at` } };
}

async function lookForInstance(
  command: WhyCommand,
  named: readonly string[],
  signal: AbortSignal,
  tools: Tools,
): Promise<Spots | Refusal> {
  const hosts = await tools.hosts.list();
  const found = await findInstance(hosts, command.target, signal);
  if (isRefusal(found) && named.length === 0) return found;
  const names = isRefusal(found) ? named : [...new Set([...named, found.host.name])];
  const clouds = lookAtClouds(tools, signal);
  const spots = names.map(async (at): Promise<Spot> => {
    const host = hosts.find(({ name }) => name === at);
    if (host === undefined) return { at, host: { why: `${at} is not in the configuration any more` } };
    return lookAtHost(host, command, clouds, signal);
  });
  const silent = isRefusal(found) ? [] : found.silentHosts.filter((host) => !names.includes(host));
  return {
    spots: await Promise.all(spots),
    silent: silent.map((host) => ({ host, why: 'it did not answer' })),
  };
}

/** The host and its cloud are asked apart: one that is silent does not hide the other. */
async function lookAtHost(
  host: Host,
  { target, port, protocol }: WhyCommand,
  clouds: CloudLook,
  signal: AbortSignal,
): Promise<Spot> {
  const { name: at, server } = host;
  const [world, cloud] = await Promise.all([
    sightOf(() => observeHost(host, signal)),
    server && sightOf(() => observeHostCloud(at, server, clouds)),
  ]);
  const spot: Spot = { at, host: world, ...(cloud && { cloud }) };
  const instance =
    'seen' in world ? world.seen.instances.find(({ name }) => name === target.instance) : undefined;
  if (instance?.status !== 'Running') return spot;
  const listeners = await observeListeners(host, target.instance, signal);
  if (listeners === undefined) return spot;
  if (!listeners.some((each) => each.port === port && each.protocol === protocol))
    return { ...spot, listeners };
  const program = await observeListeningProcess(host, target.instance, { port, protocol }, signal);
  return { ...spot, listeners, ...(program !== undefined && { program }) };
}

async function lookForServer(
  command: WhyCommand,
  named: readonly string[],
  signal: AbortSignal,
  tools: Tools,
): Promise<Spots | Refusal> {
  const found = await sightOf(() => findServer(command.target, tools, signal));
  if ('seen' in found && !isRefusal(found.seen))
    return { spots: [{ at: found.seen.cloud.cloud, cloud: { seen: found.seen } }], silent: [] };
  if ('seen' in found && isRefusal(found.seen) && named.length === 0) return found.seen;
  const why = 'why' in found ? found.why : isRefusal(found.seen) ? found.seen.message : '';
  const spots = named.map((at) => ({ at, cloud: { why } }));
  return { spots, silent: spots.length === 0 ? [{ host: 'The cloud', why }] : [] };
}

/** What goes wrong outside is no answer; everything else is a fault of ours. */
async function sightOf<T>(look: () => Promise<T>): Promise<Sight<T>> {
  try {
    return { seen: await look() };
  } catch (error) {
    if (isFault(error)) return { why: messageOf(error) };
    throw error;
  }
}
