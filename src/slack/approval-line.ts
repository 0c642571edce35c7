/** Who may decide, how many have and how many are missing. Pure. */
import { harmless } from '../core/chat-text.ts';
import { mayDecide, mentionsOf, type Person, type Policy, rolesNow } from '../core/policy.ts';
import type { Approval, RequestRecord } from '../core/record.ts';
import type { Need } from '../core/rules/rule.ts';
import { waitedSeconds } from '../core/waited-seconds.ts';
import { clock } from './block-texts.ts';

/** What a request waits for. @param now milliseconds since 1970, for an escalation */
export function waitingLines(record: RequestRecord, policy: Policy, now: number): string {
  const { approval, approvals = [], waitsUntil, asked } = record;
  if (approval === undefined) return ':bell: *Needs approval*.';
  const { need, why, rule } = approval;
  const by = rule === undefined ? '' : ` (rule “${harmless(rule, 80)}”)`;
  const until = waitsUntil === undefined ? '' : ` Until ${clock(waitsUntil)}; then it is off.`;
  return [
    `:bell: *Needs approval*${howMany(need)}: ${harmless(why, 500)}${by}.`,
    ...(approvals.length === 0
      ? []
      : [`${peopleInWords(approvals)} approved; ${need.count - approvals.length} more to go.`]),
    `May decide: ${deciders(policy, need, waitedSeconds(record, now))}${need.own ? '' : ` — not <@${asked.requester}>`}.${until}`,
    ...(need.escalate === undefined ? [] : [escalation(policy, need.escalate)]),
  ].join('\n');
}

/** Whether a request waits for this person: they may decide, and have not approved it already. */
export function waitsFor(record: RequestRecord, policy: Policy, person: Person, now: number): boolean {
  const { state, decision, approval, approvals = [], asked } = record;
  if (state !== 'waiting' || decision !== undefined || approval === undefined) return false;
  if (approvals.some(({ by }) => by === person.user)) return false;
  return mayDecide(policy, person, asked.requester, approval.need, waitedSeconds(record, now)).may;
}

/** `by two people`, or nothing where one is enough. */
export function howMany({ count }: Need): string {
  return count === 1 ? '' : ` by ${count} people`;
}

/** `<@U0BOB> at 12:30 and <@U0DAVE> at 12:31` */
export function peopleInWords(approvals: readonly Approval[]): string {
  return approvals.map(({ by, at }) => `<@${by}> at ${clock(at)}`).join(' and ');
}

function deciders(policy: Policy, need: Need, waited: number): string {
  return mentionsOf(policy, rolesNow(need, waited)) || 'nobody: the policy names no approvers';
}

function escalation(policy: Policy, { to, afterSeconds }: NonNullable<Need['escalate']>): string {
  const minutes = Math.ceil(afterSeconds / 60);
  return `If nobody has decided after ${minutes} min, ${mentionsOf(policy, to) || to.join(', ')} may as well.`;
}
