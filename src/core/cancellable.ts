/** Until when a request can be cancelled, and why not any more. Pure. */
import { isDoorPlan, type Plan, type Step } from './plan.ts';
import type { RequestRecord } from './record.ts';
import { stepInWords } from './step-words.ts';

/** Why nobody can cancel it any more once its steps are done. */
export const ALL_DONE = 'all its steps are done';
/** … and once it failed. */
export const TAKEN_BACK = 'it has failed, and is being taken back as it is';

/**
 * The first step that nothing takes back: from its beginning the plan goes on to its end. What was removed stays removed; an instance that is
 * being stopped, started or put back would be left half-way. Where the plan makes the instance itself, it goes as a whole.
 * @returns an index; the number of steps where every one can be taken back
 */
export function firstForGood(plan: Plan): number {
  const makes = plan.steps.some(({ do: does, thing }) => does === 'put' && thing.kind === 'instance');
  const index = plan.steps.findIndex((step) => isForGood(step, makes));
  return index === -1 ? plan.steps.length : index;
}

function isForGood({ do: does, thing }: Step, makesInstance: boolean): boolean {
  return does === 'remove' || thing.kind === 'restored' || (thing.kind === 'power' && !makesInstance);
}

/** Why it cannot be cancelled once the step of that index begins. */
export function whySealed(plan: Plan, index: number): string {
  const step = plan.steps[index];
  if (step === undefined) return ALL_DONE;
  if (isDoorPlan(plan))
    return 'it closes a door, and goes on to its end: a door that is half closed may still let somebody in';
  return `it has begun with what cannot be taken back half-way (${stepInWords(step)})`;
}

/** Whether a button that cancels still makes sense. Whoever is late is told so all the same. */
export function isCancellable({ state, decision, cancelWish, sealed, plan }: RequestRecord): boolean {
  if (state === 'ended' || cancelWish !== undefined || sealed !== undefined) return false;
  if (state === 'applying') return plan !== undefined && firstForGood(plan) > 0;
  return decision === undefined || decision.verdict === 'approved';
}
