/** A plan in blocks: what it comes to, its steps, why, what it costs. The same in a request's message and in a dry run. Pure. */
import { harmless } from '../core/chat-text.ts';
import { isDoorPlan, type Plan, type Step } from '../core/plan.ts';
import type { RequestRecord, StepState } from '../core/record.ts';
import { roadPicture } from '../core/road-picture.ts';
import { sourcesInWords } from '../core/sources.ts';
import { privateSideOf, publicSideOf, stepInWords } from '../core/step-words.ts';
import { context, lines, section } from './block-texts.ts';
import type { Block } from './bolt.ts';

/** Steps fill at most this many sections: the message has other things to say, too. */
const MOST_SECTIONS = 12;

/** `opens *198.51.100.11:80* → web1/blog:80 for anyone`, or what a plan about a host or an instance does. */
export function summaryOf(plan: Plan, conditional = false): string {
  if (!isDoorPlan(plan))
    return conditional ? `plans this: ${harmless(plan.summary, 600)}` : harmless(plan.summary, 600);
  const { action, door } = plan;
  const verbs = conditional
    ? { open: 'would open', close: 'would close' }
    : { open: 'opens', close: 'closes' };
  return `${verbs[action]} *${publicSideOf(door)}* → ${privateSideOf(door)} for ${sourcesInWords(door.sources)}`;
}

/** The summary and the steps, each with how far it is. */
export function planBlocks(
  { steps = [], changed = [], progress }: Pick<RequestRecord, 'steps' | 'changed' | 'progress'>,
  plan: Plan,
): Block[] {
  const list = plan.steps.flatMap((step, index) => stepLines(step, steps[index], progress));
  const blocks = [...lines([summaryOf(plan), ...list], MOST_SECTIONS), ...picture(plan)];
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

function stepLines(step: Step, state: StepState | undefined, progress: string | undefined): string[] {
  const line = `${mark(state)} ${stepInWords(step)}`;
  return state === 'running' && progress !== undefined ? [line, `      ↳ _${harmless(progress)}_`] : [line];
}

/** Why, what it takes of a quota, and what to know before deciding. */
export function notes(plan: Plan): Block[] {
  const { why, cost = [], warnings } = plan;
  const blocks: Block[] = [];
  const isRoad = isDoorPlan(plan);
  if (why.length > 0 && (!isRoad || plan.action === 'open'))
    blocks.push(context(`${isRoad ? 'Road' : 'Why'} — ${joined(why, '; ')}`));
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
