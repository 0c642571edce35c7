/** The table of jobs: which function carries out the jobs of which queue. */
import { messageOf } from '../src/errors.ts';
import { type Processor, type QueueName, startQueueWorker } from '../src/queues.ts';
import type { Redis } from '../src/records/redis.ts';
import { applyPlan } from './apply-plan.ts';
import { lookAround } from './look-around.ts';
import { isFinal, planRequest } from './plan-request.ts';
import { remindDeciders } from './remind-deciders.ts';
import { resumeRequests } from './resume-requests.ts';
import type { Tools } from './tools.ts';
import { watchHealth } from './watch-health.ts';
import { watchHosts } from './watch-hosts.ts';

/** How many jobs of each queue one worker runs side by side; they wait for hosts, not for the processor. */
const CONCURRENCY: Record<QueueName, number> = { plan: 16, apply: 16, look: 16, sweep: 1 };

export interface ProcessorOptions {
  redis: Redis;
  prefix: string;
}

/** Starts a worker for every queue. */
export function startProcessors(tools: Tools, { redis, prefix }: ProcessorOptions) {
  const processors: { [Name in QueueName]: Processor<Name> } = {
    plan: (payload, attempt, signal) => planRequest(payload, attempt, signal, tools),
    apply: (payload, attempt, signal) => applyPlan(payload, attempt, signal, tools),
    look: (payload, attempt, signal) => lookAround(payload, attempt, signal, tools),
    sweep: async (_payload, _attempt, signal) => {
      await resumeRequests(tools);
      await remindDeciders(tools, Date.now());
      await Promise.all([watchHosts(tools, signal), watchHealth(tools, signal)]);
    },
  };
  const start = <Name extends QueueName>(name: Name) => {
    const log = tools.log.child({ queue: name });
    const options = { redis, prefix, concurrency: CONCURRENCY[name], log, isFinal };
    return startQueueWorker(name, measured(name, processors[name], { ...tools, log }), options);
  };
  const workers = [start('plan'), start('apply'), start('look'), start('sweep')];
  return {
    async close(graceMs: number): Promise<void> {
      await Promise.all(workers.map((worker) => worker.close(graceMs)));
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
