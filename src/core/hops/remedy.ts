/** What mends a broken hop. */
import { canonicalCommand } from '../commands/canonical-command.ts';
import { type ExposeCommand, nameOf, type UnexposeCommand } from '../request.ts';
import type { DoorWay } from './door-way.ts';
import type { Remedy } from './hop.ts';

/** The same door has to be put anew. The one place that says how that is asked for. */
export function repairOf(way: DoorWay): Remedy {
  const { door, made, stands } = way;
  if (made === 'foreign')
    return byHand('Drawbridge did not make this door and leaves it alone: whoever made it can mend it.');
  const { port, protocol, publicPort } = door;
  if (way.known !== undefined) {
    const as = publicPort === port ? {} : { publicPort };
    const command = { action: 'repair', target: targetOf(way), port, protocol, ...as } as const;
    return { kind: 'command', command: canonicalCommand(command), label: 'Put it again' };
  }
  const open = `\`/lxd ${exposeText(way)}\``;
  // What still stands is in the way of opening it again.
  const text = stands
    ? `Close it and open it again: \`/lxd ${unexposeText(way)}\`, then ${open}.`
    : `Open it again: ${open}.`;
  return byHand(text);
}

/** Its end has come: putting it again would let in people for longer than was said. */
export function openAgain(way: DoorWay): Remedy {
  return byHand(`It is being closed. Open it again, if it is still needed: \`/lxd ${exposeText(way)}\`.`);
}

/** Something that Drawbridge cannot do. */
export function byHand(text: string): Remedy {
  return { kind: 'by_hand', text };
}

/** A command about the instance, by a button as well. */
export function instanceRemedy({ door }: DoorWay, action: 'start' | 'restart'): Remedy {
  const { host, instance } = door;
  const label = `${action === 'start' ? 'Start' : 'Restart'} ${instance}`;
  return { kind: 'command', command: canonicalCommand({ action, target: { host, instance } }), label };
}

/** The command that opens such a door. @param sources who shall be let in; by default as it was */
export function exposeText(way: DoorWay, sources = way.door.sources): string {
  const { port, protocol, publicPort, road } = way.door;
  const target = targetOf(way);
  const command: ExposeCommand = { action: 'expose', target, port, protocol, sources: [...sources] };
  if (publicPort !== port) command.publicPort = publicPort;
  if (road !== 'server') command.road = road;
  // What was to end shall not become endless.
  const { forSeconds, endsAt } = way.known ?? {};
  if (forSeconds !== undefined) command.forSeconds = forSeconds;
  else if (endsAt !== undefined) command.until = endsAt;
  return canonicalCommand(command);
}

/** The command that closes it. */
export function unexposeText(way: DoorWay): string {
  const { port, protocol, publicPort } = way.door;
  // Without the address: where that is what is gone, no door would be found by it.
  const command: UnexposeCommand = { action: 'unexpose', target: targetOf(way), port, protocol, publicPort };
  return canonicalCommand(command);
}

/** `web1/blog` or `server:public/web`. */
export function instanceOf(way: DoorWay): string {
  return nameOf(targetOf(way));
}

function targetOf({ door: { host, instance, road } }: DoorWay) {
  return { host, instance, ...(road === 'server' && { server: true as const }) };
}
