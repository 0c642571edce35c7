/** Takes a change request in: keeps it, shows it in the channel, and has it planned. */
import { randomInt } from 'node:crypto';
import { subjectOf } from '../core/audit/audit-subject.ts';
import type { Place } from '../core/place.ts';
import { type Refusal, refuse } from '../core/refusal.ts';
import type { Asked, ChangeCommand } from '../core/request.ts';
import type { Log } from '../log.ts';
import type { Queues } from '../queues.ts';
import { troubleOf } from './bolt.ts';
import type { DeliverTools } from './deliver-tools.ts';
import { deliverRequest } from './outbox/deliver.ts';

export interface SubmitTools extends DeliverTools {
  queues: Queues;
  log: Log;
  /** Channels in which a message of ours was taken by Slack. */
  joined: Set<string>;
}

export interface Where extends Place {
  user: string;
  /** The user groups of the policy that the person is in. */
  groups?: string[];
  text: string;
}

/** undefined when the request is on its way; a refusal when nobody could see it in this channel. */
export async function submit(
  command: ChangeCommand,
  where: Where,
  tools: SubmitTools,
): Promise<Refusal | undefined> {
  const asked = await keep(command, where, tools);
  const child = tools.log.child({ request: asked.id });
  child.info({ action: command.action, user: where.user, channel: where.channel }, 'request asked');
  if (!tools.joined.has(where.channel)) {
    const refusal = await firstMessage(asked, tools);
    if (refusal !== undefined) return refusal;
  }
  await tools.queues.plan({ request: asked.id });
  setTimeout(() => announce(asked, tools), QUIET_MS).unref();
  return undefined;
}

/** Most plans are made sooner than this, in milliseconds; then the first thing people see is the plan itself. */
const QUIET_MS = 400;

/** Says that a plan is being looked for, if it still is. */
async function announce({ id, channel }: Asked, { records, log }: SubmitTools): Promise<void> {
  try {
    const record = await records.requests.get(id);
    if (record?.state === 'planning') await records.outbox.add(channel, { kind: 'request', request: id });
  } catch (error) {
    log.warn({ err: error, request: id }, 'announcing a request');
  }
}

/** Told to the audit first: a request that nobody can read about there must not be found by a worker. */
async function keep(
  command: ChangeCommand,
  { user, groups = [], text, channel, thread, opensThread }: Where,
  { records }: SubmitTools,
): Promise<Asked> {
  const place = { channel, ...(thread !== undefined && { thread }), ...(opensThread && { opensThread }) };
  for (;;) {
    const asked = { id: newId(), command, requester: user, groups, ...place, text, at: Date.now() };
    if ((await records.requests.get(asked.id)) !== undefined) continue;
    await records.audit.add({ kind: 'asked', request: asked.id, user, ...subjectOf(command), what: text });
    if (await records.requests.create(asked)) return asked;
  }
}

/** Before anything is planned in a channel for the first time: can people there see it at all? */
async function firstMessage(asked: Asked, tools: SubmitTools): Promise<Refusal | undefined> {
  try {
    await deliverRequest(asked.id, tools);
    tools.joined.add(asked.channel);
    return undefined;
  } catch (error) {
    const trouble = troubleOf(error);
    if (trouble.kind === 'refused' && ['not_in_channel', 'channel_not_found'].includes(trouble.error)) {
      await tools.records.requests.forget(asked.id);
      await tools.records.audit.add({
        kind: 'refused',
        request: asked.id,
        user: asked.requester,
        what: 'not in the channel',
      });
      const message = 'I am not in this channel, so nobody here could see or decide on the request.';
      return refuse('not_in_channel', message, 'Type `/invite @drawbridge` here, then ask again.');
    }
    // Slack is slow or away: the outbox shows the message when it can, and the work need not wait for that.
    return undefined;
  }
}

/** Letters and digits that nobody confuses when reading them aloud. */
const ALPHABET = '23456789abcdefghjkmnpqrstuvwxyz';

function newId(): string {
  return `req-${Array.from({ length: 6 }, () => ALPHABET[randomInt(ALPHABET.length)]).join('')}`;
}
