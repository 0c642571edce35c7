/** Says at the start of a process what Redis may do to what it is given. */
import type { Log } from './log.ts';
import type { Records } from './records/records.ts';

/** A line for each danger, with the remedy; none where Redis keeps everything, or does not say. */
export async function warnOfRedis({ redisRisks }: Pick<Records, 'redisRisks'>, log: Log): Promise<void> {
  for (const { about, seen, next } of await redisRisks()) log.warn({ next }, `${about}: ${seen}`);
}
