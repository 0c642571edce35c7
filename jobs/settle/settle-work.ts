/** After the steps of a plan about a host or an instance: looks at what came of it. */
import type { WorkPlan } from '../../src/core/plan.ts';
import type { Proof } from '../../src/core/proof.ts';
import type { Outcome, RequestRecord } from '../../src/core/record.ts';
import { askForDoor } from '../ask-for-door.ts';
import type { Tools } from '../tools.ts';
import { proveInstance } from './prove-instance.ts';
import { settlePanic } from './settle-panic.ts';

/** How it ended, after the doors that were closed on the way left the register and the audit was told. */
export async function settleWork(
  record: RequestRecord,
  plan: WorkPlan,
  tools: Tools,
  signal: AbortSignal,
): Promise<Outcome> {
  const { records } = tools;
  const proof = await prove(record, plan, tools, signal);
  await records.audit.add({ kind: 'proof', request: record.asked.id, what: `${proof.state}: ${proof.seen}` });
  if (proof.state === 'broken') return { kind: 'unproven', proof };
  await askForDoor(record, plan, tools);
  return { kind: 'done', proof };
}

async function prove(
  record: RequestRecord,
  plan: WorkPlan,
  tools: Tools,
  signal: AbortSignal,
): Promise<Proof> {
  const { command } = record.asked;
  if (command.action === 'panic') return settlePanic(record, command, plan, tools, signal);
  for (const { id } of plan.closes) await tools.records.doors.remove(id);
  return (await proveInstance(plan, tools, signal)) ?? { state: 'proven', seen: plan.summary };
}
