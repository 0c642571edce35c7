/**
 * Rings for what has to happen again and again. Every worker counts seconds by itself, and Redis lets one of them ring in each period: a
 * job that is put off until a moment of somebody's clock comes hours late when that clock was ahead and is put right.
 */
import { messageOf } from '../src/errors.ts';
import type { Tools } from './tools.ts';

/** A sweep comes after this time and one look, so no later than ten seconds after the last one. Milliseconds. */
const SWEEP_EVERY_MS = 9_000;
/** How often it is looked whether anything is due. */
const LOOK_MS = 1_000;

type TimeTools = Pick<Tools, 'records' | 'queues' | 'reconcile' | 'log'>;

export interface Timekeeper {
  stop(): void;
}

/** Begins at once. */
export function keepTime({ records, queues, reconcile, log }: TimeTools): Timekeeper {
  const ring = async (what: string, everyMs: number, ask: () => Promise<void>): Promise<void> => {
    try {
      if (await records.minutes.first(what, everyMs)) await ask();
    } catch (error) {
      log.warn({ what, err: messageOf(error) }, 'asking for what is due');
    }
  };
  const look = (): void => {
    void ring('sweep', SWEEP_EVERY_MS, queues.sweep);
    void ring('pass', reconcile.everySeconds * 1_000, queues.reconcileAll);
  };
  look();
  const timer = setInterval(look, LOOK_MS).unref();
  return { stop: () => clearInterval(timer) };
}
