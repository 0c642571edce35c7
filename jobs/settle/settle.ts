/** After the steps: settles what was done, whatever kind of plan it was. */
import { isDoorPlan, type Plan } from '../../src/core/plan.ts';
import type { Outcome, RequestRecord } from '../../src/core/record.ts';
import type { Tools } from '../tools.ts';
import { settleDoor } from './settle-door.ts';
import { settleWork } from './settle-work.ts';

/** Proves, keeps the registers, tells the audit. @returns how the request ended */
export function settle(
  record: RequestRecord,
  plan: Plan,
  tools: Tools,
  signal: AbortSignal,
): Promise<Outcome> {
  return isDoorPlan(plan) ? settleDoor(record, plan, tools, signal) : settleWork(record, plan, tools, signal);
}
