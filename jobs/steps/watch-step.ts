/** Looks after a step that runs: whether its request is cancelled meanwhile, and what there is to say of how long it takes. */

/** How often, in milliseconds. */
const LOOK_MS = 700;

export interface StepWatch {
  /** Aborts once the request is cancelled, if the step only waits by then. */
  signal: AbortSignal;
  /** The step was cut short by that. */
  wasCut(): boolean;
  /** From here on the step only looks and waits. A call that changes something is never cut off: nobody would know what came of it. */
  waits(): void;
  /** Also waits for a look that is under way, so that nothing is said of the step later on. */
  stop(): Promise<void>;
}

export interface WatchOptions {
  /** Ends the step whatever it does: the worker stops, or has lost its lock. */
  signal: AbortSignal;
  isCancelled(): Promise<boolean>;
  /** Told every time, with the milliseconds that the step has taken so far. */
  tell(ranMs: number): Promise<void>;
}

/** For steps that nobody can cancel, and that are too short to say how long they take. */
export function unwatched(signal: AbortSignal): StepWatch {
  return { signal, wasCut: () => false, waits: () => {}, stop: async () => {} };
}

/** Begins with the step; the caller stops it. A look that fails says nothing: the next one may. */
export function watchStep({ signal, isCancelled, tell }: WatchOptions): StepWatch {
  const cut = new AbortController();
  const begun = performance.now();
  let waiting = false;
  let looking: Promise<void> | undefined;

  const look = async (): Promise<void> => {
    try {
      if (waiting && (await isCancelled())) cut.abort(new Error('the request is cancelled'));
      else await tell(performance.now() - begun);
    } catch {
      // Redis is away for a moment; the step itself finds that out.
    }
  };
  const timer = setInterval(() => {
    looking ??= look().finally(() => {
      looking = undefined;
    });
  }, LOOK_MS);
  return {
    signal: AbortSignal.any([signal, cut.signal]),
    wasCut: () => cut.signal.aborted && !signal.aborted,
    waits: () => {
      waiting = true;
    },
    stop: async () => {
      clearInterval(timer);
      await looking;
    },
  };
}
