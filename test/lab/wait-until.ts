import { setTimeout as sleep } from 'node:timers/promises';

/** Asks again and again until there is an answer; the error says what was waited for. */
export async function waitUntil<T>(
  what: string,
  ask: () => Promise<T | undefined>,
  { seconds = 30, pauseMs = 50 } = {},
): Promise<T> {
  const end = Date.now() + seconds * 1000;
  for (;;) {
    const answer = await ask();
    if (answer !== undefined) return answer;
    if (Date.now() > end) throw new Error(`${what}: not after ${seconds} s`);
    await sleep(pauseMs);
  }
}
