/** Asks owners once a week about their doors that are old or have no end. */
import { isDoubtful } from '../../src/core/doubtful-door.ts';
import { dueDigest, isQuiet } from '../../src/core/notices.ts';
import type { Tools } from '../tools.ts';

/** Part of the sweep; each owner is asked once, however many workers sweep. @param now milliseconds since 1970 */
export async function sendDigests(
  { records, notices }: Pick<Tools, 'records' | 'notices'>,
  now: number,
): Promise<void> {
  const { digest, quiet } = notices;
  const due = digest && dueDigest(digest, now);
  const { doors, told, kept, outbox } = records;
  if (due === undefined || isQuiet(quiet, now) || (await told.has(`digest:${due.key}`))) return;
  const owners = new Set<string>();
  for (const door of await doors.list())
    if (isDoubtful(door, due.at) && !(await kept.has(door.id))) owners.add(door.owner);
  for (const user of owners) {
    if (await told.first(`digest:${due.key}:${user}`))
      await outbox.add(`private-${user}`, { kind: 'digest', user, due: due.at });
  }
  // Only now: a worker that dies on the way leaves the rest to the next sweep.
  await told.first(`digest:${due.key}`);
}
