/** After a launch that said `expose`: asks for the door, as a request of its own by the same person in the same channel. */
import { subjectOf } from '../src/core/audit-subject.ts';
import { canonicalCommand } from '../src/core/canonical-command.ts';
import type { WorkPlan } from '../src/core/plan.ts';
import type { RequestRecord } from '../src/core/record.ts';
import type { Asked, ExposeCommand } from '../src/core/request.ts';
import { ANYONE } from '../src/core/sources.ts';
import { showRequest } from './end-request.ts';
import type { Tools } from './tools.ts';

/** Run again it asks no second time: the id of the request comes from that of the launch. */
export async function askForDoor(
  { asked }: RequestRecord,
  { subject }: WorkPlan,
  { records, queues, log }: Tools,
): Promise<void> {
  const { command, requester, channel } = asked;
  if (command.action !== 'launch' || command.expose === undefined) return;
  const [host, instance = ''] = subject.split('/');
  const expose: ExposeCommand = {
    action: 'expose',
    target: { ...(host !== undefined && { host }), instance },
    ...command.expose,
    sources: [ANYONE],
    ...(command.reason !== undefined && { reason: command.reason }),
  };
  const text = canonicalCommand(expose);
  const door: Asked = { id: `${asked.id}x`, command: expose, requester, channel, text, at: Date.now() };
  if ((await records.requests.get(door.id)) === undefined) {
    const what = `${text}, after ${asked.id}`;
    await records.audit.add({
      kind: 'asked',
      request: door.id,
      user: requester,
      ...subjectOf(expose),
      what,
    });
    await records.requests.create(door);
    log.info({ request: door.id, after: asked.id }, 'request asked');
  }
  await queues.plan({ request: door.id });
  await showRequest(door.id, { records });
}
