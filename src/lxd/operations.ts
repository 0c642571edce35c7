/** Waits for what LXD does in the background. */
import { Fault, isFault } from '../errors.ts';
import type { Patience, Rest } from './call.ts';
import { operationFault } from './faults.ts';
import { operation } from './schemas.ts';
import type { LxdOperation } from './types.ts';

export interface Waiting {
  get: Rest['get'];
  /** As LXD's 202 gives it: `/1.0/operations/<id>`, sometimes with a query. */
  path: string;
  patience: Patience;
  timeoutMs: number;
}

/** One wait at most, so that a connection that died in silence is noticed. */
const LONGEST_WAIT_S = 20;
/** One wait at most while somebody watches. */
const WATCHED_WAIT_S = 1;

/**
 * @returns the operation once it is over, well or badly; undefined when LXD knows it no more. LXD forgets operations about 5 s after they end
 * (measured on 5.0.2), so a 404 says that it ended, not how: read the object again.
 * @throws Fault lxd_timeout when it does not end in time
 */
export async function waitForOperation({
  get,
  path,
  patience,
  timeoutMs,
}: Waiting): Promise<LxdOperation | undefined> {
  const { pathname, searchParams } = new URL(path, 'http://lxd');
  if (!/^\/1\.0\/operations\/[^/]+$/.test(pathname)) {
    throw new Fault('lxd_garbled', 'the answer names no operation', { retryable: true });
  }
  const end = performance.now() + timeoutMs;
  for (;;) {
    const left = Math.ceil((end - performance.now()) / 1000);
    if (left <= 0) {
      throw new Fault('lxd_timeout', `LXD is still at it after ${timeoutMs / 1000} s`, { retryable: true });
    }
    const seconds = Math.min(left, patience.watch === undefined ? LONGEST_WAIT_S : WATCHED_WAIT_S);
    const found = await orGone(
      get(operation, {
        doing: patience.doing,
        path: `${pathname}/wait`,
        query: { ...Object.fromEntries(searchParams), timeout: String(seconds) },
        signal: patience.signal,
        timeoutMs: seconds * 1000 + 5000,
      }),
    );
    if (found === undefined || found.value.status_code >= 200) return found?.value;
    await patience.watch?.(found.value);
  }
}

/** @throws Fault what the operation ended with */
export function throwIfFailed({ status, status_code, err }: LxdOperation): void {
  if (status_code >= 400) throw operationFault(err === '' ? `the operation ended as ${status}` : err);
}

async function orGone<T>(work: Promise<T>): Promise<T | undefined> {
  try {
    return await work;
  } catch (error) {
    if (isFault(error, 'lxd_not_found')) return undefined;
    throw error;
  }
}
