/** Looks at every host and cloud at once for the doors that stand there. Changes nothing. */
import { standingServerDoors } from '../../src/core/plans/plan-server.ts';
import type { SeenPlace } from '../../src/core/recovery/recover-register.ts';
import { standingDoors } from '../../src/core/tags/standing-doors.ts';
import { messageOf } from '../../src/errors.ts';
import { within } from '../../src/within.ts';
import { lookAtClouds } from '../observe/observe-cloud.ts';
import { observeHost } from '../observe/observe-host.ts';
import type { Tools } from '../tools.ts';

/** A place that takes longer counts as silent, in milliseconds. */
const PATIENCE_MS = 60_000;

/** @param now milliseconds since 1970: the guards of hosts say how long somebody is still let in */
export async function seePlaces(
  tools: Pick<Tools, 'hosts' | 'clouds'>,
  now: number,
  signal: AbortSignal,
): Promise<SeenPlace[]> {
  const look = lookAtClouds(tools, signal);
  const hosts = (await tools.hosts.list()).map((host) =>
    seen(host.name, async () => {
      const world = await observeHost(host, signal, look);
      const ends = (world.guard?.doors ?? []).flatMap(({ door, endsInSeconds }) =>
        endsInSeconds === undefined ? [] : [[door, now + endsInSeconds * 1_000] as const],
      );
      return { doors: standingDoors(world), ends: new Map(ends) };
    }),
  );
  const clouds = tools.clouds.map(({ name }) =>
    seen(name, async () => ({ doors: standingServerDoors(await look.world(name)), ends: new Map() })),
  );
  const places = await Promise.all([...hosts, ...clouds]);
  signal.throwIfAborted();
  return places.sort((a, b) => a.name.localeCompare(b.name));
}

async function seen(
  name: string,
  look: () => Promise<Required<Pick<SeenPlace, 'doors' | 'ends'>>>,
): Promise<SeenPlace> {
  try {
    return { name, ...(await within(PATIENCE_MS, look())) };
  } catch (error) {
    return { name, silent: messageOf(error), ends: new Map() };
  }
}
