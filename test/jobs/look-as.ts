/** Asks a worker for a look as the bot does, and renders its answer as for Slack. */
import { parseCommand } from '../../src/core/commands/command.ts';
import { isRefusal } from '../../src/core/refusal.ts';
import type { LookCommand } from '../../src/core/request.ts';
import { answerView } from '../../src/slack/views/answer-view.ts';
import { until } from '../stage/until.ts';
import type { Backstage } from './backstage.ts';

/** By who asked: whoever empties the outbox finds the answers of others, too. */
const answers = new Map<string, string[]>();

/** Every text of the message in which one person is told. */
export async function lookAs({ queues, records }: Backstage, text: string): Promise<string[]> {
  const command = parseCommand(text, {});
  if (isRefusal(command)) throw new Error(`not understood: ${text}`);
  const user = `U0LOOK${Math.random().toString(36).slice(2, 10).toUpperCase()}`;
  await queues.look({ command: command as LookCommand, user, channel: 'C0DOORS' });
  const answer = async (): Promise<string[] | undefined> => {
    const claim = await records.outbox.claim();
    if (claim !== undefined) {
      const { entry } = claim;
      await records.outbox.settle(claim, 'sent', 0);
      if (entry.kind === 'answer') answers.set(entry.user, textsIn(answerView(entry.answer)));
    }
    return answers.get(user);
  };
  return until(answer, `an answer to ${text}`, 45_000, 3);
}

/** Every text in something, however deep. */
export function textsIn(value: unknown): string[] {
  if (typeof value === 'string') return [value];
  if (typeof value !== 'object' || value === null) return [];
  return Object.values(value).flatMap(textsIn);
}
