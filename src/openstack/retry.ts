/** When a call is made again, and after which pause. */
import { setTimeout as pass } from 'node:timers/promises';
import { isFault } from '../errors.ts';
import { type Answer, askedPause } from './answer.ts';

export interface RetryPolicy {
  /** How often a call is made at most. */
  tries: number;
  /** Before the second try; doubled for each further one, and shortened by up to a half so that callers spread. */
  pauseMs: number;
  /** A service that wants a longer wait than this is not waited for. */
  longestPauseMs: number;
}

export interface Attempts {
  policy: RetryPolicy;
  /** May be made again whatever became of it. */
  repeatable: boolean;
  signal?: AbortSignal | undefined;
}

/**
 * Any other call is made again only where the service says that it did nothing: 429, and 503 with Retry-After
 * (RFC 9110, 15.6.4; RFC 6585, 4).
 * @returns the last answer, whatever its status
 * @throws what the last attempt ended with
 */
export async function withRetries(
  { policy, repeatable, signal }: Attempts,
  attempt: () => Promise<Answer>,
): Promise<Answer> {
  for (let tried = 1; ; tried += 1) {
    const outcome = await attempt().catch((error: unknown) => ({ error }));
    const again = 'error' in outcome ? repeatable && wasCut(outcome.error) : mayRepeat(outcome, repeatable);
    const backOff = policy.pauseMs * 2 ** (tried - 1) * (0.5 + Math.random() / 2);
    const pause = Math.max(backOff, 'error' in outcome ? 0 : (askedPause(outcome) ?? 0));
    if (!again || tried >= policy.tries || pause > policy.longestPauseMs) {
      if ('error' in outcome) throw outcome.error;
      return outcome;
    }
    await pass(pause, undefined, { ...(signal && { signal }) }).catch(() => signal?.throwIfAborted());
  }
}

function wasCut(error: unknown): boolean {
  return isFault(error, 'openstack_unreachable') && error.retryable;
}

function mayRepeat(answer: Answer, repeatable: boolean): boolean {
  const { status } = answer;
  if (status === 429 || (status === 503 && askedPause(answer) !== undefined)) return true;
  return repeatable && status >= 500 && status !== 501;
}
