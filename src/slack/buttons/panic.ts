/** Panic: asked for by a command, confirmed by one button. */
import { parseCommand } from '../../core/commands/command.ts';
import type { PanicCommand } from '../../core/panic.ts';
import { type Person, refusedTo } from '../../core/policy.ts';
import { isRefusal } from '../../core/refusal.ts';
import type { App, View } from '../bolt.ts';
import type { CommandTools } from '../command-tools.ts';
import { redisAwayOr } from '../redis-away.ts';
import { submit, type Where } from '../submit.ts';
import { refusalView, textView } from '../views/answer-view.ts';
import { PANIC, panicView } from '../views/panic-view.ts';
import { onButton } from './on-button.ts';

/** Registers the button. */
export function registerPanic(app: App, tools: CommandTools): void {
  onButton(app, PANIC, tools, async ({ action, body, respond }) => {
    const user = body.user.id;
    const thread: unknown = body.container?.thread_ts;
    const where = {
      user,
      channel: body.channel?.id ?? user,
      text: action.value ?? '',
      ...(typeof thread === 'string' && { thread }),
    };
    const view = await callPanic(where, tools);
    await respond({ response_type: 'ephemeral', replace_original: true, ...tools.dress(view) });
  });
}

/** The question; nothing happens before the answer. */
export async function askForPanic({ host, ...command }: PanicCommand, tools: CommandTools): Promise<View> {
  const doors = await tools.records.doors.list();
  const here = doors.filter((door) => host === undefined || door.host === host);
  return panicView({ ...command, ...(host !== undefined && { host }) }, here.length);
}

const PANIC_AGAIN =
  'Try again at once. While Redis is away nothing is opened, and nothing is closed either: what has to be shut now is shut on the hosts.';

/** Openings are held from this moment; the closing is a worker's. Never throws. */
async function callPanic(where: Where, tools: CommandTools): Promise<View> {
  try {
    return await call(where, tools);
  } catch (error) {
    tools.log.error({ err: error, user: where.user }, 'calling panic');
    return textView(redisAwayOr(error, 'Try again at once.', PANIC_AGAIN));
  }
}

async function call(where: Where, tools: CommandTools): Promise<View> {
  const { records, people, policy } = tools;
  const { user, text } = where;
  const command = parseCommand(text, tools.networks, tools.clock());
  if (isRefusal(command) || command.action !== 'panic' || command.off === true)
    return textView('That button is too old. Type `/lxd panic` again.');
  const person: Person = await people.person(user);
  const refusal = refusedTo(policy(), person, 'panic');
  if (refusal !== undefined) {
    await records.audit.add({ kind: 'refused', user, what: `${text}: ${refusal.message}` });
    return refusalView(refusal);
  }
  const { host } = command;
  await records.audit.add({ kind: 'clicked', user, what: text });
  await records.panic.raise({ ...(host !== undefined && { host }), by: user, at: Date.now() });
  const asked = { ...where, groups: [...person.groups] };
  // Where nobody could see the request it is shown to the person alone: this must not wait for an invitation.
  if ((await submit(command, asked, tools)) === undefined)
    return textView(':rotating_light: *Panic.* The message in this channel shows how it goes.');
  const { thread: _thread, ...there } = asked;
  await submit(command, { ...there, channel: user }, tools);
  return textView(':rotating_light: *Panic.* I am not in this channel; a direct message shows how it goes.');
}
