/** Warns owners before their doors are closed, once for each end, however many workers sweep. */
import { isWarningDue } from '../../src/core/door-end.ts';
import { waitsForMorning } from '../../src/core/notices.ts';
import { messageOf } from '../../src/errors.ts';
import { placeOfDoor } from '../place-of-door.ts';
import type { Tools } from '../tools.ts';

/** Part of the sweep. An end that comes after the quiet hours is warned of when they are over. @param now milliseconds since 1970 */
export async function warnOfEnds(
  { records, notices, log }: Pick<Tools, 'records' | 'notices' | 'log'>,
  now: number,
): Promise<void> {
  for (const door of await records.doors.list()) {
    const { id, endsAt } = door;
    if (endsAt === undefined || !isWarningDue({ ...door, endsAt }, now)) continue;
    if (waitsForMorning(notices.quiet, now, endsAt)) continue;
    try {
      if (!(await records.told.first(`end:${id}:${endsAt}`))) continue;
      const place = await placeOfDoor(door, { records });
      await records.outbox.add(place.channel, { kind: 'door_end', door: id, endsAt, ...place });
    } catch (error) {
      log.warn({ door: id, err: messageOf(error) }, 'warning of an end');
    }
  }
}
