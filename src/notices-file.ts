/** The part of the configuration file about what Drawbridge says of its own accord. */
import { z } from 'zod';
import { timeOfDay, timeZone, weekDay, weekHours } from './config-kinds.ts';
import type { Notices } from './core/notices.ts';

const MIDNIGHT = 24 * 60;

export const noticesSection = z
  .strictObject({
    /** Every Monday at nine, where nothing else is said. */
    digest: z
      .strictObject({
        day: weekDay.default('mon'),
        at: timeOfDay.refine((minute) => minute < MIDNIGHT, 'write "00:00" for midnight').default(9 * 60),
        zone: timeZone,
      })
      .optional(),
    quiet: weekHours.optional(),
  })
  .optional();

/** Without the parts that are absent. */
export function noticesOf(section: z.infer<typeof noticesSection>): Notices {
  const { digest, quiet } = section ?? {};
  return { ...(digest && { digest }), ...(quiet && { quiet }) };
}
