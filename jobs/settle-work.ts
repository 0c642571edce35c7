/** After the steps of a plan about a host or an instance: looks at what came of it. */
import type { WorkPlan } from '../src/core/plan.ts';
import type { Outcome, RequestRecord } from '../src/core/record.ts';
import { askForDoor } from './ask-for-door.ts';
import { proveInstance } from './prove-instance.ts';
import type { Tools } from './tools.ts';

/** How it ended, after the doors that were closed on the way left the register and the audit was told. */
export async function settleWork(
  record: RequestRecord,
  plan: WorkPlan,
  tools: Tools,
  signal: AbortSignal,
): Promise<Outcome> {
  const { records } = tools;
  for (const { id } of plan.closes) await records.doors.remove(id);
  const proof = (await proveInstance(plan, tools, signal)) ?? { state: 'proven', seen: plan.summary };
  await records.audit.add({ kind: 'proof', request: record.asked.id, what: `${proof.state}: ${proof.seen}` });
  if (proof.state === 'broken') return { kind: 'unproven', proof };
  await askForDoor(record, plan, tools);
  return { kind: 'done', proof };
}
