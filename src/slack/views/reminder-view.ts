/** The word in the thread of a request to those who may decide on it. Pure. */
import { canonicalCommand } from '../../core/commands/canonical-command.ts';
import type { DueWord } from '../../core/due-words.ts';
import { mentionsOf, type Policy, rolesNow } from '../../core/policy.ts';
import type { RequestRecord } from '../../core/record.ts';
import { waitedSeconds } from '../../core/waited-seconds.ts';
import type { View } from '../bolt.ts';
import { clock, cut, section } from './block-texts.ts';

/** undefined where nobody has to decide any more. @param now milliseconds since 1970 */
export function reminderView(
  record: RequestRecord,
  word: DueWord,
  policy: Policy,
  now: number,
): View | undefined {
  const { asked, approval, approvals = [], decision, state, waitsUntil = 0 } = record;
  if (state !== 'waiting' || decision !== undefined || approval === undefined) return undefined;
  const { need } = approval;
  const roles =
    word === 'escalation' ? (need.escalate?.to ?? []) : rolesNow(need, waitedSeconds(record, now));
  const missing = need.count - approvals.length;
  const whom = mentionsOf(policy, roles) || roles.join(', ');
  const what = `\`${canonicalCommand(asked.command)}\` of <@${asked.requester}>`;
  const people = `${missing} ${missing === 1 ? 'approval is' : 'approvals are'} missing`;
  const why =
    word === 'escalation'
      ? `Nobody has decided on ${what} yet: from now on you may as well.`
      : `${what} expires at ${clock(waitsUntil)}; ${people}.`;
  const text = `:bell: ${whom} ${why}`;
  return { text: cut(text, 3_000), blocks: [section(text)] };
}
