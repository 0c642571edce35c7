/** Job of the queue `apply`: obeys the decision, looks at the world again, carries out the steps, proves the door. */

import { setMaxListeners } from 'node:events';
import { subjectOfPlan } from '../src/core/audit/audit-subject.ts';
import { doorOf, isDoorPlan, type Plan } from '../src/core/plan.ts';
import type { Decision, RequestRecord } from '../src/core/record.ts';
import { isRefusal, type Refusal, refuse } from '../src/core/refusal.ts';
import { refusedBy } from '../src/core/rules/ruling.ts';
import { differenceOf } from '../src/core/step-words.ts';
import { Fault } from '../src/errors.ts';
import type { Attempt, Payloads } from '../src/queues.ts';
import { endRequest, showRequest } from './end-request.ts';
import { isFinal, MOST_RUNS, takePlan } from './plan-request.ts';
import { makePlanFor } from './plans/make-plan.ts';
import { approvalsHold, mayAsk, ruleOn } from './rule-on.ts';
import { settle } from './settle/settle.ts';
import { runSideBySide } from './steps/run-side-by-side.ts';
import { runSteps } from './steps/run-steps.ts';
import { takeBackCancelled, takeBackFailed } from './steps/take-back.ts';
import type { Tools } from './tools.ts';

/** Applies one plan of one request. A plan that another one has replaced is left alone. */
export async function applyPlan(
  payload: Payloads['apply'],
  attempt: Attempt,
  signal: AbortSignal,
  tools: Tools,
): Promise<void> {
  const { request: id, fingerprint } = payload;
  await tools.records.locks.hold(`request:${id}`, async (held) => {
    const record = await tools.records.requests.get(id);
    const plan = record?.plan;
    if (record === undefined || plan?.fingerprint !== fingerprint || record.state === 'ended') return;
    const both = AbortSignal.any([signal, held]);
    // Calls that run side by side all listen to it.
    setMaxListeners(0, both);
    try {
      if (record.state === 'waiting' && !(await isReleased(record, tools))) return;
      await tools.records.locks.hold(lockOf(plan), () => checkAndApply(record, plan, both, tools));
    } catch (error) {
      // A worker that is told to stop hands the request back as it is; the steps that stand are found standing.
      if (signal.aborted) throw error;
      const cancelled = (await tools.records.requests.cancelWish(id)) !== undefined;
      if (!cancelled && !attempt.last && !isFinal(error)) throw error;
      await takeBackFailed(id, plan, error, tools);
    }
  });
}

/** Two requests for one public port must not both find it free: LXD itself accepts clashing proxies (measured on 5.0.2). */
function lockOf(plan: Plan): string {
  const door = doorOf(plan);
  if (door === undefined) return `work:${subjectOfPlan(plan)}`;
  const { host, publicAddress, publicPort, protocol } = door;
  return `public:${host}/${publicAddress ?? 'new'}:${publicPort}/${protocol}`;
}

async function checkAndApply(
  record: RequestRecord,
  plan: Plan,
  signal: AbortSignal,
  tools: Tools,
): Promise<void> {
  if (record.state !== 'applying' && !(await isStillRight(record, plan, signal, tools))) return;
  await carryOutPlan(record, plan, signal, tools);
}

/** Whether the decision lets the plan go. No decision in time is one: expired. */
async function isReleased(record: RequestRecord, tools: Tools): Promise<boolean> {
  const { asked, plan, waitsUntil = 0 } = record;
  if (plan === undefined) return false;
  const id = asked.id;
  let decision = record.decision;
  if (decision === undefined) {
    // Let go without a decision: nothing happens. The sweep holds it again for the time that is left.
    if (waitsUntil > Date.now()) return false;
    decision = await expire(id, plan.fingerprint, tools);
  }
  if (decision.verdict === 'approved') return true;
  const by = decision.by ?? asked.requester;
  const outcome =
    decision.verdict === 'expired' ? ({ kind: 'expired' } as const) : { kind: decision.verdict, by };
  await endRequest(id, outcome, ['waiting'], tools);
  return false;
}

