/** Lets a worker carry out one request, kills it at one change, and has another one finish. */
import { expect } from 'vitest';
import type { RequestRecord } from '../../../src/core/record.ts';
import { until } from '../../stage/until.ts';
import type { When } from '../count-changes.ts';
import type { Side } from './side.ts';

export interface Strike {
  number: number;
  when: When;
}

/**
 * A strike after every change, and one before the last. Each costs the start of a process, so only every fourth one is done, and the last
 * one, where DRAWBRIDGE_EVERY_KILL is not set.
 */
export function strikesAt(changes: readonly string[]): Strike[] {
  const after = changes.map((_, index): Strike => ({ number: index + 1, when: 'after' }));
  const all = (process.env.DRAWBRIDGE_EVERY_KILL ?? '') !== '';
  const some = after.filter(({ number }) => all || number % 4 === 1 || number === changes.length);
  return [...some, { number: changes.length, when: 'before' }];
}

export interface Crash {
  side: Side;
  /** `expose …` */
  text: string;
  /** None: nothing disturbs it. */
  strike?: Strike | undefined;
  /** Brings the worker that goes on. */
  next: () => void | Promise<void>;
  /** Called at the moment of the kill. */
  look?: () => void;
}

/** @returns the request as it ended */
export async function crash({ side, text, strike, next, look }: Crash): Promise<RequestRecord> {
  const { back, changes } = side;
  changes.forget();
  let struck = strike === undefined;
  if (strike !== undefined)
    changes.strikeAt(strike.number, strike.when, () => {
      side.kill();
      look?.();
      struck = true;
    });
  const id = await back.ask(text);
  const ended = async () => {
    const record = await back.records.requests.get(id);
    return record?.state === 'ended' ? record : undefined;
  };
  const hit = async () => {
    const early = struck ? undefined : await ended();
    if (early !== undefined) throw new Error(`ended before the strike: ${JSON.stringify(early.outcome)}`);
    return struck || undefined;
  };
  // Looks seldom: many wait here at the same time, most of them for the locks of a dead worker to fall.
  await until(hit, `the strike while ${text}`, 90_000, 50);
  if (strike !== undefined) await next();
  const record = await until(ended, `${text} to end`, 120_000, 100);
  const ends = async () => (await back.records.audit.of(id)).filter(({ kind }) => kind === 'ended').length;
  await until(async () => ((await ends()) > 0 ? true : undefined), `the end of ${id} in the audit`);
  expect(await ends()).toBe(1);
  return record;
}
