/** A request from the fields of its hash. */
import type { Plan } from '../core/plan.ts';
import type { CancelWish, Outcome, RequestRecord, StepState } from '../core/record.ts';
import type { Asked, RequestState } from '../core/request.ts';

/** @param fields as Redis keeps them: JSON, but for the state, the steps and the progress */
export function requestFrom(fields: Record<string, string>): RequestRecord {
  const of = <T>(field: string): T | undefined =>
    fields[field] === undefined ? undefined : (JSON.parse(fields[field]) as T);
  const steps: StepState[] = [];
  for (let index = 0; fields[`step:${index}`] !== undefined; index += 1)
    steps.push(fields[`step:${index}`] as StepState);
  const optional = {
    plan: of<Plan>('plan'),
    approval: of<RequestRecord['approval']>('approval'),
    waitsUntil: of<number>('waitsUntil'),
    changed: of<string[]>('changed'),
    outcome: of<Outcome>('outcome'),
    endedAt: of<number>('endedAt'),
    steps: steps.length > 0 ? steps : undefined,
    progress: fields.progress,
    estimate: fields.estimate,
    cancelWish: of<CancelWish>('cancel'),
    sealed: fields.sealed,
  };
  const present = Object.fromEntries(Object.entries(optional).filter(([, value]) => value !== undefined));
  return {
    asked: JSON.parse(fields.asked ?? '{}') as Asked,
    state: (fields.state ?? 'planning') as RequestState,
    ...present,
  };
}
