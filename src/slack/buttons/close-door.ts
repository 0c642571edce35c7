/** Closes a door by a button: the command `unexpose`, said by that person where the door was asked for. */
import { canonicalCommand } from '../../core/commands/canonical-command.ts';
import type { Door } from '../../core/record.ts';
import { refuse } from '../../core/refusal.ts';
import type { UnexposeCommand } from '../../core/request.ts';
import { publicSideOf } from '../../core/step-words.ts';
import type { View } from '../bolt.ts';
import type { CommandTools } from '../command-tools.ts';
import { answerTo } from '../commands.ts';
import { refusalView, textView } from '../views/answer-view.ts';

/** What to tell the person. The button's value is only a name; the policy decides. */
export async function closeDoor(id: string, user: string, tools: CommandTools): Promise<View> {
  const { doors, requests } = tools.records;
  const door = await doors.get(id);
  if (door === undefined) return textView('This door is closed already.');
  const text = canonicalCommand(commandFor(door));
  const channel = door.channel ?? (await requests.get(door.request))?.asked.channel;
  if (channel === undefined) {
    const message = `I do not know any more where ${publicSideOf(door)} was asked for.`;
    return refusalView(refuse('not_found', message, `Type \`/lxd ${text}\` in a channel in which I am.`));
  }
  const refused = await answerTo({ user, channel, text }, tools);
  return refused ?? textView(`You asked for \`${text}\`. The message in <#${channel}> shows how it goes.`);
}

function commandFor({ host, instance, road, ...door }: Door): UnexposeCommand {
  const { port, protocol, publicAddress, publicPort } = door;
  const target = { host, instance, ...(road === 'server' && { server: true as const }) };
  return { action: 'unexpose', target, port, protocol, publicAddress, publicPort };
}
