/** Spans of time, and when a closing that did not close is asked for again. */
import { describe, expect, test } from 'vitest';
import { asksAgainAt } from '../../src/core/door-end.ts';
import { parseSpan, spanInWords, spanText } from '../../src/core/span.ts';

describe('a span', () => {
  test.each([
    ['45s', 45],
    ['30m', 1_800],
    ['90 min', 5_400],
    ['1h30m', 5_400],
    ['2 hours', 7_200],
    ['1 day', 86_400],
    ['7D', 604_800],
    ['', undefined],
    ['2', undefined],
    ['h', undefined],
    ['2 moons', undefined],
    ['-2h', undefined],
    ['1.5h', undefined],
  ])('%j is %s seconds', (text, seconds) => {
    expect(parseSpan(text)).toBe(seconds);
  });

  test.each([1, 59, 60, 90, 3_600, 5_400, 86_400, 90_000, 366 * 86_400])('of %d s reads back', (seconds) => {
    expect(parseSpan(spanText(seconds))).toBe(seconds);
    expect(parseSpan(spanInWords(seconds))).toBe(seconds);
  });
});

describe('a closing that did not close', () => {
  const minutes = (tries: number, host?: { answers: boolean; since?: number }) =>
    (asksAgainAt(tries, 1_000_000, host) - 1_000_000) / 60_000;

  test.each([
    [1, 1],
    [2, 2],
    [5, 16],
    [7, 60],
    [12, 60],
    [13, 1_440],
    [2_000, 1_440],
  ])('the %dth time is asked for again after %d minutes', (tries, wait) => {
    expect(minutes(tries)).toBe(wait);
    expect(minutes(tries, { answers: false, since: 2_000_000 })).toBe(wait);
    expect(minutes(tries, { answers: true, since: 900_000 })).toBe(wait);
  });

  test('is asked for again as soon as its host has come back, but not within a minute', () => {
    expect(minutes(2_000, { answers: true, since: 1_000_001 })).toBe(1);
  });
});
