/** Waits for something to become so. */
import { setTimeout as sleep } from 'node:timers/promises';

/** The first answer that is not undefined; an error that says what was waited for after `ms` milliseconds. Looks every `everyMs`. */
export async function until<T>(
  look: () => Promise<T | undefined>,
  what: string,
  ms = 15_000,
  everyMs = 25,
): Promise<T> {
  for (const end = Date.now() + ms; ; await sleep(everyMs)) {
    const found = await look();
    if (found !== undefined) return found;
    if (Date.now() > end) throw new Error(`waited ${ms} ms for ${what}`);
  }
}
