/** Finds the door of the register that a command names. */
import type { Door } from '../../src/core/record.ts';
import { type Refusal, refuse } from '../../src/core/refusal.ts';
import { nameOf, portOf, type RepairCommand, type UnexposeCommand } from '../../src/core/request.ts';
import type { Tools } from '../tools.ts';

type Named = Omit<RepairCommand | UnexposeCommand, 'action'> & { action: string };

/** The one that fits, or a refusal that names those that do. */
export async function findRegisteredDoor(
  { action, door: id, target, port, protocol, publicAddress, publicPort }: Named,
  { records }: Pick<Tools, 'records'>,
): Promise<Door | Refusal> {
  const service = `${nameOf(target)}:${portOf(port, protocol)}`;
  const next = '`/lxd doors` shows what is open.';
  if (id !== undefined) {
    const found = await records.doors.get(id);
    return found ?? refuse('not_found', `The door to ${service} is closed by now.`, next);
  }
  const fitting = (await records.doors.list()).filter(
    (door) =>
      door.instance === target.instance &&
      (door.road === 'server') === (target.server === true) &&
      (target.host === undefined || target.host === door.host) &&
      door.port === port &&
      door.protocol === protocol &&
      (publicPort === undefined || door.publicPort === publicPort) &&
      (publicAddress === undefined || door.publicAddress === publicAddress),
  );
  const [first, second] = fitting;
  if (first === undefined) return refuse('not_found', `There is no door to ${service}.`, next);
  if (second === undefined) return first;
  const lines = fitting.map(
    (door) =>
      `\`${action} ${nameOf(target)} ${portOf(port, protocol)} as ${door.publicAddress}:${door.publicPort}\``,
  );
  return refuse('ambiguous', `${service} has ${fitting.length} doors.`, `Say which: ${lines.join(', ')}.`);
}
