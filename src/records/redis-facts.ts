/** What Redis says of itself: how it keeps what it is given, how fast it answers, what time it is there. */
import type { Finding } from '../core/findings/finding.ts';
import { type RedisFacts, redisRisks } from '../core/findings/redis-findings.ts';
import type { Redis } from './redis.ts';

/** A managed Redis may refuse INFO; what it does not say is absent, and then nothing is concluded from it. */
export async function readRedisFacts(redis: Redis, now: () => number = Date.now): Promise<RedisFacts> {
  let quickest = await askTime(redis, now);
  for (let again = 1; again < TIMES; again += 1) {
    const next = await askTime(redis, now);
    if (next.tookMs < quickest.tookMs) quickest = next;
  }
  return { ...quickest, info: await readInfo(redis) };
}

/** How long what was read of its settings counts, in milliseconds: nobody changes them often, and every Home asks. */
const FRESH_MS = 60_000;

/** What may become of what it is given. A Redis that does not tell is in no danger that we know of. */
export function createRiskReader(redis: Redis, now: () => number = Date.now): () => Promise<Finding[]> {
  let last: { at: number; risks: Promise<Finding[]> } | undefined;
  return () => {
    if (last === undefined || now() - last.at > FRESH_MS)
      last = { at: now(), risks: readInfo(redis).then(redisRisks) };
    return last.risks;
  };
}

async function readInfo(redis: Redis): Promise<RedisFacts['info']> {
  const parts = await Promise.all(['persistence', 'memory'].map((part) => redis.info(part).catch(() => '')));
  return fieldsOf(parts.join('\n'));
}

/** How often it is asked: one answer may wait for what this process is at, and then says nothing of Redis. */
const TIMES = 3;

async function askTime(redis: Redis, now: () => number): Promise<Pick<RedisFacts, 'tookMs' | 'offMs'>> {
  const [begun, start] = [now(), performance.now()];
  const [seconds, micros] = await redis.time();
  const tookMs = performance.now() - start;
  const there = Number(seconds) * 1_000 + Number(micros) / 1_000;
  return { tookMs, offMs: there - (begun + tookMs / 2) };
}

function fieldsOf(info: string): Record<string, string> {
  const pairs = info.split(/\r?\n/).flatMap((line) => {
    const [, name, value] = /^(\w+):(.*)$/.exec(line) ?? [];
    return name === undefined || value === undefined ? [] : [[name, value] as const];
  });
  return Object.fromEntries(pairs);
}
