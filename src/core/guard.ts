/** The guard of a host: who is let in to which door, by the kernel's own clock. What it is told, a line for each element. Pure. */
import { canonicalJson } from './audit/canonical-json.ts';
import type { Protocol } from './request.ts';

/** One door that the guard keeps. What is guarded and not let in is dropped. */
export interface GuardedDoor {
  door: string;
  /** As a packet carries it when it comes to the host. */
  address: string;
  protocol: Protocol;
  port: number;
  /** Who is let in now, canonical CIDRs; empty: the end has come, or the host was started anew. */
  sources: readonly string[];
  /** How long they still are, in seconds; absent: until somebody closes it. */
  endsInSeconds?: number;
}

/** Sorted by door. */
export interface GuardWorld {
  doors: readonly GuardedDoor[];
}

/**
 * A door that was closed stays shut for so long, in seconds: connections that were open would otherwise go on behind it. Longer than TCP tries
 * (RFC 9293 3.8.3: at least 100 s; Linux gives up after about 15 min).
 */
const SHUT_SECONDS = 3_600;

/** Lets in whom the door is for, and nobody else; whatever was there before. All lines together, or none. */
export function guardLines(wanted: GuardedDoor, { doors }: GuardWorld): string[] {
  const before = doors.filter((each) => each.door === wanted.door || placeOf(each) === placeOf(wanted));
  const time = wanted.endsInSeconds === undefined ? '' : ` timeout ${wanted.endsInSeconds}s`;
  return [
    ...before.flatMap((each) => goneLines(each)),
    ...replaced(`guarded { ${placeOf(wanted)}`, '', wanted.door),
    ...wanted.sources.flatMap((source) =>
      replaced(`allowed { ${placeOf(wanted)} . ${source}`, time, wanted.door),
    ),
  ];
}

/** Lets nobody in any more, and forgets the door after a while. */
export function unguardLines(door: string, { doors }: GuardWorld): string[] {
  return doors
    .filter((each) => each.door === door)
    .flatMap((each) => [
      ...goneLines(each),
      ...replaced(`guarded { ${placeOf(each)}`, ` timeout ${SHUT_SECONDS}s`),
    ]);
}

/** Whether the guard does already what is wanted, and not for longer. */
export function guardsSo(wanted: GuardedDoor, { doors }: GuardWorld): boolean {
  const present = doors.find(({ door }) => door === wanted.door);
  if (present === undefined || placeOf(present) !== placeOf(wanted)) return false;
  if (canonicalJson([...present.sources].sort()) !== canonicalJson([...wanted.sources].sort())) return false;
  if (wanted.endsInSeconds === undefined) return present.endsInSeconds === undefined;
  return (present.endsInSeconds ?? Number.POSITIVE_INFINITY) <= wanted.endsInSeconds;
}

/** An element that is gone already, because its time came, must not fail the lot: it is added before it is deleted. */
function goneLines(door: GuardedDoor): string[] {
  const elements = [
    `guarded { ${placeOf(door)}`,
    ...door.sources.map((source) => `allowed { ${placeOf(door)} . ${source}`),
  ];
  return elements.flatMap((element) => [
    `add element ip drawbridge ${element} }`,
    `delete element ip drawbridge ${element} }`,
  ]);
}

/** Adding an element that is there leaves its time as it is, on most kernels. */
function replaced(element: string, time: string, door?: string): string[] {
  const tag = door === undefined ? '' : ` comment "${door}"`;
  return [
    `add element ip drawbridge ${element} }`,
    `delete element ip drawbridge ${element} }`,
    `add element ip drawbridge ${element}${time}${tag} }`,
  ];
}

function placeOf({ address, protocol, port }: Pick<GuardedDoor, 'address' | 'protocol' | 'port'>): string {
  return `${address} . ${protocol} . ${port}`;
}
