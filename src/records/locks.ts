/** Locks in Redis over all workers, held by a token, kept alive while the work runs, gone soon after a worker dies. */
import { setTimeout as sleep } from 'node:timers/promises';
import { Fault } from '../errors.ts';
import type { Redis } from './redis.ts';

const RELEASE = `if redis.call('GET', KEYS[1]) == ARGV[1] then return redis.call('DEL', KEYS[1]) end return 0`;
const EXTEND = `if redis.call('GET', KEYS[1]) == ARGV[1] then return redis.call('PEXPIRE', KEYS[1], ARGV[2]) end return 0`;

export type Locks = ReturnType<typeof createLocks>;

/** How long after the death of a worker others take over, where nothing else is said; in milliseconds. */
export const TAKEOVER_MS = 10_000;

/**
 * Locks under one key prefix.
 * @param ttlMs a lock whose holder died falls after so many milliseconds
 * @param waitMs how long to wait for a lock that somebody holds
 */
export function createLocks(redis: Redis, prefix: string, ttlMs = TAKEOVER_MS, waitMs = 60_000) {
  async function acquire(key: string, token: string, patienceMs: number): Promise<void> {
    const until = Date.now() + patienceMs;
    for (let pause = 5; ; pause = Math.min(pause * 1.5, 100)) {
      if ((await redis.set(key, token, 'PX', ttlMs, 'NX')) === 'OK') return;
      if (Date.now() > until) {
        throw new Fault('lock_lost', `waiting for ${key}: held for ${patienceMs} ms by somebody else`, {
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
    async hold<T>(name: string, work: (signal: AbortSignal) => Promise<T>, patienceMs = waitMs): Promise<T> {
      const key = `${prefix}:lock:${name}`;
      const token = crypto.randomUUID();
      await acquire(key, token, patienceMs);
      const lost = new AbortController();
      const keepAlive = setInterval(async () => {
        const kept = await redis.eval(EXTEND, 1, key, token, ttlMs).catch(() => 0);
        if (kept !== 1)
          lost.abort(new Fault('lock_lost', `holding ${name}: the lock fell`, { retryable: true }));
      }, ttlMs / 3);
      try {
        return await work(lost.signal);
      } finally {
        clearInterval(keepAlive);
        await redis.eval(RELEASE, 1, key, token).catch(() => 0);
      }
    },
  };
}
