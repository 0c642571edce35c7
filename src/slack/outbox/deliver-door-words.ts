/** Delivers what owners are told about their open doors: that one is about to be closed, and the weekly question. */
import { isDoubtful } from '../../core/doubtful-door.ts';
import type { Door } from '../../core/record.ts';
import type { Entry } from '../../records/outbox.ts';
import type { Delivered, DeliverTools } from '../deliver-tools.ts';
import { digestView } from '../views/digest-view.ts';
import { doorEndView } from '../views/door-end-view.ts';
import { postMessage } from './post-message.ts';

/** Nothing where the door is closed, or its end was moved. */
export async function deliverDoorEnd(
  entry: Extract<Entry, { kind: 'door_end' }>,
  { client, records, dress }: DeliverTools,
): Promise<Delivered> {
  const door = await records.doors.get(entry.door);
  const view = door && doorEndView(door, entry.endsAt, Date.now());
  if (view === undefined) return 'nothing';
  await postMessage(client, entry, dress(view));
  return 'sent';
}

/** A direct message with the doors that are still open then. */
export async function deliverDigest(
  { user, due }: Extract<Entry, { kind: 'digest' }>,
  { client, records, dress }: DeliverTools,
): Promise<Delivered> {
  const doors: Door[] = [];
  for (const door of await records.doors.list())
    if (door.owner === user && isDoubtful(door, due) && !(await records.kept.has(door.id))) doors.push(door);
  const view = digestView(doors);
  if (view === undefined) return 'nothing';
  await postMessage(client, { channel: user }, dress(view));
  return 'sent';
}
