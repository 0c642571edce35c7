/** Takes back what the steps of a plan put, when it failed or was cancelled. */
import { type Plan, type Step, undoOf } from '../../src/core/plan.ts';
import { stepInWords } from '../../src/core/step-words.ts';
import { messageOf } from '../../src/errors.ts';
import { showRequest } from '../end-request.ts';
import type { Tools } from '../tools.ts';
import { carryOut } from './carry-out.ts';
import { stepTools } from './step-tools.ts';

/** How long taking back may last after a failure, in milliseconds; it must not hang on the host that just failed. */
export const AFTER_FAILURE_MS = 120_000;
/** … and after a cancellation, where everything answers: a server is deleted, an image may have to be unpacked to its end first. */
export const AFTER_CANCEL_MS = 11 * 60_000;

/** In words. */
export interface Unwound {
  /** What had been done, and was taken back. */
  undone: string[];
  /** What could not be taken back. */
  left: string[];
}

/**
 * Takes back what was put, outermost first. What a step did is not known after a crash or a lost answer, so all are taken
 * back; removing what was never put does nothing. What was removed stays removed: a closing is not undone.
 * @param only numbers of the steps, where it is not all of them
 */
export async function unwind(
  id: string,
  plan: Plan,
  tools: Tools,
  patienceMs: number,
  only: readonly number[] = [...plan.steps.keys()],
): Promise<Unwound> {
  const { requests, audit } = tools.records;
  const before = (await requests.get(id))?.steps ?? [];
  const signal = AbortSignal.timeout(patienceMs);
  const unwound: Unwound = { undone: [], left: [] };
  for (const [back, step] of undoOf(plan.steps).entries()) {
    const index = plan.steps.length - 1 - back;
    if (!only.includes(index) || step.do !== 'remove' || !isUndone(step)) continue;
    const what = stepInWords(step);
    const did = stepInWords({ do: 'put', thing: step.thing });
    await audit.add({ kind: 'undo_begun', request: id, what });
    try {
      await carryOut(step, stepTools(id, plan, signal, tools));
      if (before[index] !== 'waiting') {
        await requests.setStep(id, index, 'undone');
        unwound.undone.push(did);
      }
      await audit.add({ kind: 'step_undone', request: id, what });
    } catch (error) {
      await requests.setStep(id, index, 'left');
      await audit.add({ kind: 'step_left', request: id, what: `${what}: ${messageOf(error)}` });
      unwound.left.push(`${did} (${messageOf(error)})`);
    }
    await showRequest(id, tools);
  }
  return unwound;
}

/** What was to be removed and was not, in words. */
export function notRemoved(plan: Plan, steps: readonly string[]): string[] {
  return plan.steps
    .filter((step, index) => step.do === 'remove' && steps[index] !== 'done')
    .map(({ thing }) => stepInWords({ do: 'put', thing }));
}

/**
 * An instance that was started, stopped or restored stays so: it was asked for, and taking it back could only do harm. Panic is only ever
 * called off by approval.
 */
function isUndone({ thing }: Step): boolean {
  return (
    thing.kind !== 'power' && thing.kind !== 'restored' && thing.kind !== 'panic' && thing.kind !== 'entry'
  );
}
