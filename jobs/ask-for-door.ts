/** After a launch that said `expose`: asks for the door, as a request of its own by the same person in the same channel. */
import { canonicalCommand } from '../src/core/commands/canonical-command.ts';
import type { WorkPlan } from '../src/core/plan.ts';
import type { RequestRecord } from '../src/core/record.ts';
import type { Asked, ExposeCommand } from '../src/core/request.ts';
import { ANYONE } from '../src/core/sources.ts';
import { takeInRequest } from './take-in-request.ts';
import type { Tools } from './tools.ts';

/** Run again it asks no second time: the id of the request comes from that of the launch. */
export async function askForDoor(
  { asked }: RequestRecord,
  { subject }: WorkPlan,
  tools: Pick<Tools, 'records' | 'queues' | 'log'>,
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
  await takeInRequest(door, `${text}, after ${asked.id}`, tools, requester);
}
