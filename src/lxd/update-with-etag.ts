/** Read, change, write back, and again when somebody else was faster. */
import { Fault, isFault } from '../errors.ts';
import type { Tagged } from './types.ts';

const TRIES = 5;

/**
 * @param change undefined: nothing to do. Called anew for every try, with what stands there then
 * @param write sends If-Match; LXD answers 412 when the object changed since it was read
 * @throws Fault lxd_changed, retryable, when each of 5 tries met a change
 */
export async function updateWithEtag<T, Next>(
  read: () => Promise<Tagged<T>>,
  change: (current: T) => Next | undefined,
  write: (current: T, next: Next, etag: string | undefined) => Promise<unknown>,
): Promise<void> {
  for (let tried = 1; ; tried += 1) {
    const { value, etag } = await read();
    const next = change(value);
    if (next === undefined) return;
    try {
      await write(value, next, etag);
      return;
    } catch (error) {
      if (!isFault(error, 'lxd_changed')) throw error;
      if (tried === TRIES) {
        throw new Fault(error.code, error.message, { retryable: true, cause: error.cause });
      }
    }
  }
}
