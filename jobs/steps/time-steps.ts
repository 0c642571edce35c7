/** Says how long a request may still take, and remembers how long its steps took. */
import { estimateInWords, stepKind } from '../../src/core/estimate.ts';
import type { Plan } from '../../src/core/plan.ts';
import { messageOf } from '../../src/errors.ts';
import { showRequest } from '../end-request.ts';
import type { Tools } from '../tools.ts';

export interface StepTimer {
  /** Shows the people what is new to say of the step that has run so long. */
  tell(index: number, ranMs: number): Promise<void>;
  /** The step is done. One that an earlier worker had begun says nothing about how long it takes. */
  note(index: number, ranMs: number): Promise<void>;
}

/** Reads what is known of the steps of a plan. */
export async function timeSteps(id: string, plan: Plan, tools: Tools): Promise<StepTimer> {
  const { requests, durations } = tools.records;
  const kinds = plan.steps.map((step) => stepKind(plan, step));
  const [usual, record] = await Promise.all([durations.usual(kinds), requests.get(id)]);
  const states = record?.steps ?? [];
  let said: { index: number; words: string | undefined } | undefined;
  return {
    async tell(index, ranMs) {
      const words = estimateInWords({ usual, running: index, ranMs });
      // What was said of a step before went with it.
      const before = said?.index === index ? said.words : undefined;
      if (words === before) return;
      await requests.setEstimate(id, words);
      said = { index, words };
      await showRequest(id, tools);
    },
    async note(index, ranMs) {
      const kind = kinds[index];
      if (kind === undefined || states[index] !== 'waiting') return;
      await durations
        .note(kind, ranMs)
        .catch((error) => tools.log.debug({ err: messageOf(error), request: id }, 'noting how long it took'));
    },
  };
}
