/** Asks what only shows something, as the bot does, and reads the answer where it waits for Slack. */
import type { Answer } from '../../src/core/answer.ts';
import { parseCommand } from '../../src/core/commands/command.ts';
import type { DoorLook } from '../../src/core/hops/look-at-door.ts';
import { isRefusal } from '../../src/core/refusal.ts';
import type { LookCommand } from '../../src/core/request.ts';
import { until } from '../stage/until.ts';
import type { Backstage } from './backstage.ts';

type Side = Pick<Backstage, 'queues' | 'records' | 'config'>;

/** @throws where the text is no command that shows something */
export async function askLook({ queues, records, config }: Side, text: string): Promise<Answer> {
  const command = parseCommand(text, config.file?.networks ?? {});
  if (isRefusal(command)) throw new Error(`${text}: ${command.message}`);
  const user = `U0LOOK${Math.random().toString(36).slice(2).toUpperCase()}`;
  await queues.look({ command: command as LookCommand, user, channel: 'C0DOORS' });
  const answer = async (): Promise<Answer | undefined> => {
    const claim = await records.outbox.claim();
    if (claim === undefined) return undefined;
    await records.outbox.settle(claim, 'sent', 0);
    const { entry } = claim;
    return entry.kind === 'answer' && entry.user === user ? entry.answer : undefined;
  };
  return until(answer, `an answer to ${text}`, 40_000, 3);
}

/** The doors in the answer to `why`. */
export async function askWhy(side: Side, text: string): Promise<DoorLook[]> {
  const answer = await askLook(side, text);
  if (answer.kind !== 'why') throw new Error(`${text}: ${JSON.stringify(answer)}`);
  return answer.doors;
}

/** The one door in the answer. */
export async function askWhyOne(side: Side, text: string): Promise<DoorLook> {
  const [only, more] = await askWhy(side, text);
  if (only === undefined || more !== undefined)
    throw new Error(`${text} shows ${more === undefined ? 'none' : 'several'}`);
  return only;
}
