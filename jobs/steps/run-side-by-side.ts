/** Runs the steps of a panic: hosts and doors side by side, so that one that fails or hangs holds up no other. */
import { setTimeout as sleep } from 'node:timers/promises';
import type { Step, WorkPlan } from '../../src/core/plan.ts';
import { isFault, messageOf } from '../../src/errors.ts';
import { showRequest } from '../end-request.ts';
import type { Tools } from '../tools.ts';
import { type RunEnd, runStep } from './run-steps.ts';
import { AFTER_FAILURE_MS, unwind } from './unwind.ts';
import { unwatched } from './watch-step.ts';

/** How many doors of one host are worked on at once. LXD itself does much of it one after the other. */
const DOORS_AT_ONCE = 8;
/** Pauses before a door is tried again, in milliseconds. */
const PAUSES = [300, 1_000, 3_000];
/** Why nobody can cancel it once it has begun. */
const SEALED = 'panic is not stopped half-way, and neither is what takes it back';

interface Lane {
  host: string;
  /** One call for many doors, before the doors one by one. */
  shared: boolean;
  /** Numbers of steps, to be run in this order. */
  steps: number[];
}

/**
 * What concerns no door comes first where doors are closed and last where they are opened. On each host the calls for many doors go
 * before the doors one by one: what filters them is taken away only when nothing leads in any more. A door that fails throws nothing:
 * where doors are opened it is taken back, and settling finds what stands.
 * @throws what `signal` aborts with, and faults of Redis
 */
export async function runSideBySide(
  id: string,
  plan: WorkPlan,
  signal: AbortSignal,
  tools: Tools,
): Promise<RunEnd> {
  if (!(await tools.records.requests.seal(id, SEALED))) return 'cancelled';
  const watch = unwatched(signal);
  const opens = plan.reopens !== undefined;
  const own = [...plan.steps.keys()].filter((index) => isOwn(plan.steps[index]));
  const runOwn = async (): Promise<void> => {
    for (const index of own) await runStep(id, plan, index, watch, tools);
    await showRequest(id, tools);
  };
  const runLane = async ({ steps }: Lane): Promise<boolean> => {
    try {
      await patiently(async () => {
        for (const index of steps) await runStep(id, plan, index, watch, tools);
      }, signal);
      return true;
    } catch (error) {
      signal.throwIfAborted();
      tools.log.warn({ request: id, err: messageOf(error) }, 'a door does not do as panic wants');
      if (opens) await unwind(id, plan, tools, AFTER_FAILURE_MS, steps);
      return false;
    }
  };
  const runHost = async (lanes: readonly Lane[]): Promise<void> => {
    const shared = await Promise.all(lanes.filter((lane) => lane.shared).map(runLane));
    if (shared.includes(false)) return;
    const doors = lanes.filter((lane) => !lane.shared);
    await Promise.all(
      Array.from({ length: DOORS_AT_ONCE }, async () => {
        for (let lane = doors.shift(); lane !== undefined; lane = doors.shift()) await runLane(lane);
      }),
    );
    await showRequest(id, tools);
  };
  if (!opens) await runOwn();
  await Promise.all(byHost(lanesOf(plan)).map(runHost));
  if (opens) await runOwn();
  return 'done';
}

/** What may pass is tried again. */
async function patiently(work: () => Promise<void>, signal: AbortSignal): Promise<void> {
  for (const pause of PAUSES) {
    try {
      return await work();
    } catch (error) {
      if (signal.aborted || !isFault(error) || !error.retryable) throw error;
      await sleep(pause, undefined, { signal });
    }
  }
  await work();
}

function isOwn(step: Step | undefined): boolean {
  return step?.thing.kind === 'panic';
}

function lanesOf({ steps }: WorkPlan): Lane[] {
  const lanes = new Map<string, Lane>();
  for (const [index, step] of steps.entries()) {
    if (isOwn(step)) continue;
    const { thing, door } = step;
    const host = door?.host ?? ('host' in thing ? (thing.host ?? '') : '');
    const name = door?.id ?? String(index);
    const lane = lanes.get(name) ?? { host, shared: door === undefined, steps: [] };
    lane.steps.push(index);
    lanes.set(name, lane);
  }
  return [...lanes.values()];
}

function byHost(lanes: readonly Lane[]): Lane[][] {
  return [...new Set(lanes.map(({ host }) => host))].map((host) =>
    lanes.filter((lane) => lane.host === host),
  );
}
