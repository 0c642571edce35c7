/** Has the host itself let in whom a door is for, for as long as it is. All guards of one host go through one lock: each reads before it writes. */
import {
  type GuardedDoor,
  type GuardWorld,
  guardLines,
  guardsSo,
  unguardLines,
} from '../../src/core/guard.ts';
import type { ThingOf } from '../../src/core/thing.ts';
import { Fault } from '../../src/errors.ts';
import type { Guard } from '../../src/lxd/guard.ts';
import type { StepTools } from '../thing-tools.ts';

/** Done again it lets nobody in for longer. A time that is over guards the door and lets in nobody. */
export async function putGuard(thing: ThingOf<'guard'>, tools: StepTools): Promise<void> {
  const { forSeconds, until } = thing;
  const seconds = until === undefined ? forSeconds : secondsUntil(until);
  await change(thing.host, tools, (world, door) => {
    const wanted = wantedOf(thing, door, seconds);
    return guardsSo(wanted, world) ? [] : guardLines(wanted, world);
  });
}

export async function removeGuard({ host }: ThingOf<'guard'>, tools: StepTools): Promise<void> {
  await change(host, tools, (world, door) => unguardLines(door, world));
}

export async function putGuardEnd(thing: ThingOf<'guard_end'>, tools: StepTools): Promise<void> {
  await change(thing.host, tools, (world, door) =>
    guardLines(wantedOf(thing, door, secondsUntil(thing.until)), world),
  );
}

export async function removeGuardEnd(thing: ThingOf<'guard_end'>, tools: StepTools): Promise<void> {
  await change(thing.host, tools, (world, door) =>
    guardLines(wantedOf(thing, door, secondsUntil(thing.was)), world),
  );
}

type Place = Pick<GuardedDoor, 'address' | 'protocol' | 'port' | 'sources'>;

function wantedOf({ address, protocol, port, sources }: Place, door: string, seconds?: number): GuardedDoor {
  const place = { door, address, protocol, port };
  if (seconds === undefined) return { ...place, sources };
  return seconds <= 0 ? { ...place, sources: [] } : { ...place, sources, endsInSeconds: seconds };
}

/** Rounded down: the host is never the later one. */
function secondsUntil(at: number): number {
  return Math.floor((at - Date.now()) / 1_000);
}

async function change(
  host: string,
  tools: StepTools,
  linesOf: (world: GuardWorld, door: string) => string[],
): Promise<void> {
  const { door, records, signal } = tools;
  if (door === undefined) throw new Error('a guard is put without its door');
  const guard = await guardOf(host, tools);
  await records.locks.hold(`guard:${host}`, async (held) => {
    const both = AbortSignal.any([signal, held]);
    const lines = linesOf(await guard.read(), door.id);
    if (lines.length > 0) await guard.apply(lines, both);
  });
}

async function guardOf(name: string, { hosts }: Pick<StepTools, 'hosts'>): Promise<Guard> {
  const guard = (await hosts.list()).find((each) => each.name === name)?.guard;
  if (guard === undefined)
    throw new Fault('guard_failed', `the configuration knows no guard on ${name} any more`);
  return guard;
}
