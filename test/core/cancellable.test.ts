/** Until when a plan can be cancelled: up to the first step that nothing takes back. */
import { expect, it } from 'vitest';
import { firstForGood, isCancellable, whySealed } from '../../src/core/cancellable.ts';
import { makeWorkPlan, type Plan, type Step } from '../../src/core/plan.ts';
import type { RequestRecord } from '../../src/core/record.ts';
import { planOf } from '../slack/slack-side.ts';
import { workPlan } from '../slack/work-plans.ts';

const place = { host: 'web1', instance: 'blog' };
const image = { fingerprint: 'a' } as const;
const from = { name: 'debian/12', image, request: 'req-abc' };
const make: Step = { do: 'put', thing: { kind: 'instance', ...place, from } };
const start: Step = { do: 'put', thing: { kind: 'power', ...place, wanted: 'running' } };
const stop: Step = { do: 'put', thing: { kind: 'power', ...place, wanted: 'stopped' } };
const drain: Step = { do: 'put', thing: { kind: 'drained', host: 'web1' } };
const remove: Step = { do: 'remove', thing: { kind: 'instance', ...place } };
const snapshot: Step = { do: 'put', thing: { kind: 'snapshot', ...place, snapshot: 'now' } };

const doing = (...steps: Step[]): Plan => {
  const { action, subject, summary, closes, approvals, why, warnings } = workPlan();
  return makeWorkPlan({ action, subject, summary, closes, approvals, why, warnings, steps });
};
const opening = planOf('req-abc');
const closing: Plan = {
  ...opening,
  action: 'close',
  steps: opening.steps.map(({ thing }) => ({ do: 'remove', thing })),
};

it.each<[string, Plan, number]>([
  ['an opening, always', opening, 1],
  ['a closing, never', closing, 0],
  ['a launch, whose instance goes as a whole', doing(make, start), 2],
  ['a snapshot', doing(snapshot), 1],
  ['a stop or a start, never', doing(stop, start), 0],
  ['a deletion, never', doing(remove), 0],
  ['a host that is deleted, until something is removed', doing(drain, remove), 1],
])('%s', (_, plan, first) => {
  expect(firstForGood(plan)).toBe(first);
  const record = { asked: {}, state: 'applying', plan } as RequestRecord;
  expect(isCancellable(record)).toBe(first > 0);
  expect(isCancellable({ ...record, sealed: 'x' })).toBe(false);
  expect(isCancellable({ ...record, cancelWish: { by: 'U0BOB', at: 1 } })).toBe(false);
  expect(isCancellable({ ...record, state: 'approved' })).toBe(true);
});

it('says which step it was that nothing takes back', () => {
  expect(whySealed(doing(drain, remove), 1)).toMatch(/cannot be taken back half-way \(delete.*blog/);
  expect(whySealed(closing, 0)).toContain('half closed');
  expect(whySealed(opening, 1)).toBe('all its steps are done');
});
