/** Random choices that are the same in every run. */

export interface Random {
  /** A whole number from 0 to `end` - 1. */
  below(end: number): number;
  pick<T>(from: readonly T[]): T;
}

/** A generator (mulberry32) that starts from `seed`. */
export function randomFrom(seed: number): Random {
  let state = seed >>> 0;
  const next = (): number => {
    state = (state + 0x6d2b79f5) >>> 0;
    let mixed = Math.imul(state ^ (state >>> 15), state | 1);
    mixed ^= mixed + Math.imul(mixed ^ (mixed >>> 7), mixed | 61);
    return ((mixed ^ (mixed >>> 14)) >>> 0) / 2 ** 32;
  };
  const below = (end: number) => Math.floor(next() * end);
  return {
    below,
    pick: (from) => {
      const [picked] = from.slice(below(from.length));
      if (picked === undefined) throw new Error('nothing to pick from');
      return picked;
    },
  };
}
