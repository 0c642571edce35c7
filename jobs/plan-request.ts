/** Job of the queue `plan`: looks at the world, plans, and either asks for a decision or lets the plan go. */
import { subjectOfPlan } from '../src/core/audit/audit-subject.ts';
import type { Plan } from '../src/core/plan.ts';
import type { RequestRecord } from '../src/core/record.ts';
import { isRefusal } from '../src/core/refusal.ts';
import { refusedBy } from '../src/core/rules/ruling.ts';
import { stepInWords } from '../src/core/step-words.ts';
import { Fault, isFault, messageOf } from '../src/errors.ts';
import type { Attempt, Payloads } from '../src/queues.ts';
import { endRequest, showRequest } from './end-request.ts';
import { makePlanFor } from './plans/make-plan.ts';
import { mayAsk, ruleOn } from './rule-on.ts';
import type { Tools } from './tools.ts';

/** More runs than this mean that the request itself kills its workers. */
export const MOST_RUNS = 30;

/** Plans one request. Run again it does nothing, or the same. */
export async function planRequest(
  { request }: Payloads['plan'],
  attempt: Attempt,
  signal: AbortSignal,
  tools: Tools,
): Promise<void> {
  const record = await tools.records.requests.get(request);
  if (record === undefined || record.state !== 'planning') return;
  if ((await tools.records.requests.countRun(request)) > MOST_RUNS) {
    const message = 'every worker that took it up died; the log says more';
    await endRequest(request, { kind: 'failed', message, left: [] }, ['planning'], tools);
    return;
  }
  const forbidden = await mayAsk(record.asked, tools, signal);
  if (forbidden !== undefined) {
    await endRequest(request, forbidden, ['planning'], tools);
    return;
  }
  try {
    const plan = await makePlanFor(request, record.asked.command, tools, signal);
    if (isRefusal(plan) && plan.reason === 'host_silent' && !attempt.last) {
      throw new Fault('lxd_unreachable', plan.message, { retryable: true });
    }
    if (isRefusal(plan)) await endRequest(request, plan, ['planning'], tools);
    else await takePlan(record, plan, tools);
  } catch (error) {
    // A worker that is told to stop hands the request back as it is; the sweep gives it to another.
    if (signal.aborted || (!attempt.last && !isFinal(error))) throw error;
    await endRequest(request, { kind: 'failed', message: messageOf(error), left: [] }, ['planning'], tools);
  }
}

/**
 * Keeps a plan. One that needs approval is held, with its job, until somebody decides or the time is over.
 * @param changed what differs from the plan that was approved before, when there was one
 */
export async function takePlan(
  record: RequestRecord,
  plan: Plan,
  tools: Tools,
  changed?: string[],
): Promise<void> {
  const { records, queues } = tools;
  const id = record.asked.id;
  const ruling = await ruleOn(record.asked, plan, tools);
  if (ruling.end === 'refuse') {
    await endRequest(id, refusedBy(ruling), [record.state], tools);
    return;
  }
  const approval = ruling.end === 'approve' ? ruling : undefined;
  const waitMs = approval === undefined ? 0 : approval.need.waitSeconds * 1_000;
  const fields = {
    plan,
    approval: approval ?? null,
    waitsUntil: approval === undefined ? null : Date.now() + waitMs,
    changed: changed ?? null,
  };
  await records.requests.resetSteps(id, plan.steps.length);
  const to = approval === undefined ? 'approved' : 'waiting';
  if (!(await records.requests.move(id, [record.state], to, fields))) return;
  const what = `${plan.steps.map(stepInWords).join('; ')}${approval === undefined ? '' : `; needs approval: ${approval.why}`}`;
  const about = subjectOfPlan(plan);
  await records.audit.add({ kind: 'planned', request: id, about, plan: plan.fingerprint, what });
  await queues.apply({ request: id, fingerprint: plan.fingerprint }, waitMs);
  await showRequest(id, tools);
}

/** Faults that no retry mends. Anything that is not a fault is a mistake of ours, and retrying does not mend those either. */
export function isFinal(error: unknown): boolean {
  return isFault(error) ? !error.retryable : true;
}
