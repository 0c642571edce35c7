/** The requests that Redis still has, as far as a recovery asks for them. */
import type { RequestRecord } from '../../src/core/record.ts';
import type { Records } from '../../src/records/records.ts';

/** Of how many of the newest requests it is looked whether they came while it looked. */
const MOST_NEW = 500;

/** Those that have not ended, or came since a moment, in milliseconds since 1970: these may even have ended already. */
export async function survivingRequests({ requests }: Records, since?: number): Promise<RequestRecord[]> {
  const all = await Promise.all((await requests.open()).map((id) => requests.get(id)));
  const open = all.filter((record) => record !== undefined);
  if (since === undefined) return open;
  return [...open, ...(await requests.latest(MOST_NEW)).filter(({ asked }) => asked.at >= since)];
}

/** The request that opened each door, where it is still there. @param doors their ids */
export async function openingRequests(
  doors: readonly string[],
  { requests }: Records,
): Promise<Map<string, RequestRecord>> {
  const all = await Promise.all(
    doors.map(async (door) => [door, await requests.get(door.replace(/^door-/, 'req-'))] as const),
  );
  return new Map(all.flatMap(([door, record]) => (record === undefined ? [] : [[door, record] as const])));
}
