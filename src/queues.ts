/**
 * The queues and their workers. The only file that knows BullMQ.
 * A job's id is made from what it works on, so adding it again while it is there does nothing: whoever is in doubt
 * whether a job exists simply adds it.
 */
import { setMaxListeners } from 'node:events';
import { setTimeout as sleep } from 'node:timers/promises';
import { type ConnectionOptions, type Job, Queue, UnrecoverableError, Worker } from 'bullmq';
import { messageOf } from './errors.ts';
import type { Log } from './log.ts';
import {
  type FormPayload,
  type LookPayload,
  PAYLOADS,
  type Payloads,
  QUEUE_NAMES,
  type QueueName,
} from './payloads.ts';
import type { Redis } from './records/redis.ts';

export type { FormPayload, LookPayload, Payloads, QueueName };

/** Tries and pauses for what may pass. Looks have somebody waiting, so they give up sooner. */
const RETRY = {
  plan: { attempts: 5, backoff: { type: 'exponential', delay: 500 } },
  apply: { attempts: 5, backoff: { type: 'exponential', delay: 500 } },
  look: { attempts: 2, backoff: { type: 'fixed', delay: 300 } },
  sweep: { attempts: 1 },
  reconcile: { attempts: 1 },
} as const;

/** Changes come in bunches; one look after them is enough. Milliseconds. */
const SOON_MS = 2_000;

export type Queues = ReturnType<typeof createQueues>;

/** The producing side. */
export function createQueues(redis: Redis, prefix: string) {
  const connection = connectionOf(redis);
  const queueOf = (name: QueueName) => {
    const defaultJobOptions = { ...RETRY[name], removeOnComplete: true, removeOnFail: true };
    const queue = new Queue(name, { connection, prefix, defaultJobOptions });
    // The connection's own troubles, which whoever made it writes into the log; unheard they would go to standard error.
    queue.on('error', () => undefined);
    return queue;
  };
  const made = QUEUE_NAMES.map((name) => [name, queueOf(name)] as const);
  const queues = Object.fromEntries(made) as Record<QueueName, Queue>;
  const countEach = async (count: (queue: Queue) => Promise<number>): Promise<Record<QueueName, number>> => {
    const all = QUEUE_NAMES.map(async (name) => [name, await count(queues[name])] as const);
    return Object.fromEntries(await Promise.all(all)) as Record<QueueName, number>;
  };
  const applyId = ({ request, fingerprint }: Payloads['apply']) => `apply-${request}-${fingerprint}`;
  return {
    /** @param hurry one that was put off is tried again now: by a clock that was ahead it was put off for hours */
    async plan(payload: Payloads['plan'], hurry = false): Promise<void> {
      const jobId = `plan-${payload.request}`;
      await queues.plan.add('plan-request', payload, { jobId });
      if (hurry) await promote(await queues.plan.getJob(jobId));
    },

    /** @param holdMs how long the job is held for a decision; 0 for none */
    async apply(payload: Payloads['apply'], holdMs: number): Promise<void> {
      await queues.apply.add('apply-plan', payload, { jobId: applyId(payload), delay: Math.max(0, holdMs) });
    },

    /** Lets a held job go now. One that runs, or has run, is left alone: the record decides, not the job. */
    async release(payload: Payloads['apply']): Promise<void> {
      await promote(await queues.apply.getJob(applyId(payload)));
    },

    async look(payload: LookPayload): Promise<void> {
      await queues.look.add(payload.command.action, payload);
    },

    /** Once only: a form that is filled later is no longer looked at. */
    async fillForm(payload: FormPayload): Promise<void> {
      await queues.look.add('fill-form', payload, { attempts: 1 });
    },

    /** One that waits or runs already does for all who ask. */
    sweep: () => addOnce(queues.sweep, 'resume-requests'),

    /** Has all doors, or those of one host, compared with the road soon, once for all that is asked within a moment. */
    async reconcile(payload: Payloads['reconcile']): Promise<void> {
      const what = `${payload.host ?? ''}${payload.hint === true ? '-hint' : ''}`;
      const jobId = `reconcile-${what}-${Math.floor(Date.now() / SOON_MS)}`;
      await queues.reconcile.add('reconcile-doors', payload, { jobId, delay: SOON_MS });
    },

    /** The pass over everything, likewise. */
    reconcileAll: () => addOnce(queues.reconcile, 'reconcile-doors'),

    /** Jobs that wait or are held, a number for each queue; without those that run. */
    depths: () => countEach((queue) => queue.count()),

    /** Jobs that a worker could take now and none has taken, a number for each queue. */
    untaken: () => countEach((queue) => queue.getWaitingCount()),

    async close(): Promise<void> {
      await Promise.all(Object.values(queues).map((queue) => queue.close()));
    },
  };
}

