/** Hours of the week, in the time zone that they are meant in. */
import { describe, expect, test } from 'vitest';
import { type Hours, isIn, isZone } from '../../src/core/rules/hours.ts';

const WORK: Hours = {
  days: ['mon', 'tue', 'wed', 'thu', 'fri'],
  from: 8 * 60,
  to: 18 * 60,
  zone: 'Europe/Berlin',
};
const NIGHT: Hours = { days: ['fri'], from: 22 * 60, to: 6 * 60, zone: 'UTC' };
const at = (iso: string): number => Date.parse(iso);

describe('hours of work', () => {
  test.each([
    ['a minute early, in winter', '2026-11-25T06:59:00Z', false],
    ['on the minute, in winter', '2026-11-25T07:00:00Z', true],
    ['an hour earlier, in summer', '2026-07-01T06:00:00Z', true],
    ['the last minute', '2026-11-25T16:59:59Z', true],
    ['the end', '2026-11-25T17:00:00Z', false],
    ['a Sunday', '2026-11-29T12:00:00Z', false],
    ['a Monday in Berlin that is still Sunday in UTC', '2026-11-29T23:30:00Z', false],
  ])('%s', (_, moment, inside) => {
    expect(isIn(WORK, at(moment))).toBe(inside);
  });

  test('the day is that of the zone', () => {
    const all = { days: ['mon' as const], from: 0, to: 24 * 60, zone: 'Europe/Berlin' };
    expect(isIn(all, at('2026-11-29T23:30:00Z'))).toBe(true);
    expect(isIn(all, at('2026-11-30T23:30:00Z'))).toBe(false);
  });
});

describe('hours over midnight', () => {
  test.each([
    ['before', '2026-11-27T21:59:00Z', false],
    ['in the evening', '2026-11-27T22:00:00Z', true],
    ['in the morning after', '2026-11-28T05:59:00Z', true],
    ['after', '2026-11-28T06:00:00Z', false],
    ['in the morning of the same day', '2026-11-27T05:00:00Z', false],
    ['in the evening after', '2026-11-28T23:00:00Z', false],
  ])('%s', (_, moment, inside) => {
    expect(isIn(NIGHT, at(moment))).toBe(inside);
  });
});

test('zones are those that the machine knows', () => {
  expect(isZone('Europe/Berlin')).toBe(true);
  expect(isZone('Europe/Drawbridge')).toBe(false);
});
