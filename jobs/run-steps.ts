/** Runs the steps of a plan in order, each told before and after, and takes them back when the plan fails. */
import { isDoorPlan, type Plan, type Step, undoOf } from '../src/core/plan.ts';
import { stepInWords } from '../src/core/step-words.ts';
import { messageOf } from '../src/errors.ts';
import { carryOut } from './carry-out.ts';
import { showRequest } from './end-request.ts';
import type { StepTools } from './things/thing-tools.ts';
import type { Tools } from './tools.ts';

/** Carries out every step; after a crash it begins at the first again, which changes nothing that stands. */
export async function runSteps(id: string, plan: Plan, signal: AbortSignal, tools: Tools): Promise<void> {
  const { requests, audit } = tools.records;
  for (const [index, step] of plan.steps.entries()) {
    signal.throwIfAborted();
    const what = stepInWords(step);
    await Promise.all([
      requests.setStep(id, index, 'running'),
      audit.add({ kind: 'step_begun', request: id, what }),
    ]);
    tools.log.info({ request: id, step: what }, 'step begins');
    try {
      await carryOut(step, stepTools(id, plan, signal, tools));
    } catch (error) {
      await requests.setStep(id, index, 'failed');
      await audit.add({ kind: 'step_failed', request: id, what: `${what}: ${messageOf(error)}` });
      throw error;
    }
    await Promise.all([
      requests.setStep(id, index, 'done'),
      audit.add({ kind: 'step_done', request: id, what }),
    ]);
    tools.log.info({ request: id, step: what }, 'step done');
    await showRequest(id, tools);
  }
}

function stepTools(id: string, plan: Plan, signal: AbortSignal, tools: Tools): StepTools {
  return {
    ...tools,
    request: id,
    signal,
    ...(isDoorPlan(plan) && { door: plan.door }),
    say: async (progress) => {
      if (await tools.records.requests.setProgress(id, progress)) await showRequest(id, tools);
    },
  };
}

/** How long taking back may last; it must not hang on the host that just failed. */
const UNWIND_MS = 120_000;

/**
 * Takes back what was put, outermost first. What a step did is not known after a crash or a lost answer, so all are taken
 * back; removing what was never put does nothing. What was removed stays removed: a closing is not undone.
 * @returns what could not be taken back or removed, in words
 */
export async function unwind(id: string, plan: Plan, tools: Tools): Promise<string[]> {
  const { requests, audit } = tools.records;
  const record = await requests.get(id);
  const left = plan.steps
    .filter((step, index) => step.do === 'remove' && record?.steps?.[index] !== 'done')
    .map(({ thing }) => stepInWords({ do: 'put', thing }));
  const signal = AbortSignal.timeout(UNWIND_MS);
  for (const [back, step] of undoOf(plan.steps).entries()) {
    const index = plan.steps.length - 1 - back;
    if (step.do !== 'remove' || !isUndone(step)) continue;
    const what = stepInWords(step);
    await audit.add({ kind: 'undo_begun', request: id, what });
    try {
      await carryOut(step, stepTools(id, plan, signal, tools));
      await requests.setStep(id, index, 'undone');
      await audit.add({ kind: 'step_undone', request: id, what });
    } catch (error) {
      await requests.setStep(id, index, 'left');
      await audit.add({ kind: 'step_left', request: id, what: `${what}: ${messageOf(error)}` });
      left.push(`${stepInWords({ do: 'put', thing: step.thing })} (${messageOf(error)})`);
    }
  }
  return left;
}

/** An instance that was started, stopped or restored stays so: it was asked for, and taking it back could only do harm. */
function isUndone({ thing }: Step): boolean {
  return thing.kind !== 'power' && thing.kind !== 'restored';
}
