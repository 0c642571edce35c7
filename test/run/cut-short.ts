/** What happens when somebody ends a run before its time: it clears up first. */

/** @param tell is called once, at the first signal; whoever presses Ctrl-C again does not interrupt the clearing up */
export function cutShort(tell: (signal: string) => void): AbortSignal {
  const cutter = new AbortController();
  for (const signal of ['SIGINT', 'SIGTERM', 'SIGHUP'] as const) {
    process.on(signal, () => {
      if (!cutter.signal.aborted) tell(signal);
      cutter.abort();
    });
  }
  return cutter.signal;
}
