/** What the policy refuses by the command alone, before anything is planned. */
import { isChange } from '../core/commands/grammar.ts';
import { refusedTo } from '../core/policy.ts';
import type { Refusal } from '../core/refusal.ts';
import type { ChangeCommand, Command } from '../core/request.ts';
import { factsOfCommand } from '../core/rules/facts.ts';
import { refusedBy, rulingOf } from '../core/rules/ruling.ts';
import type { DeliverTools } from './deliver-tools.ts';
import type { Where } from './submit.ts';

type PolicyTools = Pick<DeliverTools, 'policy' | 'records'>;

/** A refusal is told to the audit. */
export async function refusedAtOnce(
  command: Command,
  where: Where,
  tools: PolicyTools,
): Promise<Refusal | undefined> {
  const { user, groups = [], text } = where;
  const person = { user, groups };
  const refusal = refusedTo(tools.policy(), person, command.action) ?? refusedEarly(command, where, tools);
  if (refusal !== undefined)
    await tools.records.audit.add({ kind: 'refused', user, what: `${text}: ${refusal.message}` });
  return refusal;
}

/** What a rule refuses whatever the plan will be is refused at once. */
function refusedEarly(command: Command, where: Where, { policy }: PolicyTools): Refusal | undefined {
  // Panic waits for no rule, and what `panic off` opens again is asked about door by door.
  if (!isChange(command.action) || command.action === 'panic') return undefined;
  const { user: requester, groups = [], channel } = where;
  const asked = { requester, groups, channel, at: Date.now() };
  const ruling = rulingOf(policy(), factsOfCommand(command as ChangeCommand, asked));
  return ruling?.end === 'refuse' ? refusedBy(ruling) : undefined;
}
