/** Whether Redis keeps what is entrusted to it, and is fast and on time. Pure. */
import { clockTrouble, type Finding, fail, ok, unknown, warn } from './finding.ts';

/** As Redis says it; what it did not say is absent. */
export interface RedisFacts {
  /** How long it took to answer, in milliseconds. */
  tookMs: number;
  /** Its clock against ours, in milliseconds; more than 0: it is ahead. */
  offMs: number;
  /** Fields of INFO (Redis, "INFO": memory and persistence). */
  info: Readonly<Record<string, string>>;
}

/** Slower than this is noticed by people, in milliseconds. */
const SLOW_MS = 100;

/** @param us whose clock is compared */
export function redisFindings(facts: RedisFacts, us: string): Finding[] {
  return [appendOnly(facts.info), eviction(facts.info), ...saving(facts.info), speed(facts, us)];
}

/** How Redis may lose or throw away what it is given; empty where it does not say. */
export function redisRisks(info: RedisFacts['info']): Finding[] {
  const all = [appendOnly(info), eviction(info), ...saving(info)];
  return all.filter(({ state }) => state === 'warn' || state === 'fail');
}

function appendOnly({ aof_enabled: on }: RedisFacts['info']): Finding {
  const about = 'Redis: append-only file';
  if (on === '1') return ok(about, 'on: what was decided survives a crash');
  const next =
    'Set `appendonly yes`; until then requests, decisions, doors and the audit of the last minutes can be lost.';
  if (on === '0') return warn(about, 'off', next);
  return unknown(
    about,
    'Redis does not say',
    'Look whether `appendonly` is `yes`; a managed Redis has its own word for it.',
  );
}

function eviction({ maxmemory_policy: policy }: RedisFacts['info']): Finding {
  const about = 'Redis: eviction';
  if (policy === 'noeviction') return ok(about, '`noeviction`: it forgets nothing');
  if (policy === undefined)
    return unknown(about, 'Redis does not say', 'Look whether `maxmemory-policy` is `noeviction`.');
  const next =
    'Set `maxmemory-policy noeviction`: else it throws away requests and audit when its memory is full.';
  return fail(about, `\`${policy}\``, next);
}

function saving(info: RedisFacts['info']): Finding[] {
  const words: Readonly<Record<string, string>> = {
    aof_last_write_status: 'writing the append-only file',
    aof_last_bgrewrite_status: 'rewriting the append-only file',
    rdb_last_bgsave_status: 'saving a snapshot',
  };
  const wrong = Object.entries(words).filter(([field]) => (info[field] ?? 'ok') !== 'ok');
  if (wrong.length === 0) return [];
  const seen = `the last time, ${wrong.map(([, what]) => what).join(' and ')} did not work`;
  return [fail('Redis: saving', seen, 'Look into the log of Redis: most often its disk is full.')];
}

function speed({ tookMs, offMs }: RedisFacts, us: string): Finding {
  const about = 'Redis: speed and clock';
  const took = `it answers in ${tookMs < 1 ? 'less than 1' : Math.round(tookMs)} ms`;
  const clock = clockTrouble(offMs);
  if (clock !== undefined)
    return warn(
      about,
      `${clock} of ${us}’s; ${took}`,
      'Have both keep time by NTP: waits and expiries go by it.',
    );
  if (tookMs > SLOW_MS)
    return warn(about, took, 'Bring Redis nearer, or look what keeps it busy: every click waits for it.');
  return ok(about, `${took}; its clock and ${us}’s agree`);
}
