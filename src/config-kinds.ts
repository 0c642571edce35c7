/** Kinds of values that several parts of the configuration file have. */
import { z } from 'zod';
import type { PortRange } from './core/port-range.ts';

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

/** Where the audit is mirrored. */
export const auditSection = z.strictObject({ channel: slackChannel }).optional();
