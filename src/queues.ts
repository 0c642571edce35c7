/**
 * The queues and their workers. The only file that knows BullMQ.
 * A job's id is made from what it works on, so adding it again while it is there does nothing: whoever is in doubt
 * whether a job exists simply adds it.
 */
import { setMaxListeners } from 'node:events';
import { setTimeout as sleep } from 'node:timers/promises';
import { type ConnectionOptions, type Job, Queue, UnrecoverableError, Worker } from 'bullmq';
import { z } from 'zod';
import type { LookCommand } from './core/request.ts';
import { messageOf } from './errors.ts';
import type { Log } from './log.ts';
import type { Redis } from './records/redis.ts';

export const QUEUE_NAMES = ['plan', 'apply', 'look', 'sweep'] as const;
export type QueueName = (typeof QUEUE_NAMES)[number];

const requestPayload = z.strictObject({ request: z.string().regex(/^req-[a-z0-9]+$/) });
const applyPayload = requestPayload.extend({ fingerprint: z.string().regex(/^[0-9a-f]{32}$/) });
const lookPayload = z.strictObject({
  command: z.custom<LookCommand>((value) => typeof value === 'object' && value !== null && 'action' in value),
  user: z.string(),
  groups: z.array(z.string()).optional(),
  channel: z.string(),
  thread: z.string().exactOptional(),
});

/** What each queue's jobs carry: ids and validated data, never secrets. */
export const PAYLOADS = {
  plan: requestPayload,
  apply: applyPayload,
  look: lookPayload,
  sweep: z.strictObject({}),
} as const;
export type Payloads = { [Name in QueueName]: z.infer<(typeof PAYLOADS)[Name]> };

/** Tries and pauses for what may pass. Looks have somebody waiting, so they give up sooner. */
const RETRY = {
  plan: { attempts: 5, backoff: { type: 'exponential', delay: 500 } },
  apply: { attempts: 5, backoff: { type: 'exponential', delay: 500 } },
  look: { attempts: 2, backoff: { type: 'fixed', delay: 300 } },
  sweep: { attempts: 1 },
} as const;

export type Queues = ReturnType<typeof createQueues>;

/** The producing side. */
export function createQueues(redis: Redis, prefix: string) {
  const connection = connectionOf(redis);
  const queueOf = (name: QueueName) =>
    new Queue(name, {
      connection,
      prefix,
      defaultJobOptions: { ...RETRY[name], removeOnComplete: true, removeOnFail: true },
    });
  const queues = {
    plan: queueOf('plan'),
    apply: queueOf('apply'),
    look: queueOf('look'),
    sweep: queueOf('sweep'),
  };
  const applyId = ({ request, fingerprint }: Payloads['apply']) => `apply-${request}-${fingerprint}`;
  return {
    async plan(payload: Payloads['plan']): Promise<void> {
      await queues.plan.add('plan-request', payload, { jobId: `plan-${payload.request}` });
    },

    /** @param holdMs how long the job is held for a decision; 0 for none */
    async apply(payload: Payloads['apply'], holdMs: number): Promise<void> {
      await queues.apply.add('apply-plan', payload, { jobId: applyId(payload), delay: Math.max(0, holdMs) });
    },

    /** Lets a held job go now. One that runs, or has run, is left alone: the record decides, not the job. */
    async release(payload: Payloads['apply']): Promise<void> {
      const job: Job | undefined = await queues.apply.getJob(applyId(payload));
      if (job !== undefined && (await job.isDelayed())) await job.promote().catch(ignoreMoved);
    },

    async look(payload: Payloads['look']): Promise<void> {
      await queues.look.add(payload.command.action, payload);
    },

    /** Has the sweep run every `everyMs` milliseconds, on whichever worker is free. */
    async scheduleSweep(everyMs: number): Promise<void> {
      await queues.sweep.upsertJobScheduler(
        'sweep',
        { every: everyMs },
        { name: 'resume-requests', data: {} },
      );
    },

    /** Jobs waiting, held and running, a number for each queue. */
    async depths(): Promise<Record<QueueName, number>> {
      const counts = await Promise.all(QUEUE_NAMES.map((name) => queues[name].count()));
      return Object.fromEntries(QUEUE_NAMES.map((name, index) => [name, counts[index] ?? 0])) as Record<
        QueueName,
        number
      >;
    },

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

/** How long a job that is told to stop has for it, in milliseconds. */
const LISTEN_MS = 2_000;

/** Takes jobs of one queue until closed. A worker that dies loses its jobs to the others after a few seconds. */
export function startQueueWorker<Name extends QueueName>(
  name: Name,
  processor: Processor<Name>,
  options: {
    redis: Redis;
    prefix: string;
    concurrency: number;
    log: Log;
    isFinal: (error: unknown) => boolean;
  },
): RunningWorker {
  const stopping = new AbortController();
  // Every job that runs listens to it.
  setMaxListeners(0, stopping.signal);
  const handle = async (job: Job): Promise<void> => {
    const payload = PAYLOADS[name].parse(job.data) as Payloads[Name];
    const tries = job.opts.attempts ?? 1;
    const attempt = { number: job.attemptsMade + 1, last: job.attemptsMade + 1 >= tries };
    try {
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
    lockDuration: 10_000,
    stalledInterval: 5_000,
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

function ignoreMoved(): void {
  // Between the look and the promotion the job began by itself: what was wanted has happened.
}

function connectionOf(redis: Redis): ConnectionOptions {
  return redis as unknown as ConnectionOptions;
}
