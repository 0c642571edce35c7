/** One hop on the way from outside to the process in an instance, as it was found a moment ago. */

/**
 * ok: as it should be. broken: nobody gets further, or the wrong ones do. unknown: it could not be looked at, which says nothing about
 * it. skipped: there is nothing to look at, because of another hop or because the road has none.
 */
export type HopState = 'ok' | 'broken' | 'unknown' | 'skipped';

export type HopName =
  | 'public_address'
  | 'port_forwarding'
  | 'group'
  | 'rule'
  | 'cloud_port'
  | 'pair'
  | 'server'
  | 'host'
  | 'guard'
  | 'outer' // what leads from the host to the instance: a forward, a proxy device, a card
  | 'filter'
  | 'address'
  | 'instance'
  | 'listener';

export interface Hop {
  hop: HopName;
  /** As people are told: `security group drawbridge-web1`. */
  name: string;
  state: HopState;
  /** What was seen, so that it can follow the name. */
  seen: string;
  remedy?: Remedy;
}

/** command: works when typed, and by a button. by_hand: nothing that one command could do. */
export type Remedy = { kind: 'command'; command: string; label: string } | { kind: 'by_hand'; text: string };

/** A hop as it should be. */
export function fine(hop: HopName, name: string, seen: string): Hop {
  return { hop, name, state: 'ok', seen };
}

/** A hop at which the road ends, and what mends it. */
export function broken(hop: HopName, name: string, seen: string, remedy: Remedy): Hop {
  return { hop, name, state: 'broken', seen, remedy };
}

/** A hop that could not be looked at. */
export function unknown(hop: HopName, name: string, seen: string): Hop {
  return { hop, name, state: 'unknown', seen };
}

/** A hop at which there is nothing to look at. */
export function skipped(hop: HopName, name: string, seen: string): Hop {
  return { hop, name, state: 'skipped', seen };
}
