/** Has those who may decide told again, each time once, however many workers sweep. */
import { dueWords } from '../../src/core/due-words.ts';
import { isQuiet } from '../../src/core/notices.ts';
import type { Hours } from '../../src/core/rules/hours.ts';
import { messageOf } from '../../src/errors.ts';
import type { Tools } from '../tools.ts';

/**
 * Looks at every request that waits. What falls into quiet hours is told after them, if it still holds.
 * @param now milliseconds since 1970
 */
export async function remindDeciders(
  { records, log }: Pick<Tools, 'records' | 'log'>,
  now: number,
  quiet?: Hours,
): Promise<void> {
  if (isQuiet(quiet, now)) return;
  const { requests, outbox } = records;
  for (const id of await requests.open()) {
    try {
      const record = await requests.get(id);
      if (record === undefined) continue;
      for (const word of dueWords(record, now)) {
        if (!(await requests.markOnce(id, `${word}:${record.plan?.fingerprint ?? ''}`))) continue;
        const { channel } = record.asked;
        await outbox.add(channel, { kind: 'request', request: id });
        await outbox.add(channel, { kind: 'reminder', request: id, word });
      }
    } catch (error) {
      log.warn({ request: id, err: messageOf(error) }, 'reminding');
    }
  }
}
