/** Runs the steps of a plan in order, each told before and after, until they are done, fail or are cancelled. */
import { ALL_DONE, firstForGood, whySealed } from '../../src/core/cancellable.ts';
import { panicLine } from '../../src/core/panic.ts';
import { isDoorPlan, type Plan } from '../../src/core/plan.ts';
import { stepInWords } from '../../src/core/step-words.ts';
import { Fault, messageOf } from '../../src/errors.ts';
import { showRequest } from '../end-request.ts';
import type { Tools } from '../tools.ts';
import { carryOut } from './carry-out.ts';
import { stepTools } from './step-tools.ts';
import { timeSteps } from './time-steps.ts';
import { type StepWatch, watchStep } from './watch-step.ts';

/** cancelled: somebody wants it so, and what was put is to be taken back. */
export type RunEnd = 'done' | 'cancelled';

/** Carries out every step; after a crash it begins at the first again, which changes nothing that stands. */
export async function runSteps(id: string, plan: Plan, signal: AbortSignal, tools: Tools): Promise<RunEnd> {
  const { requests } = tools.records;
  const times = await timeSteps(id, plan, tools);
  for (const index of plan.steps.keys()) {
    signal.throwIfAborted();
    await expectNoPanic(plan, tools);
    if (!(await mayBegin(id, plan, index, tools))) return 'cancelled';
    const watch = watchStep({
      signal,
      isCancelled: async () => (await requests.cancelWish(id)) !== undefined,
      tell: (ranMs) => times.tell(index, ranMs),
    });
    try {
      const ranMs = await runStep(id, plan, index, watch, tools);
      await times.note(index, ranMs);
    } catch (error) {
      if (watch.wasCut()) return 'cancelled';
      throw error;
    } finally {
      await watch.stop();
    }
    await showRequest(id, tools);
  }
  await expectNoPanic(plan, tools);
  return (await requests.seal(id, ALL_DONE)) ? 'done' : 'cancelled';
}

/** Before what nothing takes back, the wish to cancel and the step compete; before the rest it is enough to look. */
async function mayBegin(
  id: string,
  plan: Plan,
  index: number,
  { records }: Pick<Tools, 'records'>,
): Promise<boolean> {
  if (index >= firstForGood(plan)) return records.requests.seal(id, whySealed(plan, index));
  return (await records.requests.cancelWish(id)) === undefined;
}

/**
 * Panic that is called while a door is being opened has it taken back. It is looked for after the last step, too: whoever calls
 * panic later finds the door standing.
 */
async function expectNoPanic(plan: Plan, { records }: Tools): Promise<void> {
  if (!isDoorPlan(plan) || plan.action !== 'open') return;
  const alarm = await records.panic.on(plan.door.host);
  if (alarm !== undefined) throw new Fault('panic', panicLine(alarm));
}

/** Carries out one step, told before and after. @returns how long it took, in milliseconds */
export async function runStep(
  id: string,
  plan: Plan,
  index: number,
  watch: StepWatch,
  tools: Tools,
): Promise<number> {
  const { requests, audit } = tools.records;
  const step = plan.steps[index];
  if (step === undefined) return 0;
  const what = stepInWords(step);
  const begun = performance.now();
  await Promise.all([
    requests.setStep(id, index, 'running'),
    audit.add({ kind: 'step_begun', request: id, what }),
  ]);
  tools.log.info({ request: id, step: what }, 'step begins');
  try {
    await carryOut(step, stepTools(id, plan, watch.signal, tools, watch.waits));
  } catch (error) {
    const cut = watch.wasCut();
    const why = cut ? 'cut short, for the request is cancelled' : messageOf(error);
    if (!cut) await requests.setStep(id, index, 'failed');
    await audit.add({ kind: 'step_failed', request: id, what: `${what}: ${why}` });
    throw error;
  }
  await Promise.all([
    requests.setStep(id, index, 'done'),
    audit.add({ kind: 'step_done', request: id, what }),
  ]);
  tools.log.info({ request: id, step: what }, 'step done');
  return performance.now() - begun;
}
