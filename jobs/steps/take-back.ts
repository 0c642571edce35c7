/** Ends a request whose steps ran and that did not come to its end: it was cancelled, or it failed. */
import { TAKEN_BACK } from '../../src/core/cancellable.ts';
import type { Plan } from '../../src/core/plan.ts';
import type { CancelWish } from '../../src/core/record.ts';
import { messageOf } from '../../src/errors.ts';
import { endRequest, showRequest } from '../end-request.ts';
import type { Tools } from '../tools.ts';
import { AFTER_CANCEL_MS, AFTER_FAILURE_MS, notRemoved, unwind } from './unwind.ts';

/** Obeys the wish. Run again after a crash it takes back what is still there. */
export async function takeBackCancelled(
  id: string,
  plan: Plan,
  { by }: CancelWish,
  tools: Tools,
): Promise<void> {
  await showRequest(id, tools);
  const { undone, left } = await unwind(id, plan, tools, AFTER_CANCEL_MS);
  await endRequest(id, { kind: 'cancelled', by, undone, left }, ['applying'], tools);
}

/** A half-opened door is taken back; a half-closed one stays as closed as it is. Who wanted it cancelled gets that. */
export async function takeBackFailed(id: string, plan: Plan, error: unknown, tools: Tools): Promise<void> {
  const { requests } = tools.records;
  tools.log.error({ err: error, request: id }, 'applying a plan');
  if (!(await requests.seal(id, TAKEN_BACK))) {
    const wish = await requests.cancelWish(id);
    if (wish !== undefined) return takeBackCancelled(id, plan, wish, tools);
  }
  const steps = (await requests.get(id))?.steps ?? [];
  const { left } = await unwind(id, plan, tools, AFTER_FAILURE_MS);
  const outcome = {
    kind: 'failed' as const,
    message: messageOf(error),
    left: [...notRemoved(plan, steps), ...left],
  };
  await endRequest(id, outcome, ['waiting', 'approved', 'applying'], tools);
}
