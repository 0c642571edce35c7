/** The command `/lxd`: acked at once, then understood, then either answered from the records or queued. */
import { subjectOf } from '../core/audit/audit-subject.ts';
import { parseCommand } from '../core/commands/command.ts';
import { isBare } from '../core/commands/command-name.ts';
import { isChange } from '../core/commands/grammar.ts';
import { COMMANDS } from '../core/commands/help.ts';
import { placeForOne } from '../core/place.ts';
import { isRefusal, refuse } from '../core/refusal.ts';
import type { ChangeCommand, Command, RecordCommand } from '../core/request.ts';
import type { App, View } from './bolt.ts';
import { cancelRequest } from './buttons/cancel-request.ts';
import { askForPanic } from './buttons/panic.ts';
import type { CommandTools } from './command-tools.ts';
import { openForm } from './form/open-form.ts';
import { REDIS_AWAY, redisAwayOr } from './redis-away.ts';
import { refusedAtOnce } from './refused-at-once.ts';
import { seeDoctor } from './see-doctor.ts';
import { showAudit } from './show-audit.ts';
import { submit, type Where } from './submit.ts';
import { refusalView, textView } from './views/answer-view.ts';
import { formButtonView, menuView } from './views/menu-view.ts';
import { doorsView, helpView, historyView, requestsView } from './views/register-view.ts';

/** What somebody said, and where; with a url for private answers where Slack gives one. */
export interface Said extends Where {
  responseUrl?: string;
}

/** Registers the command. */
export function registerCommands(app: App, tools: CommandTools): void {
  app.command('/lxd', async ({ command, ack, respond }) => {
    const stop = tools.metrics.ackSeconds.startTimer();
    await ack();
    stop();
    const { user_id: user, channel_id: channel, text, response_url: responseUrl } = command;
    if (isBare(text, 'expose')) return openForm(command.trigger_id, { user, channel }, tools);
    const view = await answerTo({ user, channel, text, responseUrl }, tools);
    if (view !== undefined)
      await respond({ response_type: 'ephemeral', replace_original: false, ...tools.dress(view) });
  });
}

const LATER =
  'Look at `/lxd requests mine` in a moment: what is not there was not kept, so say it again then.';

/**
 * What to tell the person at once and privately; undefined when the answer comes another way. Never throws.
 * @param meant what the text says, where a button knows it better than the text can: which door it is
 */
export async function answerTo(
  said: Said,
  tools: CommandTools,
  meant?: ChangeCommand,
): Promise<View | undefined> {
  try {
    return await handle(said, tools, meant);
  } catch (error) {
    tools.log.error({ err: error, user: said.user }, 'handling a command');
    return textView(redisAwayOr(error, 'Nothing was begun; try again in a moment.', LATER));
  }
}

async function handle(said: Said, tools: CommandTools, meant?: ChangeCommand): Promise<View | undefined> {
  const { user, text } = said;
  if (isBare(text, '')) return menuView(said);
  if (isBare(text, 'expose')) return formButtonView(said);
  const command = meant ?? parseCommand(text, tools.networks, tools.clock());
  if (isRefusal(command)) {
    tools.metrics.commands.inc({ action: 'not_understood' });
    return refusalView(command);
  }
  tools.metrics.commands.inc({ action: command.action });
  if (command.action === 'help') return helpView(command.topic);
  if (!(await tools.records.answers())) return textView(REDIS_AWAY);
  const person = await tools.people.person(user);
  const asked = { ...said, groups: [...person.groups] };
  const refusal = await refusedAtOnce(command, asked, tools);
  if (refusal !== undefined) return refusalView(refusal);
  const isQuestion = command.action === 'panic' && command.off !== true;
  if (isQuestion || !isChange(command.action)) await noteLook(command, said, tools);
  if (isQuestion) return askForPanic(command, tools);
  return carryOn(command, asked, tools);
}

/** Changes are told to the audit when they get their request. */
async function noteLook(command: Command, where: Where, { records }: CommandTools): Promise<void> {
  const { user, text: what } = where;
  if (command.action !== 'cancel')
    return records.audit.add({ kind: 'looked', user, ...subjectOf(command), what });
  const request = /^req-[a-z0-9]+$/.test(command.id) ? { request: command.id } : {};
  await records.audit.add({ kind: 'asked', ...request, user, what });
}

async function carryOn(
  command: Exclude<Command, { action: 'help' }>,
  { responseUrl, ...where }: Said,
  tools: CommandTools,
): Promise<View | undefined> {
  const { user } = where;
  const privately = placeForOne(where);
  const remember = async (): Promise<void> => {
    if (responseUrl !== undefined)
      await tools.records.replies.put(user, privately.channel, responseUrl, privately.thread);
  };
  switch (command.action) {
    case 'doors':
    case 'requests':
    case 'audit':
    case 'cancel':
      return fromRecords(command, user, tools);
    case 'doctor':
      await remember();
      return seeDoctor(where, tools);
    case 'why':
    case 'list':
    case 'info':
    case 'logs':
    case 'hosts':
    case 'plan':
    case 'policy': {
      await remember();
      const { groups } = where;
      await tools.queues.look({ command, user, ...(groups && { groups }), ...privately });
      return undefined;
    }
    default: {
      await remember();
      const refusal = await submit(command, where, tools);
      return refusal && refusalView(refusal);
    }
  }
}

async function fromRecords(command: RecordCommand, user: string, tools: CommandTools): Promise<View> {
  const { requests, doors, differences, audit } = tools.records;
  switch (command.action) {
    case 'doors':
      return doorsView(await doors.list(), command.filter, await differences.list());
    case 'audit':
      return showAudit(command, user, tools);
    case 'cancel':
      return cancelRequest(command.id, user, tools);
    case 'requests': {
      if (command.id === undefined) return requestsView(await requests.latest(20));
      if (command.id === 'mine') return requestsView(await requests.latest(20, user));
      const record = await requests.get(command.id);
      if (record === undefined) return refusalView(unknownRequest(command.id));
      return historyView(record, await audit.of(command.id));
    }
  }
}

function unknownRequest(id: string) {
  return refuse(
    'not_found',
    `There is no request \`${id.replace(/`/g, '')}\`.`,
    `\`/lxd ${COMMANDS.requests.example}\` shows the latest.`,
  );
}
