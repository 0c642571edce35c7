/** Moments behind `until`, by the clock on the wall of a zone. */
import { describe, expect, test } from 'vitest';
import { canonicalCommand } from '../../src/core/commands/canonical-command.ts';
import { parseCommand } from '../../src/core/commands/command.ts';
import { isRefusal } from '../../src/core/refusal.ts';
import type { ChangeCommand } from '../../src/core/request.ts';
import { parseUntil } from '../../src/core/until.ts';

/** A Wednesday, 12:00 in UTC and 13:00 in Berlin. */
const NOON = Date.UTC(2026, 10, 25, 12);
const BERLIN = { now: NOON, zone: 'Europe/Berlin' };
const at = (moment: number | object) =>
  typeof moment === 'number' ? new Date(moment).toISOString() : moment;

describe('a moment', () => {
  test.each([
    ['18:00', '2026-11-25T17:00'],
    ['9:30', '2026-11-26T08:30'],
    ['13:02', '2026-11-25T12:02'],
    ['18:00 UTC', '2026-11-25T18:00'],
    ['today 18:00', '2026-11-25T17:00'],
    ['tomorrow 09:00', '2026-11-26T08:00'],
    ['friday 18:00', '2026-11-27T17:00'],
    ['Fri 18:00', '2026-11-27T17:00'],
    ['wednesday 14:00', '2026-11-25T13:00'],
    ['wednesday 12:00', '2026-12-02T11:00'],
    ['2026-12-01 00:00', '2026-11-30T23:00'],
    ['2026-11-25 17:00 UTC', '2026-11-25T17:00'],
  ])('%s is %s', (text, expected) => {
    expect(at(parseUntil(text, BERLIN))).toBe(`${expected}:00.000Z`);
  });

  test.each([
    ['2027-03-28 01:59', '2027-03-28T00:59'],
    ['2027-03-28 03:00', '2027-03-28T01:00'],
    ['2027-10-31 12:00', '2027-10-31T11:00'],
  ])('%s lies right beside a change of clocks', (text, expected) => {
    const clock = { now: Date.parse(expected) - 86_400_000 * 30, zone: 'Europe/Berlin' };
    expect(at(parseUntil(text, clock))).toBe(`${expected}:00.000Z`);
  });

  test.each([
    ['six', 'no moment'],
    ['18', 'no moment'],
    ['25:00', 'no moment'],
    ['18:60', 'no moment'],
    ['noday 18:00', 'no day'],
    ['2026-02-30 18:00', 'no day'],
    ['fr 18:00', 'no day'],
    ['today 09:00', 'is over'],
    ['2026-11-24 18:00', 'is over'],
    ['2028-11-24 18:00', 'more than 366 days'],
  ])('%s is refused: %s', (text, message) => {
    const refusal = parseUntil(text, BERLIN);
    expect(refusal).toMatchObject({ kind: 'refused', message: expect.stringContaining(message) });
    expect(isRefusal(refusal as object) && (refusal as { next?: string }).next).toContain('until');
  });
});

describe('a command with a moment', () => {
  const read = (text: string) => parseCommand(text, {}, BERLIN);

  test.each(['expose blog 80 until 18:00', 'extend blog 80 until friday 18:00 because we go on'])(
    '%s is read, and as it is shown read again',
    (text) => {
      const command = read(text) as ChangeCommand;
      expect(command).toHaveProperty('until');
      const { reason: _reason, ...rest } = command;
      expect(read(canonicalCommand(command))).toEqual(rest);
    },
  );

  test.each([
    ['expose blog 80 for 2h until 18:00', 'both there'],
    ['extend blog 80 by 2h until 18:00', 'both there'],
    ['extend blog 80', 'By how long?'],
    ['unexpose blog 80 until 18:00', ''],
  ])('%s is refused', (text, message) => {
    expect(read(text)).toMatchObject({ kind: 'refused', message: expect.stringContaining(message) });
  });
});
