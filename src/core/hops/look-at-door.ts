/** What came of looking at a door's road: its hops from outside in, whether somebody is let in, and what that comes to. Pure. */
import type { DoorSpec } from '../plan.ts';
import { isAnswer, type Knock, knockInWords } from '../proof.ts';
import { admits } from '../sources.ts';
import { type Admission, admissionOf } from './admission.ts';
import { cloudHops } from './cloud-hops.ts';
import { type DoorWay, type KnownDoor, publicAddressOf, type RoadSeen } from './door-way.ts';
import type { Hop } from './hop.ts';
import { hostHops } from './host-hops.ts';
import { instanceHops } from './instance-hops.ts';

/** What a knock from here saw. */
export interface Knocked {
  seen: Knock;
  /** The address from which it came, as far as this machine knows. */
  from?: string;
}

/** One line of what happened to a door. `at` is in milliseconds since 1970. */
export interface HistoryLine {
  at: number;
  kind: string;
  user?: string;
  what: string;
}

export interface DoorLook {
  door: DoorSpec;
  made: DoorWay['made'];
  hops: Hop[];
  /**
   * works: it answered. broken: a hop is not as it should be, the first of them is `broken`. mute: no hop was seen broken, yet a knock that
   * should be let in was not answered. unclear: nobody could knock, or no answer was to be expected.
   */
  verdict: { state: 'works' | 'broken' | 'mute' | 'unclear'; says: string };
  broken?: Hop;
  /** What the knock saw, in words; absent where nobody knocked. */
  knocked?: string;
  admission?: Admission;
  known?: KnownDoor;
  /** The newest last. */
  history: HistoryLine[];
}

/** Every hop is looked at, also those behind one that is broken. */
export function lookAtDoor(way: DoorWay, seen: RoadSeen, knocked?: Knocked): DoorLook {
  const hops = [...cloudHops(way, seen), ...hostHops(way, seen), ...instanceHops(way, seen)];
  const first = hops.find(({ state }) => state === 'broken');
  const publicAddress = publicAddressOf(way);
  const { publicAddress: _, ...door } = way.door;
  return {
    door: { ...door, ...(publicAddress !== undefined && { publicAddress }) },
    made: way.made,
    hops,
    verdict: verdictOf(way, hops, first, knocked),
    ...(first && { broken: first }),
    ...(knocked && { knocked: inWords(knocked) }),
    ...(seen.from && { admission: admissionOf(way, seen, seen.from) }),
    ...(way.known && { known: way.known }),
    history: [],
  };
}

function verdictOf(
  { door }: DoorWay,
  hops: readonly Hop[],
  first: Hop | undefined,
  knocked: Knocked | undefined,
): DoorLook['verdict'] {
  if (first !== undefined) return { state: 'broken', says: `${first.name} ${first.seen}` };
  const dark = hops.filter(({ state }) => state === 'unknown').map(({ name }) => name);
  const rest =
    dark.length === 0
      ? 'every hop is in place'
      : `nothing that could be seen is broken, but ${dark.join(', ')} could not be looked at`;
  if (knocked === undefined) return { state: 'unclear', says: `${rest}; nobody can knock on it from here` };
  const { seen, from } = knocked;
  const words = knockInWords(seen);
  if (isAnswer(seen)) return { state: 'works', says: `it ${words}` };
  if (door.protocol === 'udp') return { state: 'unclear', says: `${rest}; udp gives no answer of its own` };
  if (from !== undefined && !admits(door.sources, from))
    return {
      state: 'unclear',
      says: `${rest}; my knock from ${from} ${words}, as it should: that is not among its sources`,
    };
  const why = `a firewall on ${door.host}, in front of it or inside ${door.instance} may drop it`;
  return { state: 'mute', says: `${rest}, yet it ${words}${dark.length === 0 ? `: ${why}` : ''}` };
}

function inWords({ seen, from }: Knocked): string {
  return `knocked on${from === undefined ? '' : ` from ${from}`}: it ${knockInWords(seen)}`;
}
