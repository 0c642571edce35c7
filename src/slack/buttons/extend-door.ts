/** Moves the end of a door by a button: the command `extend`, said by that person in the thread of the door's request. */
import { canonicalCommand } from '../../core/commands/canonical-command.ts';
import { extensionOf } from '../../core/door-end.ts';
import { refusedTo } from '../../core/policy.ts';
import type { Door } from '../../core/record.ts';
import type { ExtendCommand } from '../../core/request.ts';
import { publicSideOf } from '../../core/step-words.ts';
import type { View } from '../bolt.ts';
import type { CommandTools } from '../command-tools.ts';
import { answerTo } from '../commands.ts';
import { refusalView, textView } from '../views/answer-view.ts';
import { clock, DAY } from '../views/block-texts.ts';

/** What to tell the person. @param value the door and the end that were shown, as the button has them */
export async function extendDoor(value: string, user: string, tools: CommandTools): Promise<View> {
  const { doors, requests, minutes } = tools.records;
  const [id = '', shown] = value.split(':');
  const door = await doors.get(id);
  if (door === undefined) return textView('This door is closed already.');
  const side = publicSideOf(door);
  if (door.endsAt === undefined) return textView(`${side} has no end: it is open until somebody closes it.`);
  if (String(door.endsAt) !== shown)
    return textView(`The end of ${side} was moved already: it is closed at ${clock(door.endsAt, DAY)}.`);
  const refusal = refusedTo(tools.policy(), await tools.people.person(user), 'extend');
  if (refusal !== undefined) return refusalView(refusal);
  if (!(await minutes.first(`extend:${value}`)))
    return textView(`Somebody asked for that a moment ago. Its request shows how it goes.`);
  const text = canonicalCommand(commandFor(door));
  const [opening, message] = await Promise.all([requests.get(door.request), requests.message(door.request)]);
  const channel = door.channel ?? opening?.asked.channel ?? user;
  const thread = opening?.asked.thread ?? message?.ts;
  const refused = await answerTo({ user, channel, text, ...(thread !== undefined && { thread }) }, tools);
  return refused ?? textView(`You asked for \`${text}\`. The message in <#${channel}> shows how it goes.`);
}

function commandFor({ host, instance, road, ...door }: Door): ExtendCommand {
  const { port, protocol, publicAddress, publicPort } = door;
  const target = { host, instance, ...(road === 'server' && { server: true as const }) };
  const bySeconds = extensionOf(door);
  return { action: 'extend', target, port, protocol, publicAddress, publicPort, bySeconds };
}
