/** Who may decide, how many have and how many are missing. Pure. */
import { harmless } from '../../core/commands/chat-text.ts';
import {
  approversInAll,
  has,
  mayDecide,
  mentionsOf,
  type Person,
  type Policy,
  rolesNow,
} from '../../core/policy.ts';
import type { Approval, RequestRecord } from '../../core/record.ts';
import type { Need } from '../../core/rules/rule.ts';
import { waitedSeconds } from '../../core/waited-seconds.ts';
import { clock } from './block-texts.ts';

/** What a request waits for. @param now milliseconds since 1970, for an escalation */
export function waitingLines(record: RequestRecord, policy: Policy, now: number): string {
  const { approval, approvals = [], waitsUntil, asked } = record;
  if (approval === undefined) return ':bell: *Needs approval*.';
  const { need, why, rule } = approval;
  const by = rule === undefined ? '' : ` (rule “${harmless(rule, 80)}”)`;
  const until = waitsUntil === undefined ? '' : ` It expires at ${clock(waitsUntil)}.`;
  const roles = rolesNow(need, waitedSeconds(record, now));
  return [
    `:bell: *Needs approval*${howMany(need)}: ${harmless(why, 500)}${by}.`,
    ...(approvals.length === 0
      ? []
      : [`Approved by ${peopleInWords(approvals)}; ${need.count - approvals.length} more to go.`]),
    `${deciders(policy, roles, record)}${until}`,
    ...tooFew(policy, asked.requester, need),
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

/** Who still may, without those who have; the requester is named where people would expect them among the others. */
function deciders(
  policy: Policy,
  roles: readonly string[],
  { asked, approvals = [], approval }: RequestRecord,
): string {
  const { requester, groups = [] } = asked;
  const barred = approval?.need.own === true ? [] : [requester];
  const whom = mentionsOf(policy, roles, [...barred, ...approvals.map(({ by }) => by)]);
  const isAmong = barred.length > 0 && has(policy, { user: requester, groups }, roles);
  const title = approvals.length === 0 ? 'May decide' : 'May still decide';
  return `${title}: ${whom || 'nobody'}${isAmong ? `, but not <@${requester}>` : ''}.`;
}

/** What can never be approved is said at once, not when the wait is over. */
function tooFew(policy: Policy, requester: string, need: Need): string[] {
  const most = approversInAll(policy, requester, need);
  if (most === undefined || most >= need.count) return [];
  return [
    `:warning: It needs ${need.count}, and the policy names ${most === 0 ? 'nobody' : `only ${most}`} who may approve it: change the policy, or cancel this.`,
  ];
}

function escalation(policy: Policy, { to, afterSeconds }: NonNullable<Need['escalate']>): string {
  const minutes = Math.ceil(afterSeconds / 60);
  return `If nobody has decided after ${minutes} min, ${mentionsOf(policy, to) || to.join(', ')} may as well.`;
}
