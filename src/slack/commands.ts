/** The command `/lxd`: acked at once, then understood, then either answered from the records or queued. */
import { subjectOf } from '../core/audit-subject.ts';
import { parseCommand } from '../core/command.ts';
import { isChange } from '../core/grammar.ts';
import { COMMANDS } from '../core/help.ts';
import { mayUse, refusalOf } from '../core/policy.ts';
import { isRefusal, refuse } from '../core/refusal.ts';
import type { Command, RecordCommand } from '../core/request.ts';
import { messageOf } from '../errors.ts';
import { refusalView, textView } from './answer-view.ts';
import type { App, SlashCommand, View } from './bolt.ts';
import { cancelRequest } from './cancel-request.ts';
import type { CommandTools } from './command-tools.ts';
import { doorsView, helpView, historyView, requestsView } from './register-view.ts';
import { showAudit } from './show-audit.ts';
import { submit, type Where } from './submit.ts';

/** Registers the command. */
export function registerCommands(app: App, tools: CommandTools): void {
  app.command('/lxd', async ({ command, ack, respond }) => {
    const stop = tools.metrics.ackSeconds.startTimer();
    await ack();
    stop();
    const view = await answerTo(command, tools);
    if (view !== undefined)
      await respond({ response_type: 'ephemeral', replace_original: false, ...tools.dress(view) });
  });
}

/** What to tell the person at once and privately; undefined when the answer comes another way. Never throws. */
async function answerTo(slash: SlashCommand, tools: CommandTools): Promise<View | undefined> {
  try {
    return await handle(slash, tools);
  } catch (error) {
    tools.log.error({ err: error, user: slash.user_id }, 'handling a command');
    return textView(`:x: That did not work: ${messageOf(error)}. Nothing was begun; try again in a moment.`);
  }
}

async function handle(slash: SlashCommand, tools: CommandTools): Promise<View | undefined> {
  const command = parseCommand(slash.text, tools.networks);
  const where = { user: slash.user_id, channel: slash.channel_id, text: slash.text };
  if (isRefusal(command)) {
    tools.metrics.commands.inc({ action: 'not_understood' });
    return refusalView(command);
  }
  tools.metrics.commands.inc({ action: command.action });
  if (command.action === 'help') return helpView(command.topic);
  if (!mayUse(tools.policy, await tools.people.person(where.user), command.action)) {
    const what = refusalOf(tools.policy, command.action);
    await tools.records.audit.add({ kind: 'refused', user: where.user, what: `${slash.text}: ${what}` });
    return refusalView(refuse('not_permitted', what, 'Whoever keeps the policy can add you.'));
  }
  if (!isChange(command.action)) await noteLook(command, where, tools);
  return carryOn(command, where, slash.response_url, tools);
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
  where: Where,
  responseUrl: string,
  tools: CommandTools,
): Promise<View | undefined> {
  const { user, channel } = where;
  switch (command.action) {
    case 'doors':
    case 'requests':
    case 'audit':
    case 'cancel':
      return fromRecords(command, where.user, tools);
    case 'list':
    case 'info':
    case 'logs':
    case 'hosts':
    case 'plan': {
      await tools.records.replies.put(user, channel, responseUrl);
      await tools.queues.look({ command, user, channel });
      return undefined;
    }
    default: {
      await tools.records.replies.put(user, channel, responseUrl);
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
