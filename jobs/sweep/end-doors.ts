/**
 * Closes doors whose end has come: asks for it as a request of its own, whoever may still ask for what. A door whose end passed while
 * nobody worked is closed by the first sweep.
 */
import { canonicalCommand } from '../../src/core/commands/canonical-command.ts';
import { asksAgainAt } from '../../src/core/door-end.ts';
import type { Door } from '../../src/core/record.ts';
import type { Asked, UnexposeCommand } from '../../src/core/request.ts';
import { messageOf } from '../../src/errors.ts';
import { placeOfDoor } from '../place-of-door.ts';
import { takeInRequest } from '../take-in-request.ts';
import type { Tools } from '../tools.ts';

type EndTools = Pick<Tools, 'records' | 'queues' | 'log'>;

/** Part of the sweep. @param now milliseconds since 1970 */
export async function endDoors(tools: EndTools, now: number): Promise<void> {
  for (const door of await tools.records.doors.list()) {
    if (door.endsAt === undefined || door.endsAt > now) continue;
    try {
      await endDoor({ ...door, endsAt: door.endsAt }, tools, now);
    } catch (error) {
      tools.log.warn({ door: door.id, err: messageOf(error) }, 'ending a door');
    }
  }
}

type EndingDoor = Door & { endsAt: number };

async function endDoor(door: EndingDoor, tools: EndTools, now: number): Promise<void> {
  const { doors, requests, hosts } = tools.records;
  const opening = await requests.get(door.request);
  // A worker died over the opening: it is finished first, or it would open the door again behind the closing.
  if (opening !== undefined && opening.state !== 'ended') return;
  const tries = await doors.closings(door.id);
  if (tries > 0) {
    const last = await requests.get(closingId(door, tries));
    if (last !== undefined && last.state !== 'ended') return;
    const host = await hosts.get(door.host);
    if (now < asksAgainAt(tries, last?.endedAt ?? 0, host)) return;
  }
  await askForClosing(door, tries + 1, tools, now);
  await doors.setClosings(door.id, tries + 1);
}

/** `req-abc` opened it; `req-abce1` is the first that closes it at its end. */
function closingId({ request }: Door, count: number): string {
  return `${request}e${count}`;
}

async function askForClosing(door: EndingDoor, count: number, tools: EndTools, now: number): Promise<void> {
  const { owner, approvers, endsAt: due } = door;
  const command = closingOf(door);
  const text = canonicalCommand(command);
  const asked: Asked = {
    id: closingId(door, count),
    command,
    requester: owner,
    ...(await placeOfDoor(door, tools)),
    text,
    at: now,
    byItself: 'end',
    due,
    ...(approvers !== undefined && { concerns: approvers }),
  };
  const again = count === 1 ? '' : `, for the ${count}th time`;
  await takeInRequest(asked, `${text}: its end came at ${new Date(due).toISOString()}${again}`, tools);
}

function closingOf({ id, host, instance, road, ...door }: Door): UnexposeCommand {
  const { port, protocol, publicAddress, publicPort } = door;
  const target = { host, instance, ...(road === 'server' && { server: true as const }) };
  return { action: 'unexpose', target, port, protocol, publicAddress, publicPort, door: id };
}
