/** How long a request may still take, by how long its kinds of steps took before. Pure; no data, no estimate. */
import type { Plan, Step } from './plan.ts';

/** Under what name the duration of a step is kept: what people wait for differs by what is done and with what. */
export function stepKind({ action }: Pick<Plan, 'action'>, { do: does, thing }: Step): string {
  return `${action}/${does}/${thing.kind}`;
}

/** Steps as they are while one of them runs; times in milliseconds. */
export interface StepTimes {
  /** How long each usually takes; undefined where nobody knows. */
  usual: readonly (number | undefined)[];
  /** Index of the one that runs. */
  running: number;
  /** How long that has run. */
  ranMs: number;
}

/** What is sooner over than this needs no words. */
const SHORT_MS = 5_000;
/** A step is late when it takes so many times its usual time, and is so far behind it. */
const LATE_TIMES = 1.5;
const LATE_MS = 3_000;

/** `about 2 min left`, `longer than usual`, or nothing. */
export function estimateInWords({ usual, running, ranMs }: StepTimes): string | undefined {
  const own = usual[running];
  if (own !== undefined && ranMs > Math.max(own * LATE_TIMES, own + LATE_MS))
    return `longer than usual, which is ${roughly(own)}`;
  const rest = usual.slice(running);
  if (rest.some((each) => each === undefined)) return undefined;
  const others = rest.slice(1).reduce<number>((sum, each = 0) => sum + each, 0);
  const leftMs = Math.max(0, (own ?? 0) - ranMs) + others;
  return leftMs <= SHORT_MS ? undefined : `${roughly(leftMs)} left`;
}

/** The one in the middle: a boot that once took an hour says nothing about the next. */
export function median(values: readonly number[]): number | undefined {
  const sorted = [...values].sort((a, b) => a - b);
  const [low, high] = [sorted[Math.floor((sorted.length - 1) / 2)], sorted[Math.floor(sorted.length / 2)]];
  return low === undefined || high === undefined ? undefined : (low + high) / 2;
}

/** Rounded, for nobody can know it better. */
function roughly(ms: number): string {
  const seconds = ms / 1_000;
  if (seconds >= 90) return `about ${Math.round(seconds / 60)} min`;
  if (seconds < 1) return 'under 1 s';
  const unit = seconds >= 20 ? 10 : seconds >= 5 ? 5 : 1;
  return `about ${Math.round(seconds / unit) * unit} s`;
}
