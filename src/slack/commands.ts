/** The command `/lxd`: acked at once, then understood, then either answered from the records or queued. */
import { subjectOf } from '../core/audit-subject.ts';
import { parseCommand } from '../core/command.ts';
import { isChange } from '../core/grammar.ts';
import { COMMANDS } from '../core/help.ts';
import { placeForOne } from '../core/place.ts';
import { refusedTo } from '../core/policy.ts';
import { isRefusal, type Refusal, refuse } from '../core/refusal.ts';
import type { ChangeCommand, Command, RecordCommand } from '../core/request.ts';
import { factsOfCommand } from '../core/rules/facts.ts';
import { refusedBy, rulingOf } from '../core/rules/ruling.ts';
import { messageOf } from '../errors.ts';
import { refusalView, textView } from './answer-view.ts';
import type { App, View } from './bolt.ts';
import { cancelRequest } from './cancel-request.ts';
import type { CommandTools } from './command-tools.ts';
import { doorsView, helpView, historyView, requestsView } from './register-view.ts';
import { showAudit } from './show-audit.ts';
import { submit, type Where } from './submit.ts';

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
    const view = await answerTo({ user, channel, text, responseUrl }, tools);
    if (view !== undefined)
      await respond({ response_type: 'ephemeral', replace_original: false, ...tools.dress(view) });
  });
}

/** What to tell the person at once and privately; undefined when the answer comes another way. Never throws. */
export async function answerTo(said: Said, tools: CommandTools): Promise<View | undefined> {
  try {
    return await handle(said, tools);
  } catch (error) {
    tools.log.error({ err: error, user: said.user }, 'handling a command');
    return textView(`:x: That did not work: ${messageOf(error)}. Nothing was begun; try again in a moment.`);
  }
}

async function handle(said: Said, tools: CommandTools): Promise<View | undefined> {
  const { user, text } = said;
  const command = parseCommand(text, tools.networks);
  if (isRefusal(command)) {
    tools.metrics.commands.inc({ action: 'not_understood' });
    return refusalView(command);
  }
  tools.metrics.commands.inc({ action: command.action });
  if (command.action === 'help') return helpView(command.topic);
  const person = await tools.people.person(user);
  const asked = { ...said, groups: [...person.groups] };
  const refusal = refusedTo(tools.policy(), person, command.action) ?? refusedEarly(command, asked, tools);
  if (refusal !== undefined) {
    await tools.records.audit.add({ kind: 'refused', user, what: `${text}: ${refusal.message}` });
    return refusalView(refusal);
  }
  if (!isChange(command.action)) await noteLook(command, said, tools);
  return carryOn(command, asked, tools);
}

/** What a rule refuses whatever the plan will be is refused at once. */
function refusedEarly(command: Command, where: Where, { policy }: CommandTools): Refusal | undefined {
  if (!isChange(command.action)) return undefined;
  const { user: requester, groups = [], channel } = where;
  const asked = { requester, groups, channel, at: Date.now() };
  const ruling = rulingOf(policy(), factsOfCommand(command as ChangeCommand, asked));
  return ruling?.end === 'refuse' ? refusedBy(ruling) : undefined;
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
  const { requests, doors, audit } = tools.records;
  switch (command.action) {
    case 'doors':
      return doorsView(await doors.list(), command.filter);
    case 'audit':
      return showAudit(command, user, tools);
    case 'cancel':
      return cancelRequest(command.id, user, tools);
    case 'requests': {
      if (command.id === undefined) return requestsView(await requests.latest(20));
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