/** How often a job is tried; `last` when no further try follows. */
export interface Attempt {
  number: number;
  last: boolean;
}

/** What carries out the jobs of a queue. Thrown faults that are not retryable end the job at once. */
export type Processor<Name extends QueueName> = (
  payload: Payloads[Name],
  attempt: Attempt,
  signal: AbortSignal,
) => Promise<void>;

export interface RunningWorker {
  /** Takes no more jobs and waits for those that run, at most `graceMs`; then lets other workers have them. */
  close(graceMs: number): Promise<void>;
}

/** For a job that is told to stop. */
const LISTEN_MS = 2_000;

/** Takes jobs of one queue until closed. A worker that dies loses its jobs to the others. */
export function startQueueWorker<Name extends QueueName>(
  name: Name,
  processor: Processor<Name>,
  options: {
    redis: Redis;
    prefix: string;
    concurrency: number;
    /** How long after the death of a worker its jobs go to others, in milliseconds; half as much again at most. */
    takeoverMs: number;
    log: Log;
    isFinal: (error: unknown) => boolean;
  },
): RunningWorker {
  const stopping = new AbortController();
  // Every job that runs listens to it.
  setMaxListeners(0, stopping.signal);
  const handle = async (job: Job): Promise<void> => {
    const tries = job.opts.attempts ?? 1;
    const attempt = { number: job.attemptsMade + 1, last: job.attemptsMade + 1 >= tries };
    try {
      // What does not fit now never will: it is not tried again.
      const payload = PAYLOADS[name].parse(job.data) as Payloads[Name];
      await processor(payload, attempt, stopping.signal);
    } catch (error) {
      if (options.isFinal(error)) throw new UnrecoverableError(messageOf(error));
      throw error;
    }
  };
  const connection = options.redis.duplicate({ maxRetriesPerRequest: null });
  connection.on('error', (error) => options.log.debug({ err: error, queue: name }, 'queue connection'));
  const worker = new Worker(name, handle, {
    connection: connectionOf(connection),
    prefix: options.prefix,
    concurrency: options.concurrency,
    lockDuration: options.takeoverMs,
    stalledInterval: options.takeoverMs / 2,
    // A job that outlives many workers is ended by its own count of runs, with a message; not here, in silence.
    maxStalledCount: 50,
  });
  worker.on('error', (error) => options.log.warn({ err: error, queue: name }, 'queue worker'));
  worker.on('stalled', (id) =>
    options.log.warn({ queue: name, job: id }, 'a worker died over this job; taking it up'),
  );
  return {
    async close(graceMs) {
      const timer = setTimeout(() => stopping.abort(new Error('the worker stops')), graceMs);
      const closed = worker
        .close()
        .catch((error) => options.log.warn({ err: error, queue: name }, 'closing'));
      // A job that listens to nobody is left behind: its lock falls, and another worker takes it up.
      await Promise.race([closed, sleep(graceMs + LISTEN_MS, undefined, { ref: false })]);
      clearTimeout(timer);
      connection.disconnect();
    },
  };
}

async function addOnce(queue: Queue, name: string): Promise<void> {
  await queue.add(name, {}, { jobId: name });
}

/** Lets a job go that was put off; one that runs, or has run, is left alone. */
async function promote(job: Job | undefined): Promise<void> {
  if (job === undefined || !(await job.isDelayed())) return;
  // Between the look and the promotion it may begin by itself: then what was wanted has happened.
  await job.promote().catch(() => undefined);
}

function connectionOf(redis: Redis): ConnectionOptions {
  return redis as unknown as ConnectionOptions;
}
