/** How long it may still take: only where it is known, only where it is worth a word, and honestly where it takes longer. */
import { expect, it } from 'vitest';
import { estimateInWords, median, stepKind } from '../../src/core/estimate.ts';
import { planOf } from '../slack/slack-side.ts';

const S = 1_000;

it.each<[string, (number | undefined)[], number, number, string | undefined]>([
  ['all that is left', [1 * S, 100 * S, 50 * S], 1, 20 * S, 'about 2 min left'],
  ['rounded to ten seconds', [70 * S], 0, 5 * S, 'about 70 s left'],
  ['rounded to five seconds', [20 * S], 0, 7 * S, 'about 15 s left'],
  ['nothing where it is soon over', [9 * S], 0, 5 * S, undefined],
  ['nothing without data', [undefined], 0, 60 * S, undefined],
  ['nothing where one of the next is not known', [60 * S, undefined], 0, 0, undefined],
  ['a step before that nobody knows does not matter', [undefined, 60 * S], 1, 0, 'about 60 s left'],
  ['what is a little late counts as over', [10 * S, 30 * S], 0, 12 * S, 'about 30 s left'],
  ['what is late', [20 * S, 30 * S], 0, 31 * S, 'longer than usual, which is about 20 s'],
  ['what is late and usually short, not at once', [100], 0, 3 * S, undefined],
  ['… but then', [100], 0, 4 * S, 'longer than usual, which is under 1 s'],
  ['minutes', [300 * S], 0, 0, 'about 5 min left'],
])('%s', (_, usual, running, ranMs, words) => {
  expect(estimateInWords({ usual, running, ranMs })).toBe(words);
});

it('takes the duration in the middle', () => {
  expect([median([]), median([3]), median([9, 1, 5]), median([1, 2, 3, 3_600])]).toEqual([
    undefined,
    3,
    5,
    2.5,
  ]);
});

it('keeps apart what is done with what', () => {
  const plan = planOf('req-abc');
  expect(plan.steps.map((step) => stepKind(plan, step))).toEqual(['open/put/forward']);
});
