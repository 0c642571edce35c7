/** Plans about hosts and instances for the views to show. */
import { makeWorkPlan, type Step, type WorkPlan } from '../../src/core/plan.ts';

export const DRAIN: Step = { do: 'put', thing: { kind: 'drained', host: 'web9' } };

/** The deletion of web9, at the first of its two approvals. */
export function workPlan(changes: Partial<WorkPlan> = {}): WorkPlan {
  return makeWorkPlan({
    action: 'host delete',
    subject: 'host web9',
    summary: 'closes 0 doors of web9 and forgets the host',
    risk: 'Drawbridge no longer acts on the host',
    steps: [DRAIN],
    closes: [],
    approvals: 2,
    why: [],
    warnings: [],
    ...changes,
  });
}
