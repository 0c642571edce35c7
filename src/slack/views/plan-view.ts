/** A plan in blocks: what it comes to, its steps, why, what it costs. The same in a request's message and in a dry run. Pure. */
import { harmless } from '../../core/commands/chat-text.ts';
import { doorEndInWords } from '../../core/door-end.ts';
import { isDoorPlan, type Plan, type Step } from '../../core/plan.ts';
import { endInWords } from '../../core/plans/with-guard.ts';
import type { RequestRecord, StepState } from '../../core/record.ts';
import { roadPicture } from '../../core/road-picture.ts';
import { sourcesInWords } from '../../core/sources.ts';
import { privateSideOf, publicSideOf, stepInWords } from '../../core/step-words.ts';
import type { Block } from '../bolt.ts';
import { context, lines, section } from './block-texts.ts';

/** Steps fill at most this many sections: the message has other things to say, too. */
const MOST_SECTIONS = 12;
/** From this many steps on, only so many of those that are done are named. */
const LONG_PLAN = 10;
const FIRST_DONE = 3;

/** `opens *198.51.100.11:80* → web1/blog:80 for anyone`, or what a plan about a host or an instance does. */
export function summaryOf(plan: Plan, conditional = false): string {
  if (!isDoorPlan(plan))
    return conditional ? `would do this: ${harmless(plan.summary, 600)}` : harmless(plan.summary, 600);
  const { action, door } = plan;
  const verbs = conditional
    ? { open: 'would open', close: 'would close' }
    : { open: 'opens', close: 'closes' };
  const closes = conditional ? 'close' : 'closes';
  const when = doorEndInWords(plan);
  const until = when === undefined ? '' : `, and ${closes} it ${when}`;
  return `${verbs[action]} *${publicSideOf(door)}* → ${privateSideOf(door)} for ${sourcesInWords(door.sources)}${until}`;
}

/** Of a plan that nobody carries out any more: what it would have done. */
export function sketchBlocks(plan: Plan): Block[] {
  return [section(capital(summaryOf(plan, true)))];
}

/** The summary and the steps, each with how far it is. */
export function planBlocks(
  { steps = [], changed = [], progress }: Pick<RequestRecord, 'steps' | 'changed' | 'progress'>,
  plan: Plan,
): Block[] {
  const list = folded(plan.steps, steps).flatMap((each) =>
    'step' in each ? stepLines(each.step, each.state, progress) : [`✓ _and ${each.more} more_`],
  );
  const what = [capital(summaryOf(plan)), ...doorsAgain(plan)];
  const blocks = [...lines([...what, ...list], MOST_SECTIONS), ...picture(plan)];
  blocks.push(...notes(plan));
  if (changed.length > 0) {
    const news = changed.map((line) => `• ${harmless(line, 300)}`).join('\n');
    blocks.push(section(`*The world changed since the approval, so it no longer holds:*\n${news}`));
  }
  return blocks;
}

/** The road of a door that opens, hop by hop. */
export function picture(plan: Plan): Block[] {
  if (!isDoorPlan(plan) || plan.action !== 'open') return [];
  return [
    section(
      roadPicture(plan)
        .map((line) => harmless(line))
        .join('\n'),
    ),
  ];
}

/** Which doors panic lets open again, and for whom, is what is decided on; the steps only say how. */
function doorsAgain(plan: Plan): string[] {
  return isReopening(plan) ? plan.why.map((line) => `• ${harmless(line, 300)}`) : [];
}

function isReopening(plan: Plan): boolean {
  return !isDoorPlan(plan) && (plan.reopens ?? []).length > 0;
}

type Line = { step: Step; state: StepState | undefined } | { more: number };

/** Of a long plan the steps that are done are counted after the first ones; whatever is still to be decided or to come stands there. */
function folded(steps: readonly Step[], states: readonly StepState[]): Line[] {
  const all = steps.map((step, index) => ({ step, state: states[index] }));
  const done = all.filter(({ state }) => state === 'done');
  if (all.length <= LONG_PLAN || done.length <= FIRST_DONE + 1) return all;
  const rest = all.filter(({ state }) => state !== 'done');
  return [...done.slice(0, FIRST_DONE), { more: done.length - FIRST_DONE }, ...rest];
}

function stepLines(step: Step, state: StepState | undefined, progress: string | undefined): string[] {
  const line = `${mark(state)} ${stepInWords(step)}`;
  return state === 'running' && progress !== undefined ? [line, `      ↳ _${harmless(progress)}_`] : [line];
}

/** Why, what it takes of a quota, and what to know before deciding. */
export function notes(plan: Plan): Block[] {
  const { why, cost = [], warnings } = plan;
  const blocks: Block[] = [];
  const isRoad = isDoorPlan(plan);
  if (why.length > 0 && !isReopening(plan) && (!isRoad || plan.action === 'open'))
    blocks.push(context(isRoad ? `Road — ${joined(why, '; ')}` : `Why — ${joined(why, '\n')}`));
  const end = endInWords(plan);
  if (end !== undefined) blocks.push(context(`End — ${end}`));
  if (cost.length > 0) blocks.push(context(`Quota — ${joined(cost, '; ')}`));
  if (warnings.length > 0)
    blocks.push(
      context(
        joined(
          warnings.map((line) => `:warning: ${line}`),
          '\n',
        ),
      ),
    );
  return blocks;
}

function capital(text: string): string {
  return `${text.slice(0, 1).toUpperCase()}${text.slice(1)}`;
}

function joined(all: readonly string[], between: string): string {
  return all.map((line) => harmless(line, 300)).join(between);
}

/** Shape and word together, so that nothing depends on colour or on the picture alone. */
function mark(state: StepState = 'waiting'): string {
  const marks: Record<StepState, string> = {
    waiting: '▫︎',
    running: '▸ _now:_',
    done: '✓',
    failed: '✗ _failed:_',
    undone: '↩︎ _taken back:_',
    left: '⚠︎ _still there:_',
  };
  return marks[state];
}
