/** When Drawbridge speaks of its own accord: quiet hours, digests and warnings as tables, over zones and changed clocks. */
import { describe, expect, test } from 'vitest';
import { extensionOf, isWarningDue } from '../../src/core/door-end.ts';
import { isDoubtful } from '../../src/core/doubtful-door.ts';
import { type DigestTime, dueDigest, isQuiet, waitsForMorning } from '../../src/core/notices.ts';
import { DAYS, type Hours } from '../../src/core/rules/hours.ts';

const at = (iso: string): number => Date.parse(iso);
const MINUTE = 60_000;
const DAY = 86_400_000;
const NIGHT: Hours = { days: [...DAYS], from: 20 * 60, to: 7 * 60, zone: 'Europe/Berlin' };
const WEEKEND: Hours = { days: ['sat', 'sun'], from: 0, to: 24 * 60, zone: 'Europe/Berlin' };

describe('quiet hours', () => {
  test.each<[string, Hours | undefined, string, boolean]>([
    ['none are set', undefined, '2026-11-25T02:00:00Z', false],
    ['a winter evening', NIGHT, '2026-11-25T19:00:00Z', true],
    ['before a winter evening', NIGHT, '2026-11-25T18:59:00Z', false],
    ['a summer evening', NIGHT, '2026-07-01T18:00:00Z', true],
    ['the last minute', NIGHT, '2026-11-25T05:59:59Z', true],
    ['the morning', NIGHT, '2026-11-25T06:00:00Z', false],
    ['the night in which clocks go on', NIGHT, '2026-03-29T05:00:00Z', false],
    ['that night before its end', NIGHT, '2026-03-29T04:59:00Z', true],
    ['the night in which clocks go back', NIGHT, '2026-10-25T05:59:00Z', true],
    ['the morning behind it', NIGHT, '2026-10-25T06:00:00Z', false],
    ['a Sunday', WEEKEND, '2026-11-29T12:00:00Z', true],
    ['a Monday in Berlin that is still Sunday in UTC', WEEKEND, '2026-11-29T23:00:00Z', false],
  ])('%s', (_, quiet, now, expected) => {
    expect(isQuiet(quiet, at(now))).toBe(expected);
  });

  // The night ends at 06:00 UTC in winter.
  test.each([
    ['an end within the night is told at once', '2026-11-25T05:40:00Z', 10, false],
    ['an end just when the night ends', '2026-11-25T05:55:00Z', 5, false],
    ['an end a minute after the night can be told then', '2026-11-25T05:55:00Z', 6, true],
    ['an end after the night waits for it', '2026-11-25T05:55:00Z', 10, true],
    ['by day nothing waits', '2026-11-25T12:00:00Z', 10, false],
    ['before the evening nothing waits', '2026-11-25T18:55:00Z', 10, false],
  ])('%s', (_, now, minutes, waits) => {
    expect(waitsForMorning(NIGHT, at(now), at(now) + minutes * MINUTE)).toBe(waits);
  });
});

