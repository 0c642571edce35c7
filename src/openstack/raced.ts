/** A wait that its waiter may leave. */

/** Answers as `work` does, or rejects with the signal's reason. The work itself goes on: others may wait for it, too. */
export async function raced<T>(work: Promise<T>, signal: AbortSignal | undefined): Promise<T> {
  if (signal === undefined) return work;
  // Whoever has left does not hear how it ends.
  work.catch(() => {});
  signal.throwIfAborted();
  let leave = (): void => {};
  const left = new Promise<never>((_, reject) => {
    leave = () => reject(signal.reason);
    signal.addEventListener('abort', leave, { once: true });
  });
  try {
    return await Promise.race([work, left]);
  } finally {
    signal.removeEventListener('abort', leave);
  }
}