/** Decides that nobody decided, unless somebody just did. */
async function expire(id: string, fingerprint: string, { records }: Tools): Promise<Decision> {
  const at = Date.now();
  const { won, holds } = await records.decisions.decide(id, fingerprint, { verdict: 'expired', at });
  if (won) await records.audit.add({ kind: 'decided', request: id, plan: fingerprint, what: 'expired' });
  return holds;
}

/** Looks again. The same plan may go; another one is asked about anew, a refusal ends the request. */
async function isStillRight(
  record: RequestRecord,
  plan: Plan,
  signal: AbortSignal,
  tools: Tools,
): Promise<boolean> {
  const { asked, state } = record;
  const seen = await makePlanFor(asked.id, asked.command, tools, signal, plan);
  if (isRefusal(seen)) {
    await endRequest(asked.id, seen, [state], tools);
    return false;
  }
  if (seen.fingerprint !== plan.fingerprint) {
    await takePlan(record, seen, tools, differenceOf(plan, seen));
    return false;
  }
  const against = await stillAgainst(record, plan, signal, tools);
  if (against !== undefined) {
    await endRequest(asked.id, against, [state], tools);
    return false;
  }
  return tools.records.requests.move(asked.id, [state], 'applying');
}

/** What the policy has against it now: it may have changed since somebody decided, and nobody gets around it by way of a queue. */
async function stillAgainst(
  record: RequestRecord,
  plan: Plan,
  signal: AbortSignal,
  tools: Tools,
): Promise<Refusal | undefined> {
  const forbidden = await mayAsk(record.asked, tools, signal);
  if (forbidden !== undefined) return forbidden;
  const ruling = await ruleOn(record.asked, plan, tools);
  if (ruling.end === 'refuse') return refusedBy(ruling);
  if (ruling.end === 'allow' || approvalsHold(record, ruling.need, tools)) return undefined;
  const message = 'The policy has changed since, and by what it says now the approvals are not enough.';
  return refuse('not_permitted', message, 'Ask again; the new request shows who has to approve.');
}

async function isClosed(plan: Plan, { records }: Tools): Promise<boolean> {
  const door = doorOf(plan);
  return door !== undefined && (await records.doors.get(door.id)) === undefined;
}

async function carryOutPlan(
  record: RequestRecord,
  plan: Plan,
  signal: AbortSignal,
  tools: Tools,
): Promise<void> {
  const { id } = record.asked;
  if ((await tools.records.requests.countRun(id)) > MOST_RUNS)
    throw new Error('every worker that took it up died');
  // A repair that a worker died over must not open what was closed meanwhile.
  if (record.asked.command.action === 'repair' && (await isClosed(plan, tools)))
    throw new Fault('door_gone', 'the door was closed meanwhile');
  await showRequest(id, tools);
  const isPanic = !isDoorPlan(plan) && plan.action === 'panic';
  const end = isPanic
    ? await runSideBySide(id, plan, signal, tools)
    : await runSteps(id, plan, signal, tools);
  if (end === 'cancelled') {
    const wish = await tools.records.requests.cancelWish(id);
    if (wish !== undefined) await takeBackCancelled(id, plan, wish, tools);
    return;
  }
  const outcome = await settle(record, plan, tools, signal);
  await endRequest(id, outcome, ['applying'], tools);
  await lookAgain(plan, tools);
}

/** Whatever was told of the door is brought up to date: not every mending is a change that LXD tells of. */
async function lookAgain(plan: Plan, { records, queues }: Tools): Promise<void> {
  const door = doorOf(plan);
  if (door === undefined) return;
  const noted = (await records.differences.list()).filter((each) => each.door.id === door.id);
  // Where it was found: of a door that moved that is the host that it left.
  for (const place of new Set(noted.map((each) => each.place))) await queues.reconcile({ host: place });
}
