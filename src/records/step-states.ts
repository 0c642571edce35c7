/** How far the steps of a request are, in its own hash. */
import type { StepState } from '../core/record.ts';
import type { Redis } from './redis.ts';

/** What the running step says of itself, or what is said of it; over with the step. */
const NOTES = ['progress', 'estimate'] as const;

/** @param keyOf the key of a request's hash */
export function createStepStates(redis: Redis, keyOf: (id: string) => string) {
  return {
    /** Sets how far one step is; what a step before said of itself is over. */
    async setStep(id: string, index: number, state: StepState): Promise<void> {
      await redis
        .multi()
        .hset(keyOf(id), `step:${index}`, state)
        .hdel(keyOf(id), ...NOTES)
        .exec();
    },

    /** Says how far the running step is; false when it said so already. */
    async setProgress(id: string, text: string): Promise<boolean> {
      if ((await redis.hget(keyOf(id), 'progress')) === text) return false;
      await redis.hset(keyOf(id), 'progress', text);
      return true;
    },

    /** Says how long it may still take; undefined takes that back. */
    async setEstimate(id: string, text: string | undefined): Promise<void> {
      if (text === undefined) await redis.hdel(keyOf(id), 'estimate');
      else await redis.hset(keyOf(id), 'estimate', text);
    },

    /** Sets all steps of a plan to waiting. */
    async resetSteps(id: string, count: number): Promise<void> {
      const fields = await redis.hkeys(keyOf(id));
      const old = fields.filter((field) => field.startsWith('step:') || NOTES.some((note) => note === field));
      const pipeline = redis.multi();
      if (old.length > 0) pipeline.hdel(keyOf(id), ...old);
      for (let index = 0; index < count; index += 1) pipeline.hset(keyOf(id), `step:${index}`, 'waiting');
      await pipeline.exec();
    },
  };
}
