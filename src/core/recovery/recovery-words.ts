/** What a recovery found, changes and cannot know, in lines for a terminal. Pure. */
import { doorsInWords } from '../names.ts';
import type { DoorSpec } from '../plan.ts';
import type { RequestRecord } from '../record.ts';
import { sourcesInWords } from '../sources.ts';
import { privateSideOf, publicSideOf } from '../step-words.ts';
import type { Recovery, RegisterChange, SeenPlace } from './recover-register.ts';

/** What stands where, and where nobody answered. */
export function placesInWords(places: readonly SeenPlace[]): string[] {
  return places.flatMap(({ name, doors, silent }) => {
    if (doors === undefined) return [`${name} did not answer: ${silent}. Its doors are left as they are.`];
    return [`${name}: ${doorsInWords(doors)}`, ...doors.map(({ door }) => `  ${doorInWords(door)}`)];
  });
}

/** `198.51.100.11:80 → blog:80 for 10.0.0.0/8 via forward (door-7k2m9x)` */
function doorInWords(door: DoorSpec): string {
  const { id, road, sources } = door;
  return `${publicSideOf(door)} → ${privateSideOf(door)} for ${sourcesInWords([...sources])} via ${road} (${id})`;
}

/** What becomes of the register. */
export function recoveryInWords({ changes, kept, untouched }: Recovery): string[] {
  const nothing = changes.length === 0 ? ['nothing to change'] : [];
  return [
    ...changes.map(changeInWords),
    ...untouched.map(({ door, why }) => `left alone ${door}: ${why}`),
    ...(kept.length > 0 ? [`kept ${doorsInWords(kept)}, with owner and end as they were`] : []),
    ...nothing,
  ];
}

function changeInWords({ before, after, ownerless, unwanted }: RegisterChange): string {
  if (before !== undefined && after !== undefined)
    return `mended ${doorInWords(before)}: it is ${doorInWords(after)}`;
  if (before !== undefined) return `dropped ${doorInWords(before)}: nothing of it stands any more`;
  if (after === undefined) return '';
  const { endsAt, owner } = after;
  const end = endsAt === undefined ? 'without an end' : `until ${new Date(endsAt).toISOString()}`;
  const whose = ownerless
    ? ` Who owns it?${owner === '' ? '' : ` Written down: ${owner}.`}`
    : ` Its owner is ${owner}.`;
  const doubt =
    unwanted === undefined
      ? ''
      : ` Its request ended otherwise (${unwanted}): it should not stand, so close it.`;
  return `added ${doorInWords(after)}, ${end}.${whose}${doubt}`;
}

/** Requests that would be carried on, as far as Redis knows. */
export function openRequestsInWords(open: readonly RequestRecord[]): string[] {
  return open.map(
    ({ asked, state }) =>
      `${asked.id} of ${new Date(asked.at).toISOString()}, ${state}: ${asked.text.replace(/[^\x20-\x7e]/g, '?')}`,
  );
}

/** What no tag can say. */
export const UNKNOWABLE: readonly string[] = [
  'who opened a door, who approved it and why: no tag says so. Only where its request survived in Redis it is read there.',
  'when a door is to be closed, unless its request or the guard of its host says so. Such a door gets no end: close it, or open it anew with `for`.',
  'ends that were moved and doors that were approved after the dump was made.',
  'requests that waited, and decisions: ask and decide again.',
  'whether panic was called, which doors it closed, and which hosts were drained: say `/lxd panic` or `/lxd host drain` again.',
  'machines that were adopted by address: `/lxd host adopt <name> at <address>` takes them in again, and a second run finds their doors.',
  'the audit: it begins with this recovery, or goes on behind the last entry that Redis has.',
];
