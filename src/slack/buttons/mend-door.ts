/** Mends a door that differs by a button: the command `repair`, `adopt` or `unexpose`, said by that person where the difference was told. */
import { canonicalCommand } from '../../core/commands/canonical-command.ts';
import type { Remedy } from '../../core/differences/difference.ts';
import type { AdoptCommand, RepairCommand, UnexposeCommand } from '../../core/request.ts';
import type { Noted } from '../../records/differences.ts';
import type { View } from '../bolt.ts';
import type { CommandTools } from '../command-tools.ts';
import { answerTo } from '../commands.ts';
import { textView } from '../views/answer-view.ts';

const ACTIONS = { repair: 'repair', adopt: 'adopt', close: 'unexpose' } as const;

/** What to tell the person. @param value where the difference was found and which it is, as the button has them */
export function mendDoor(remedy: Remedy) {
  return async (value: string, user: string, tools: CommandTools): Promise<View> => {
    const { differences } = tools.records;
    const [place = '', key = ''] = value.split(' ');
    const noted = await differences.get(place, key);
    if (noted === undefined || noted.mendedAt !== undefined)
      return textView('This has been mended already, or the door is closed.');
    const command = commandFor(noted, remedy);
    const text = canonicalCommand(command);
    const channel = noted.channel ?? user;
    const refused = await answerTo({ user, channel, text }, tools, command);
    return refused ?? textView(`You asked for \`${text}\`. The message in <#${channel}> shows how it goes.`);
  };
}

/** The id says which door is meant, whatever else was changed of it. */
function commandFor(
  { door: { id, host, instance, road, ...door } }: Noted,
  remedy: Remedy,
): RepairCommand | AdoptCommand | UnexposeCommand {
  const { port, protocol, publicAddress, publicPort } = door;
  const target = { host, instance, ...(road === 'server' && { server: true as const }) };
  const side = { publicPort, ...(publicAddress !== undefined && { publicAddress }) };
  return { action: ACTIONS[remedy], target, port, protocol, ...side, door: id };
}
