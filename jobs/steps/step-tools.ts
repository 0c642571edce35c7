/** What one step of one request is given to work with. */
import { isDoorPlan, type Plan } from '../../src/core/plan.ts';
import { showRequest } from '../end-request.ts';
import type { StepTools } from '../thing-tools.ts';
import type { Tools } from '../tools.ts';

/** @param heard told each time that the step says how far it is */
export function stepTools(
  id: string,
  plan: Plan,
  signal: AbortSignal,
  tools: Tools,
  heard: () => void = () => {},
): StepTools {
  const mention = async (progress: string): Promise<void> => {
    if (await tools.records.requests.setProgress(id, progress)) await showRequest(id, tools);
  };
  return {
    ...tools,
    request: id,
    signal,
    ...(isDoorPlan(plan) && { door: plan.door }),
    mention,
    say: (progress) => {
      heard();
      return mention(progress);
    },
  };
}
