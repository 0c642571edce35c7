/** The table of jobs: which function carries out the jobs of which queue. */
import { messageOf } from '../src/errors.ts';
import { type Processor, type QueueName, startQueueWorker } from '../src/queues.ts';
import { TAKEOVER_MS } from '../src/records/locks.ts';
import type { Redis } from '../src/records/redis.ts';
import { applyPlan } from './apply-plan.ts';
import { lookAround } from './look-around.ts';
import { fillForm } from './looks/fill-form.ts';
import { isFinal, planRequest } from './plan-request.ts';
import { reconcileDoors } from './reconcile/reconcile-doors.ts';
import { resumeRequests, tellEnds } from './resume-requests.ts';
import { endDoors } from './sweep/end-doors.ts';
import { remindDeciders } from './sweep/remind-deciders.ts';
import { sendDigests } from './sweep/send-digests.ts';
import { warnOfEnds } from './sweep/warn-of-ends.ts';
import { watchHealth } from './sweep/watch-health.ts';
import { watchHosts } from './sweep/watch-hosts.ts';
import { watchInventory } from './sweep/watch-inventory.ts';
import type { Tools } from './tools.ts';

/** How many jobs of each queue one worker runs side by side; they wait for hosts, not for the processor. */
const CONCURRENCY: Record<QueueName, number> = { plan: 16, apply: 16, look: 16, sweep: 1, reconcile: 2 };

export interface ProcessorOptions {
  redis: Redis;
  prefix: string;
  /** How long after the death of a worker its jobs go to others, in milliseconds. */
  takeoverMs?: number;
}

/** Starts a worker for every queue. */
export function startProcessors(tools: Tools, { redis, prefix, takeoverMs = TAKEOVER_MS }: ProcessorOptions) {
  const processors: { [Name in QueueName]: Processor<Name> } = {
    plan: (payload, attempt, signal) => planRequest(payload, attempt, signal, tools),
    apply: (payload, attempt, signal) => applyPlan(payload, attempt, signal, tools),
    look: (payload, attempt, signal) =>
      'form' in payload ? fillForm(payload, signal, tools) : lookAround(payload, attempt, signal, tools),
    reconcile: async (payload, _attempt, signal) => {
      await reconcileDoors(payload, signal, tools);
    },
    sweep: async (_payload, _attempt, signal) => {
      await resumeRequests(tools);
      await tellEnds(tools);
      await endDoors(tools, Date.now());
      await warnOfEnds(tools, Date.now());
      await remindDeciders(tools, Date.now(), tools.notices.quiet);
      await sendDigests(tools, Date.now());
      await Promise.all([
        watchHosts(tools, signal),
        watchHealth(tools, signal),
        watchInventory(tools, signal),
      ]);
    },
  };
  const start = <Name extends QueueName>(name: Name) => {
    const log = tools.log.child({ queue: name });
    const options = { redis, prefix, concurrency: CONCURRENCY[name], takeoverMs, log, isFinal };
    return startQueueWorker(name, measured(name, processors[name], { ...tools, log }), options);
  };
  const workers = [start('plan'), start('apply'), start('look'), start('sweep')];
  const reconcile = start('reconcile');
  return {
    async close(graceMs: number): Promise<void> {
      // A pass that is cut short loses nothing: the next one looks at everything again.
      await Promise.all([...workers.map((worker) => worker.close(graceMs)), reconcile.close(0)]);
    },
  };
}

function measured<Name extends QueueName>(
  queue: Name,
  processor: Processor<Name>,
  { log, metrics }: Pick<Tools, 'log' | 'metrics'>,
): Processor<Name> {
  return async (payload, attempt, signal) => {
    const stop = metrics.jobs.startTimer({ queue });
    try {
      await processor(payload, attempt, signal);
      stop({ result: 'done' });
    } catch (error) {
      stop({ result: 'failed' });
      const what = attempt.last ? 'a job failed' : 'a job failed; it is tried again';
      const about: object = { ...payload, attempt: attempt.number, err: messageOf(error) };
      log.warn(about, what);
      throw error;
    }
  };
}
