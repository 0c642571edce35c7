/** What the audit says of a door, as few lines as one reads at once. */
import { subjectOfDoor } from '../../src/core/audit/audit-subject.ts';
import type { KnownDoor } from '../../src/core/hops/door-way.ts';
import type { HistoryLine } from '../../src/core/hops/look-at-door.ts';
import type { Tools } from '../tools.ts';

/** Steps and looks are left out: the audit has them all. */
const KINDS: ReadonlySet<string> = new Set([
  ...['asked', 'refused', 'decided', 'proof', 'ended', 'cancel_wished'],
  ...['host_vanished', 'host_back', 'door_kept', 'door_gone'],
]);
const MOST = 6;
const LOOKED_THROUGH = 200;

/** The newest last. Nothing for a door that the register does not know. */
export async function historyOfDoor(
  door: KnownDoor | undefined,
  { records }: Pick<Tools, 'records'>,
): Promise<HistoryLine[]> {
  if (door === undefined) return [];
  const own = await records.audit.of(door.request);
  const [first] = own;
  const since = Math.min(first?.at ?? door.openedAt, door.openedAt);
  const { entries } = await records.audit.search({
    of: { about: subjectOfDoor(door) },
    since,
    most: LOOKED_THROUGH,
  });
  const all = new Map(
    [...own, ...entries].map((entry) => [`${entry.at} ${entry.kind} ${entry.what}`, entry]),
  );
  return [...all.values()]
    .filter(({ kind }) => KINDS.has(kind))
    .sort((a, b) => a.at - b.at)
    .slice(-MOST)
    .map(({ at, kind, user, what }) => ({ at, kind, ...(user !== undefined && { user }), what }));
}
