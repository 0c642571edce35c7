/**
 * Job of the queue `reconcile`: compares every door of the register with the road as it is, notes what differs, tells it, and does what
 * may be done without asking. Hosts are looked at a few at a time and their doors read with them, so that memory does not grow with either.
 */
import { isFault, messageOf } from '../../src/errors.ts';
import type { Payloads } from '../../src/queues.ts';
import { lookAtClouds } from '../observe/observe-cloud.ts';
import type { Tools } from '../tools.ts';
import { actOnDifferences, type Candidate } from './act-on-differences.ts';
import { busyDoors } from './busy-doors.ts';
import { noteDifferences } from './note-differences.ts';
import { type SeenDifferences, seeCloud, seeHost } from './see-differences.ts';
import { missPlace, seePlace } from './unseen-places.ts';

/** How many hosts are looked at side by side. */
const AT_ONCE = 4;
/** A pass of one place waits no longer than this for another one of it. */
const WAIT_MS = 30_000;

export type ReconcileTools = Pick<Tools, 'hosts' | 'clouds' | 'records' | 'queues' | 'reconcile' | 'log'>;

/** What a pass saw. */
export interface Reconciled {
  doors: number;
  differences: number;
  unseen: string[];
}

interface Place {
  name: string;
  /** How many doors the register has there. */
  doors: number;
  see(): Promise<SeenDifferences>;
}

const NOTHING: Reconciled = { doors: 0, differences: 0, unseen: [] };

/** One pass over everything, or over one host. */
export async function reconcileDoors(
  { host: only, hint }: Payloads['reconcile'],
  signal: AbortSignal,
  tools: ReconcileTools,
): Promise<Reconciled> {
  const begun = Date.now();
  if (only !== undefined && hint === true && !(await isComparable(only, tools))) return NOTHING;
  const todo = await placesOf(only, signal, tools);
  const total: Reconciled = { doors: 0, differences: 0, unseen: [] };
  const candidates: Candidate[] = [];
  const run = async (): Promise<void> => {
    for (let place = todo.shift(); place !== undefined; place = todo.shift()) {
      signal.throwIfAborted();
      const seen = await reconcilePlace(place, signal, tools);
      total.doors += place.doors;
      if (seen === undefined) total.unseen.push(place.name);
      total.differences += seen?.differences ?? 0;
      candidates.push(...(seen?.candidates ?? []));
    }
  };
  await Promise.all(Array.from({ length: AT_ONCE }, run));
  await actOnDifferences(candidates, only === undefined, tools, begun);
  if (only === undefined)
    await tools.records.differences.setPass({ at: begun, tookMs: Date.now() - begun, ...total });
  return total;
}

/** Most of what changes on a host is about no door, or done for one by a request: to look at the host whole for that is a burden on it. */
async function isComparable(host: string, tools: ReconcileTools): Promise<boolean> {
  const ids = (await tools.records.doors.idsByHost()).get(host) ?? [];
  const [doors, busy] = await Promise.all([tools.records.doors.getMany([...ids]), busyDoors(tools)]);
  return doors.some((door) => !busy.has(door));
}

/** Hosts, and clouds with doors to their servers. Where panic was called nothing is compared: what it closed is to stay closed. */
async function placesOf(
  only: string | undefined,
  signal: AbortSignal,
  tools: ReconcileTools,
): Promise<Place[]> {
  const { hosts, clouds, records } = tools;
  const ids = await records.doors.idsByHost();
  const look = lookAtClouds(tools, signal);
  const all: Place[] = [
    ...(await hosts.list()).map((host) => {
      const own = ids.get(host.name) ?? [];
      return { name: host.name, doors: [...own].length, see: () => seeHost(host, own, look, tools, signal) };
    }),
    ...clouds.map(({ name }) => {
      const own = ids.get(name) ?? [];
      return { name, doors: [...own].length, see: () => seeCloud(name, own, look, tools) };
    }),
  ].filter(({ name }) => only === undefined || name === only);
  const calm = await Promise.all(all.map(async ({ name }) => (await records.panic.on(name)) === undefined));
  return all.filter((_, index) => calm[index]);
}

interface SeenPlace {
  differences: number;
  candidates: Candidate[];
}

/** undefined: it was not seen, and nothing is concluded from that. */
async function reconcilePlace(
  place: Place,
  signal: AbortSignal,
  tools: ReconcileTools,
): Promise<SeenPlace | undefined> {
  const { records, log } = tools;
  try {
    return await records.locks.hold(
      `reconcile:${place.name}`,
      async () => {
        const seen = await place.see();
        await seePlace(place.name, tools);
        const noted = await noteDifferences(place.name, seen, tools);
        const candidates = noted.map((each) => ({ noted: each, stands: seen.stands.has(each.door.id) }));
        return { differences: seen.differences.length, candidates };
      },
      WAIT_MS,
    );
  } catch (error) {
    // A worker that is told to stop says nothing about the host.
    signal.throwIfAborted();
    if (!isFault(error) && !isTimeout(error)) throw error;
    log.warn({ place: place.name, err: messageOf(error) }, 'a place could not be compared with the register');
    await missPlace(place.name, messageOf(error), tools);
    return undefined;
  }
}

function isTimeout(error: unknown): boolean {
  return error instanceof Error && (error.name === 'TimeoutError' || error.name === 'AbortError');
}
