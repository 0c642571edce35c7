/** Kinds of values that several parts of the configuration file have. */
import { z } from 'zod';
import type { PortRange } from './core/port-range.ts';
import { DAYS, isZone } from './core/rules/hours.ts';

/** What hosts, clouds, networks and roles are called. */
export const configName = z
  .string()
  .regex(/^[a-z]([a-z0-9-]{0,61}[a-z0-9])?$/i, 'names are letters, digits and dashes, like `web1`');

export const portRange = z
  .string()
  .regex(/^\d+-\d+$/, 'write it like `1024-65535`')
  .transform((text, context): PortRange => {
    const [from = 0, to = 0] = text.split('-').map(Number);
    if (from < 1 || to > 65_535 || from > to)
      context.addIssue({ code: 'custom', message: 'ports go from 1 to 65535, the smaller first' });
    return { from, to };
  });

export const ALL_PORTS: PortRange = { from: 1, to: 65_535 };

/** What a host or cloud is, for rules of the policy to ask for: `env: production`. */
export const labels = z.record(configName, z.string().min(1, 'give the label a value')).optional();

export const slackChannel = z
  .string()
  .regex(/^[CG][A-Z0-9_]+$/, 'a Slack channel id looks like `C012AB3CD` (the channel’s “About”, at its end)');

export const weekDay = z.enum(DAYS, { error: `write days like ${DAYS.join(', ')}` });

/** In minutes since midnight. */
export const timeOfDay = z
  .string()
  .regex(/^([01]\d|2[0-3]):[0-5]\d$|^24:00$/, 'write the time like "08:30", in quotes')
  .transform((text) => Number(text.slice(0, 2)) * 60 + Number(text.slice(3)));

export const timeZone = z
  .string()
  .refine(isZone, 'no time zone is called that; write one like `Europe/Berlin` or `UTC`')
  .default('UTC');

/** Hours of the week; every day where none is named. */
export const weekHours = z.strictObject({
  days: z.array(weekDay).default([...DAYS]),
  from: timeOfDay,
  to: timeOfDay,
  zone: timeZone,
});

/** Where the audit is mirrored. */
export const auditSection = z.strictObject({ channel: slackChannel }).optional();
