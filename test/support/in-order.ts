/** Whether words stand in a text, and in which order. */
import { expect } from 'vitest';

/** Expects all of the words, each behind the one before. */
export function expectInOrder(text: string, words: readonly string[]): void {
  let from = 0;
  for (const word of words) {
    const at = text.indexOf(word, from);
    expect(at, `"${word}" in its place in: ${text}`).toBeGreaterThanOrEqual(from);
    from = at + word.length;
  }
}
