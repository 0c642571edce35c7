/** Decides on a request, or says why not. What a person may do is read from the records, never from the message. */
import { outcomeInWords } from '../../core/outcome-words.ts';
import { mayDecide, mentionsOf, rolesNow } from '../../core/policy.ts';
import type { Decision, RequestRecord } from '../../core/record.ts';
import type { Need } from '../../core/rules/rule.ts';
import { needOf } from '../../core/rules/ruling.ts';
import { waitedSeconds } from '../../core/waited-seconds.ts';
import type { CommandTools } from '../command-tools.ts';
import { REDIS_AWAY, redisAwayOr } from '../redis-away.ts';

export interface Click {
  request: string;
  /** The fingerprint of the plan that the person saw. */
  shown: string | undefined;
  user: string;
  verdict: 'approved' | 'denied';
  /** What was said with a denial. */
  reason?: string;
}

/** Every click gets an answer, whatever happens. */
export async function decideOn(click: Click, tools: CommandTools): Promise<string> {
  try {
    if (!(await tools.records.answers())) return REDIS_AWAY;
    return await decide(click, tools);
  } catch (error) {
    tools.log.error({ err: error, request: click.request, user: click.user }, 'deciding');
    return redisAwayOr(error, 'Your click may not have counted; look at the message, or click again.');
  }
}

async function decide(click: Click, tools: CommandTools): Promise<string> {
  const record = await tools.records.requests.get(click.request);
  if (record === undefined)
    return counted('unknown', tools, 'I do not know this request any more. Ask for it again.');
  const { audit } = tools.records;
  const of = { request: click.request, user: click.user, ...(click.shown && { plan: click.shown }) };
  await audit.add({ kind: 'clicked', ...of, what: click.verdict === 'approved' ? 'Approve' : 'Deny' });
  const person = await tools.people.person(click.user);
  const need = record.approval?.need ?? needOf(tools.policy());
  const waited = waitedSeconds(record, Date.now());
  const verdict = mayDecide(tools.policy(), person, record.asked.requester, need, waited);
  if (!verdict.may) {
    await audit.add({ kind: 'refused', ...of, what: verdict.why });
    return counted(
      'not_permitted',
      tools,
      `:no_entry_sign: ${verdict.why}${whoElse(record, need, click, tools)}`,
    );
  }
  const late = lateAnswer(record, click);
  if (late !== undefined) {
    await audit.add({ kind: 'refused', ...of, what: late });
    await show(record, tools);
    return counted('late', tools, late);
  }
  return record.plan === undefined
    ? 'There is no plan to decide on yet.'
    : take(record, record.plan.fingerprint, { ...click, groups: [...person.groups] }, tools);
}

/** The next move of somebody who may not decide. */
function whoElse(record: RequestRecord, need: Need, { user }: Click, { policy }: CommandTools): string {
  const { state, decision, asked } = record;
  if (state !== 'waiting' || decision !== undefined) return '';
  const whom = mentionsOf(policy(), rolesNow(need, waitedSeconds(record, Date.now())), [user]);
  const cancel = user === asked.requester ? ' To take it back, press Cancel.' : '';
  return `${whom === '' ? '' : ` It waits for ${whom}.`}${cancel}`;
}

/** Why a click comes too late, or undefined when it does not. */
function lateAnswer(
  { state, decision, outcome, plan, asked, waitsUntil = 0 }: RequestRecord,
  { shown }: Click,
): string | undefined {
  if (outcome !== undefined) return `Too late: \`${asked.id}\` has ended (${outcomeInWords(outcome)}).`;
  if (decision !== undefined) return alreadyDecided(decision);
  if (state !== 'waiting') return `\`${asked.id}\` does not wait for a decision.`;
  if (Date.now() > waitsUntil) return `Too late: nobody decided on \`${asked.id}\` in time. Ask again.`;
  if (plan?.fingerprint !== shown)
    return 'The plan has changed since this was shown. Look at the message again, then decide.';
  return undefined;
}

interface Vote extends Click {
  groups: string[];
}

async function take(
  record: RequestRecord,
  fingerprint: string,
  vote: Vote,
  tools: CommandTools,
): Promise<string> {
  const { id } = record.asked;
  const { user, verdict } = vote;
  if (verdict === 'denied') {
    const { reason } = vote;
    const denial = { verdict, by: user, at: Date.now(), ...(reason !== undefined && { reason }) };
    const { won, holds } = await tools.records.decisions.decide(id, fingerprint, denial);
    if (!won) return tooLate(vote, alreadyDecided(holds), tools);
    await settle(record, fingerprint, vote, tools);
    return counted(verdict, tools, `You denied \`${id}\`. Nothing is changed.`);
  }
  const count = record.approval?.need.count ?? 1;
  const approval = { by: user, groups: vote.groups, at: Date.now() };
  const approved = await tools.records.decisions.approve(id, fingerprint, approval, count);
  if (approved.kind === 'decided') return tooLate(vote, alreadyDecided(approved.holds), tools);
  if (approved.kind === 'won') {
    await settle(record, fingerprint, vote, tools);
    return counted(verdict, tools, `You approved \`${id}\`. The message shows how it goes.`);
  }
  const missing = count - approved.approvals.length;
  const others = `${missing} more ${missing === 1 ? 'person has' : 'people have'} to approve`;
  if (approved.kind === 'repeated')
    return tooLate(vote, `You approved \`${id}\` already, and once is enough; ${others}.`, tools);
  const what = `approved, ${missing} missing`;
  await tools.records.audit.add({ kind: 'decided', request: id, user, plan: fingerprint, what });
  await show(record, tools);
  return counted('partial', tools, `You approved \`${id}\`; ${others}.`);
}

/** The answer to a click that came after the decision, or twice. */
async function tooLate({ request, user, shown }: Click, why: string, tools: CommandTools): Promise<string> {
  const of = { request, user, ...(shown && { plan: shown }) };
  await tools.records.audit.add({ kind: 'refused', ...of, what: why });
  return counted('late', tools, why);
}

/** Keeps what was decided, and has a worker take it up. */
async function settle(
  record: RequestRecord,
  fingerprint: string,
  { user, verdict, reason }: Vote,
  tools: CommandTools,
): Promise<void> {
  const { id } = record.asked;
  const what = reason === undefined ? verdict : `${verdict}: ${reason}`;
  await tools.records.audit.add({ kind: 'decided', request: id, user, plan: fingerprint, what });
  tools.log.info({ request: id, user, verdict }, 'decided');
  await tools.queues.release({ request: id, fingerprint });
  await show(record, tools);
}

function alreadyDecided({ verdict, by }: Decision): string {
  return by === undefined ? `Too late: it is ${verdict}.` : `Too late: <@${by}> ${verdict} it already.`;
}

async function show({ asked }: RequestRecord, { records }: CommandTools): Promise<void> {
  await records.outbox.add(asked.channel, { kind: 'request', request: asked.id });
}

function counted(result: string, { metrics }: CommandTools, text: string): string {
  metrics.decisions.inc({ result });
  return text;
}