describe('a digest', () => {
  const berlin: DigestTime = { day: 'mon', at: 9 * 60, zone: 'Europe/Berlin' };
  const auckland: DigestTime = { day: 'mon', at: 9 * 60, zone: 'Pacific/Auckland' };
  const gap: DigestTime = { day: 'sun', at: 150, zone: 'Europe/Berlin' };

  test.each<[string, DigestTime, string, string | undefined]>([
    ['a minute early', berlin, '2026-11-23T07:59:00Z', undefined],
    ['on the minute, in winter', berlin, '2026-11-23T08:00:00Z', '2026-11-23'],
    ['on the minute, in summer', berlin, '2026-07-06T07:00:00Z', '2026-07-06'],
    ['late on the same day', berlin, '2026-11-23T22:59:00Z', '2026-11-23'],
    ['two days late', berlin, '2026-11-25T12:00:00Z', '2026-11-23'],
    ['three days late', berlin, '2026-11-26T22:59:00Z', '2026-11-23'],
    ['too late', berlin, '2026-11-26T23:00:00Z', undefined],
    ['on Sunday', berlin, '2026-11-29T12:00:00Z', undefined],
    ['a Monday on the other side of the world', auckland, '2026-11-22T20:00:00Z', '2026-11-23'],
    ['an hour before that', auckland, '2026-11-22T19:00:00Z', undefined],
    ['at a time that is left out when clocks go on', gap, '2026-03-29T01:00:00Z', '2026-03-29'],
    ['before it', gap, '2026-03-29T00:59:00Z', undefined],
    ['at a time that comes twice when clocks go back', gap, '2026-10-25T00:30:00Z', '2026-10-25'],
    ['the second time', gap, '2026-10-25T01:30:00Z', '2026-10-25'],
    ['over a new year', { ...berlin, day: 'thu' }, '2027-01-02T12:00:00Z', '2026-12-31'],
  ])('%s', (_, digest, now, key) => {
    expect(dueDigest(digest, at(now))?.key).toBe(key);
  });

  test.each([berlin, auckland, gap, { ...berlin, zone: 'UTC' }])(
    'comes once a week, whenever one looks: %o',
    (digest) => {
      const keys = new Set<string>();
      for (let now = at('2026-01-05T00:00:00Z'); now < at('2027-01-04T00:00:00Z'); now += 11 * MINUTE) {
        const due = dueDigest(digest, now);
        if (due === undefined) continue;
        keys.add(due.key);
        expect(due.at).toBeLessThanOrEqual(now);
      }
      expect(keys.size).toBeGreaterThanOrEqual(52);
      expect(keys.size).toBeLessThanOrEqual(53);
      const sorted = [...keys].sort().map((key) => Date.parse(key));
      for (const [index, day] of sorted.slice(1).entries()) expect(day - (sorted[index] ?? 0)).toBe(7 * DAY);
    },
  );

  test('says when it was due', () => {
    expect(dueDigest(berlin, at('2026-11-25T12:34:00Z'))?.at).toBe(at('2026-11-23T08:00:00Z'));
  });

  const due = at('2026-11-23T08:00:00Z');
  test.each([
    ['has no end', { openedAt: due - MINUTE }, true],
    ['was opened after the digest was due', { openedAt: due + MINUTE }, false],
    ['has an end and is new', { openedAt: due - MINUTE, endsAt: due + DAY }, false],
    ['has an end and is a week old', { openedAt: due - 7 * DAY, endsAt: due + DAY }, false],
    ['has an end and is older', { openedAt: due - 7 * DAY - 1, endsAt: due + DAY }, true],
  ])('asks about a door that %s: %s', (_, door, doubtful) => {
    expect(isDoubtful(door, due)).toBe(doubtful);
  });
});

describe('a warning', () => {
  test.each([
    ['of a day', 86_400, 10],
    ['of two hours', 7_200, 10],
    ['of an hour', 3_600, 6],
    ['of ten minutes', 600, 1],
    ['of two minutes', 120, 1],
  ])('of a door that was opened for the time %s is due %d s: %d minutes before', (_, forSeconds, minutes) => {
    const endsAt = at('2026-11-25T12:00:00Z');
    const due = (before: number) => isWarningDue({ endsAt, forSeconds }, endsAt - before);
    expect(due(minutes * MINUTE + 1)).toBe(false);
    expect(due(minutes * MINUTE)).toBe(true);
    expect(due(1)).toBe(true);
    expect(due(0)).toBe(false);
  });
});

test.each([
  [7_200, 7_200],
  [undefined, 3_600],
  [30 * 86_400, 7 * 86_400],
])('a button extends what was opened for %s s by %s s', (forSeconds, by) => {
  expect(extensionOf(forSeconds === undefined ? {} : { forSeconds })).toBe(by);
});
