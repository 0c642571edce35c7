/** Looks at what a plan about an instance needs, and has it planned. Changes nothing. */
import type { WorkPlan } from '../src/core/plan.ts';
import { type Refusal, refuse } from '../src/core/refusal.ts';
import type { InstanceCommand } from '../src/core/request.ts';
import type { PlanTools } from './make-plan.ts';

export async function makeInstancePlan(
  _requestId: string,
  command: InstanceCommand,
  _tools: PlanTools,
  _signal?: AbortSignal,
): Promise<WorkPlan | Refusal> {
  return refuse('not_found', `nothing plans ${command.action} yet`);
}
