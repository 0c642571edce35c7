/** Writes a recovery into Redis, entry by entry where it is still as it was looked at. */
import { doorsInWords } from '../../src/core/names.ts';
import type { Outcome, RequestRecord } from '../../src/core/record.ts';
import type { Recovery } from '../../src/core/recovery/recover-register.ts';
import type { KnownHost } from '../../src/records/known-hosts.ts';
import type { Records } from '../../src/records/records.ts';

export interface ToWrite {
  recovery: Recovery;
  hosts: readonly KnownHost[];
  /** Requests to end without carrying them out. */
  end: readonly RequestRecord[];
}

const STATES = ['planning', 'waiting', 'approved', 'applying'] as const;
const MESSAGE =
  'Redis was restored from a time when this was under way, so what became of it is not known; `/lxd doors` shows what stands';

/** @returns what was written, in words; the audit is told the same */
export async function writeRecovery({ recovery, hosts, end }: ToWrite, records: Records): Promise<string> {
  for (const host of hosts) await records.knownHosts.put(host);
  for (const { asked } of end) {
    const outcome: Outcome = { kind: 'failed', message: MESSAGE, left: [] };
    const fields = { outcome, endedAt: Date.now() };
    if (!(await records.requests.move(asked.id, [...STATES], 'ended', fields))) continue;
    await records.audit.add({ kind: 'ended', request: asked.id, what: `failed: ${MESSAGE}` });
    await records.outbox.add(asked.channel, { kind: 'request', request: asked.id });
    await records.requests.told(asked.id);
  }
  const written = await Promise.all(
    recovery.changes.map(async (change) => {
      const id = change.after?.id ?? change.before?.id ?? '';
      return { ...change, done: await records.doors.swap(id, change.before, change.after) };
    }),
  );
  const done = written.filter((each) => each.done);
  const added = done.filter(({ before }) => before === undefined);
  const dropped = done.filter(({ after }) => after === undefined);
  const counts = [
    `${hosts.length} hosts taken in`,
    `${doorsInWords(added)} added`,
    `${done.length - added.length - dropped.length} mended`,
    `${dropped.length} dropped`,
    ...(end.length > 0 ? [`${end.length} requests ended`] : []),
    ...(done.length < written.length
      ? [`${written.length - done.length} changed meanwhile and left alone`]
      : []),
  ].join(', ');
  const changed = done.length + hosts.length + end.length > 0;
  if (changed) {
    await records.audit.add({ kind: 'recovered', what: counts });
    await records.homes.changed();
  }
  return changed ? `Written to Redis: ${counts}.` : 'There was nothing to write.';
}
