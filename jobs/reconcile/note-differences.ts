/** Keeps what a look at one host or cloud found, and has what is new, changed or mended told. */
import { subjectOfDoor } from '../../src/core/audit/audit-subject.ts';
import {
  type Difference,
  differenceInWords,
  keyOfDifference,
} from '../../src/core/differences/difference.ts';
import { ownAccord } from '../../src/core/differences/own-accord.ts';
import type { Door } from '../../src/core/record.ts';
import { publicSideOf } from '../../src/core/step-words.ts';
import type { Noted } from '../../src/records/differences.ts';
import { placeOfDoor } from '../place-of-door.ts';
import type { Tools } from '../tools.ts';
import type { SeenDifferences } from './see-differences.ts';

type NoteTools = Pick<Tools, 'records' | 'reconcile' | 'log'>;

/** @returns all that hold now */
export async function noteDifferences(
  place: string,
  { differences, busy }: Pick<SeenDifferences, 'differences' | 'busy'>,
  tools: NoteTools,
): Promise<Noted[]> {
  const { records } = tools;
  const before = new Map((await records.differences.of(place)).map((each) => [keyOfDifference(each), each]));
  const noted: Noted[] = [];
  for (const found of differences) {
    const last = before.get(keyOfDifference(found));
    noted.push(await note(place, found, last, tools));
  }
  const keys = new Set(noted.map(keyOfDifference));
  for (const [key, last] of before) {
    // Somebody is at work on that door: what will come of it is not known yet.
    if (keys.has(key) || last.mendedAt !== undefined || busy.has(last.door)) continue;
    await mend(last, tools);
  }
  return noted;
}

async function note(
  place: string,
  found: Difference,
  last: Noted | undefined,
  tools: NoteTools,
): Promise<Noted> {
  const { records, reconcile, log } = tools;
  const holds = last !== undefined && last.mendedAt === undefined;
  const door = await records.doors.get(found.door.id);
  const opening = await records.requests.get(door?.request ?? requestOf(found));
  const doing = ownAccord(found, opening, reconcile);
  const same = holds && last.detail === found.detail && last.doing === doing;
  const where =
    door === undefined ? (opening?.asked.channel ?? reconcile.channel) : await channelOf(door, tools);
  const owner = door?.owner ?? opening?.asked.requester;
  const noted: Noted = {
    ...found,
    place,
    since: holds ? last.since : Date.now(),
    ...(where !== undefined && { channel: where }),
    ...(owner !== undefined && { owner }),
    ...(doing !== undefined && { doing }),
    ...(holds && last.tries !== undefined && { tries: last.tries }),
  };
  if (same) return noted;
  await records.differences.put(noted);
  if (holds) {
    await tell(noted, tools);
    return noted;
  }
  const what = `${differenceInWords(found.name)}: ${found.detail}`;
  await records.audit.add({ kind: 'door_differs', ...aboutDoor(noted, door), what });
  log.warn({ door: found.door.id, difference: found.name, detail: found.detail }, 'a door differs');
  await quarantine(noted, door, tools);
  await tell(noted, tools);
  return noted;
}

async function mend(last: Noted, tools: NoteTools): Promise<void> {
  const { records, log } = tools;
  const door = await records.doors.get(last.door.id);
  const what = `${publicSideOf(last.door)}: ${door === undefined ? 'the door is closed' : 'mended'} (${differenceInWords(last.name).toLowerCase()})`;
  const closed = door === undefined && { closed: true as const };
  await records.differences.put({ ...last, mendedAt: Date.now(), ...closed });
  await records.audit.add({ kind: 'door_mended', ...aboutDoor(last, door), what });
  log.info({ door: last.door.id, difference: last.name }, 'a door differs no more');
  if (last.channel === undefined || last.name === 'stopped')
    await records.differences.remove(last.place, keyOfDifference(last));
  await tell(last, tools);
}

/** An instance that is stopped is only marked: people stop instances. */
async function tell(noted: Noted, { records }: NoteTools): Promise<void> {
  const { channel, place, name } = noted;
  if (channel === undefined || name === 'stopped') return;
  await records.outbox.add(channel, { kind: 'difference', place, key: keyOfDifference(noted) });
}

/** The address of an instance that is gone may be another one's tomorrow. */
async function quarantine(
  { name, unsure, door: { host, instance } }: Noted,
  door: Door | undefined,
  { records, reconcile }: NoteTools,
): Promise<void> {
  if (name !== 'instance_deleted' || unsure || reconcile.quarantineSeconds === 0) return;
  const until = Date.now() + reconcile.quarantineSeconds * 1_000;
  for (const thing of door?.things ?? []) {
    const address =
      thing.kind === 'forward' ? thing.targetAddress : thing.kind === 'pin' ? thing.address : undefined;
    if (address !== undefined) await records.quarantine.put({ host, address, instance, until });
  }
}

async function channelOf(door: Door, tools: NoteTools): Promise<string> {
  return (await placeOfDoor(door, tools)).channel;
}

function aboutDoor({ door: spec }: Difference, door: Door | undefined) {
  return { about: subjectOfDoor(spec), ...(door !== undefined && { request: door.request }) };
}

/** `door-7k2m9x` was opened by `req-7k2m9x`. */
function requestOf({ door }: Difference): string {
  return door.id.replace(/^door-/, 'req-');
}
