/** Locks in Redis over all workers, held by a token, kept alive while the work runs, gone soon after a worker dies. */
import { setTimeout as sleep } from 'node:timers/promises';
import { Fault } from '../errors.ts';
import type { Redis } from './redis.ts';

const RELEASE = `if redis.call('GET', KEYS[1]) == ARGV[1] then return redis.call('DEL', KEYS[1]) end return 0`;
const EXTEND = `if redis.call('GET', KEYS[1]) == ARGV[1] then return redis.call('PEXPIRE', KEYS[1], ARGV[2]) end return 0`;

export interface LockTimes {
  /** A lock whose holder died falls after this many milliseconds. */
  ttlMs: number;
  /** How long to wait for a lock that somebody holds. */
  waitMs: number;
}

export type Locks = ReturnType<typeof createLocks>;

/** Locks under one key prefix. */
export function createLocks(
  redis: Redis,
  prefix: string,
  times: LockTimes = { ttlMs: 10_000, waitMs: 60_000 },
) {
  async function acquire(key: string, token: string, waitMs: number): Promise<void> {
    const until = Date.now() + waitMs;
    for (let pause = 5; ; pause = Math.min(pause * 1.5, 100)) {
      if ((await redis.set(key, token, 'PX', times.ttlMs, 'NX')) === 'OK') return;
      if (Date.now() > until) {
        throw new Fault('lock_lost', `waiting for ${key}: held for ${waitMs} ms by somebody else`, {
          retryable: true,
        });
      }
      await sleep(pause * (0.5 + Math.random()));
    }
  }

  return {
    /**
     * Runs `work` while nobody else holds `name`. The signal aborts when the lock is lost, so that the work can stop
     * before its next write.
     * @throws Fault lock_lost (retryable) when it cannot be had in time
     */
    async hold<T>(
      name: string,
      work: (signal: AbortSignal) => Promise<T>,
      waitMs = times.waitMs,
    ): Promise<T> {
      const key = `${prefix}:lock:${name}`;
      const token = crypto.randomUUID();
      await acquire(key, token, waitMs);
      const lost = new AbortController();
      const keepAlive = setInterval(async () => {
        const kept = await redis.eval(EXTEND, 1, key, token, times.ttlMs).catch(() => 0);
        if (kept !== 1)
          lost.abort(new Fault('lock_lost', `holding ${name}: the lock fell`, { retryable: true }));
      }, times.ttlMs / 3);
      try {
        return await work(lost.signal);
      } finally {
        clearInterval(keepAlive);
        await redis.eval(RELEASE, 1, key, token).catch(() => 0);
      }
    },
  };
}
