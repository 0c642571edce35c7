/** Finds instances by what somebody has typed of their name, among many. Pure. */

/** What was last seen of a host's instances. */
export interface SeenInstances {
  host: string;
  /** By name. */
  instances: readonly SeenInstance[];
  /** When they were seen, milliseconds since 1970; 0 where they never were. */
  seenAt: number;
  /** The host did not answer when it was asked last. */
  silent?: true;
}

export interface SeenInstance {
  name: string;
  /** `Running`, as LXD says it. */
  status: string;
}

/** One of them, with its host. */
export interface PickedInstance extends SeenInstance {
  host: string;
  silent?: true;
}

export interface Picked {
  instances: PickedInstance[];
  /** How many more fit. */
  more: number;
}

/** Ranks, best first: the name itself, its beginning, the beginning of `host/name`, somewhere in it. */
const RANKS = 4;

/**
 * The first `most` that fit, the best ones first, in the order of hosts and names within a rank. One pass over all of them, so it takes
 * milliseconds for 10,000.
 */
export function pickInstances(seen: readonly SeenInstances[], typed: string, most: number): Picked {
  const wanted = typed.trim().toLowerCase();
  const ranks: PickedInstance[][] = Array.from({ length: RANKS }, () => []);
  let fitting = 0;
  for (const { host, instances, silent } of seen) {
    for (const instance of instances) {
      const rank = rankOf(host.toLowerCase(), instance.name.toLowerCase(), wanted);
      if (rank === undefined) continue;
      fitting += 1;
      const bucket = ranks[rank];
      if (bucket !== undefined && bucket.length < most)
        bucket.push({ ...instance, host, ...(silent && { silent }) });
    }
  }
  const instances = ranks.flat().slice(0, most);
  return { instances, more: fitting - instances.length };
}

function rankOf(host: string, name: string, wanted: string): number | undefined {
  if (name === wanted) return 0;
  if (name.startsWith(wanted)) return 1;
  const whole = `${host}/${name}`;
  if (whole.startsWith(wanted)) return 2;
  return whole.includes(wanted) ? 3 : undefined;
}
