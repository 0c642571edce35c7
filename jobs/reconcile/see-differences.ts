/** Looks at a host, or at a cloud, and compares the doors of the register with it. Changes nothing. */
import type { Difference } from '../../src/core/differences/difference.ts';
import { differencesOf, serverDifferencesOf } from '../../src/core/differences/differences-of.ts';
import { standingServerDoors } from '../../src/core/plans/plan-server.ts';
import type { Door } from '../../src/core/record.ts';
import { strayDoors } from '../../src/core/tags/remaining-things.ts';
import type { HostWorld } from '../../src/core/world.ts';
import type { CloudLook } from '../observe/observe-cloud.ts';
import { observeHost } from '../observe/observe-host.ts';
import type { Host, Tools } from '../tools.ts';
import { type Busy, busyDoors } from './busy-doors.ts';

/** A host that takes longer counts as one that was not seen. Milliseconds. */
const PATIENCE_MS = 20_000;

export type SeeTools = Pick<Tools, 'hosts' | 'clouds' | 'records'>;

export interface SeenDifferences {
  differences: Difference[];
  /** Ids of those of which anything stands. */
  stands: ReadonlySet<string>;
  /** Doors that are left alone this time. */
  busy: Busy;
}

/**
 * One host, whole, or a throw: what was not seen is never taken for gone. The register and the requests under way are read before and
 * after: a door that came, went or is being worked on meanwhile is left to the next time.
 * @param ids of the doors that the register has there
 */
export async function seeHost(
  host: Host,
  ids: Iterable<string>,
  look: CloudLook,
  tools: SeeTools,
  signal: AbortSignal,
  except?: string,
): Promise<SeenDifferences> {
  const { doors: register } = tools.records;
  const patience = AbortSignal.any([signal, AbortSignal.timeout(PATIENCE_MS)]);
  const before = await busyDoors(tools, except);
  const doors = await register.getMany([...ids]);
  const world = await observeHost(host, patience, look);
  const where = await whereaboutsOf(missingOn(world, doors), host, tools, patience);
  const known = await knownAmong(world, doors, tools);
  const found = differencesOf(
    doors,
    world,
    { elsewhere: (name) => where.get(name), isKnown: (id) => known.has(id) },
    Date.now(),
  );
  const stands = new Set(strayDoors(world, () => false).map(({ door }) => door.id));
  return settled(found, doors, stands, before, tools, except);
}

/** The doors to servers of one cloud. */
export async function seeCloud(
  cloud: string,
  ids: Iterable<string>,
  look: CloudLook,
  tools: SeeTools,
  except?: string,
): Promise<SeenDifferences> {
  const before = await busyDoors(tools, except);
  const doors = await tools.records.doors.getMany([...ids]);
  const world = await look.world(cloud);
  const standing = standingServerDoors(world).map(({ door }) => door.id);
  const known = new Set((await tools.records.doors.getMany(standing)).map(({ id }) => id));
  const found = serverDifferencesOf(doors, world, (id) => known.has(id));
  return settled(found, doors, new Set(standing), before, tools, except);
}

/** Without those of doors that came, went or were worked on while we looked. */
async function settled(
  found: Difference[],
  doors: readonly Door[],
  stands: ReadonlySet<string>,
  before: Busy,
  tools: SeeTools,
  except?: string,
): Promise<SeenDifferences> {
  const after = found.length === 0 ? before : await busyDoors(tools, except);
  const busy: Busy = {
    has: (door) => before.has(door) || after.has(door),
    makes: (id) => before.makes(id) || after.makes(id),
  };
  const ids = [...new Set(found.map(({ door }) => door.id))];
  const now = new Map(
    (await tools.records.doors.getMany(ids)).map((door) => [door.id, JSON.stringify(door)]),
  );
  const was = new Map(doors.map((door) => [door.id, JSON.stringify(door)]));
  const differences = found.filter(({ door }) => !busy.has(door) && now.get(door.id) === was.get(door.id));
  return { differences, stands, busy };
}

function missingOn({ instances }: HostWorld, doors: readonly Door[]): Set<string> {
  const there = new Set(instances.map(({ name }) => name));
  return new Set(doors.map(({ instance }) => instance).filter((name) => !there.has(name)));
}

/** Which other hosts have these instances; a name without an entry may be on one that did not answer. */
async function whereaboutsOf(
  names: ReadonlySet<string>,
  own: Host,
  { hosts }: Pick<Tools, 'hosts'>,
  signal: AbortSignal,
): Promise<Map<string, string[]>> {
  const where = new Map<string, string[]>();
  if (names.size === 0) return where;
  let all = true;
  for (const host of await hosts.list()) {
    if (host.name === own.name) continue;
    try {
      for (const { name } of await host.client.listInstances(signal))
        if (names.has(name)) where.set(name, [...(where.get(name) ?? []), host.name]);
    } catch {
      all = false;
    }
  }
  if (all) for (const name of names) if (!where.has(name)) where.set(name, []);
  return where;
}

/** Of all that carries an id of ours there: what the register knows, on whichever host, before or after we looked. */
async function knownAmong(
  world: HostWorld,
  doors: readonly Door[],
  { records }: Pick<Tools, 'records'>,
): Promise<Set<string>> {
  const before = new Set(doors.map(({ id }) => id));
  const strays = strayDoors(world, (id) => before.has(id)).map(({ door }) => door.id);
  const after = (await records.doors.getMany(strays)).map(({ id }) => id);
  return new Set([...before, ...after]);
}
