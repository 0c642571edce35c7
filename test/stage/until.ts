/** Waits for something to become so. */
import { setTimeout as sleep } from 'node:timers/promises';

/** A look that comes late by less than this part of the time waited is as good as one at once, and leaves the processor to others. */
const LATE = 1 / 50;

/**
 * The first answer that is not undefined; an error that says what was waited for after `ms` milliseconds. Looks every `everyMs` at first,
 * and ever more seldom.
 */
export async function until<T>(
  look: () => Promise<T | undefined>,
  what: string,
  ms = 15_000,
  everyMs = 25,
): Promise<T> {
  const begun = Date.now();
  for (;;) {
    const found = await look();
    if (found !== undefined) return found;
    const waited = Date.now() - begun;
    if (waited > ms) throw new Error(`waited ${ms} ms for ${what}`);
    await sleep(Math.max(everyMs, waited * LATE));
  }
}
