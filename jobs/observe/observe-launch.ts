/** Looks at what every host has for a new instance: names, images, profiles, room. Changes nothing. */

import type { LaunchHost } from '../../src/core/plans/launch-candidate.ts';
import type { LaunchWorld } from '../../src/core/plans/plan-launch.ts';
import { MARK } from '../../src/core/tags/door-tag.ts';
import { messageOf } from '../../src/errors.ts';
import type { LxdClient, LxdProfile } from '../../src/lxd/client.ts';
import { imageServerHas } from '../../src/outside/image-server.ts';
import type { Host } from '../tools.ts';

/** All hosts side by side; those that do not answer are named with the reason. @param image as it was typed */
export async function observeLaunch(
  hosts: readonly Host[],
  image: string,
  signal?: AbortSignal,
): Promise<LaunchWorld> {
  const remotes = new Map<string, Promise<boolean | 'unknown'>>();
  const has = (server: string): Promise<boolean | 'unknown'> => {
    const asked = remotes.get(server) ?? imageServerHas(server, image, signal);
    remotes.set(server, asked);
    return asked;
  };
  const results = await Promise.allSettled(hosts.map((host) => observe(host, has, signal)));
  const world = { hosts: [] as LaunchHost[], silent: [] as { host: string; why: string }[] };
  results.forEach((result, index) => {
    if (result.status === 'fulfilled') world.hosts.push(result.value);
    else world.silent.push({ host: hosts[index]?.name ?? '', why: messageOf(result.reason) });
  });
  signal?.throwIfAborted();
  world.hosts.sort((a, b) => a.host.localeCompare(b.host));
  return world;
}

async function observe(
  { name, client, drained, imagesServer }: Host,
  has: (server: string) => Promise<boolean | 'unknown'>,
  signal?: AbortSignal,
): Promise<LaunchHost> {
  const [instances, images, profiles, memory] = await Promise.all([
    client.listInstances(signal),
    client.listImages(signal),
    client.listProfiles(signal),
    client.getMemory(signal),
  ]);
  const withPools = profiles.map((profile) => ({ name: profile.name, ...poolOf(profile) }));
  const pools = await spaceOf(
    withPools.flatMap(({ pool }) => pool ?? []),
    client,
    signal,
  );
  return {
    host: name,
    drained,
    memory,
    instances: instances.map((each) => ({ name: each.name, ...requestOf(each.config[MARK]) })),
    images: images.map(({ fingerprint, aliases, type }) => ({
      fingerprint,
      aliases: aliases.map((alias) => alias.name),
      type,
    })),
    profiles: withPools,
    pools,
    ...(imagesServer !== undefined && { remote: { server: imagesServer, has: await has(imagesServer) } }),
  };
}

function poolOf({ devices }: LxdProfile): { pool?: string } {
  const root = Object.values(devices).find(({ type, path }) => type === 'disk' && path === '/');
  return root?.pool === undefined ? {} : { pool: root.pool };
}

function requestOf(mark: string | undefined): { request?: string } {
  return mark === undefined ? {} : { request: mark };
}

async function spaceOf(pools: readonly string[], client: LxdClient, signal?: AbortSignal) {
  const names = [...new Set(pools)];
  const spaces = await Promise.all(
    names.map(async (pool) => [pool, await client.getPoolSpace(pool, signal)] as const),
  );
  return Object.fromEntries(spaces);
}
