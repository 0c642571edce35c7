/** Keeps a door that a digest asked about: noted in the audit, and not asked again within the week. */
import { subjectOfDoor } from '../../core/audit/audit-subject.ts';
import { publicSideOf } from '../../core/step-words.ts';
import type { View } from '../bolt.ts';
import type { CommandTools } from '../command-tools.ts';
import { textView } from '../views/answer-view.ts';

/** What to tell the person. Nothing changes, so only the owner's word counts, whatever the policy says. */
export async function keepDoor(id: string, user: string, { records }: CommandTools): Promise<View> {
  const door = await records.doors.get(id);
  if (door === undefined) return textView('This door is closed already.');
  const side = publicSideOf(door);
  if (door.owner !== user) return textView(`${side} is not yours: its owner is <@${door.owner}>.`);
  await records.audit.add({
    kind: 'door_kept',
    request: door.request,
    user,
    about: subjectOfDoor(door),
    what: `${side} is still needed`,
  });
  await records.kept.first(id);
  return textView(`${side} stays as it is. It is noted in the audit, and I ask again next week.`);
}
