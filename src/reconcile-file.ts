/** The part of the configuration file about comparing doors with the road as it is, and what is done about differences. */
import { z } from 'zod';
import { slackChannel } from './config-kinds.ts';
import { RECONCILE, type ReconcileSettings } from './core/differences/own-accord.ts';
import { parseSpan } from './core/span.ts';

const MOST = 1_000;
const mostWords = `write a number from 0 to ${MOST}; 0 has every closing wait for an approval`;

/** A span within bounds, as seconds. */
const span = (least: number, most: number, words: string) =>
  z.string(words).transform((text, context): number => {
    const seconds = parseSpan(text);
    if (seconds !== undefined && seconds >= least && seconds <= most) return seconds;
    context.addIssue({ code: 'custom', message: words });
    return z.NEVER;
  });

export const reconcileSection = z
  .strictObject({
    every: span(10, 86_400, 'write it like `5m`, from 10 seconds to a day').optional(),
    follow: z.boolean('write true or false').default(RECONCILE.follow),
    most_deletions: z.int(mostWords).min(0, mostWords).max(MOST, mostWords).default(RECONCILE.mostDeletions),
    quarantine: span(0, 30 * 86_400, 'write it like `24h`, at most 30 days; `0s` for none').optional(),
    channel: slackChannel.optional(),
  })
  .optional();

/** The settings, with the defaults for what is absent. */
export function reconcileOf(section: z.infer<typeof reconcileSection>): ReconcileSettings {
  const { every, follow, most_deletions: most, quarantine, channel } = section ?? {};
  return {
    everySeconds: every ?? RECONCILE.everySeconds,
    follow: follow ?? RECONCILE.follow,
    mostDeletions: most ?? RECONCILE.mostDeletions,
    quarantineSeconds: quarantine ?? RECONCILE.quarantineSeconds,
    ...(channel !== undefined && { channel }),
  };
}

/** As the worker has them: what belongs to no channel is told where the audit is mirrored, unless another is named. */
export function reconcileSettings({
  reconcile = RECONCILE,
  audit,
}: {
  reconcile?: ReconcileSettings;
  audit?: { channel: string };
}): ReconcileSettings {
  const channel = reconcile.channel ?? audit?.channel;
  return { ...reconcile, ...(channel !== undefined && { channel }) };
}
