/** A place for each of some cases that run side by side: whoever finds none free waits for one. */
export function takeTurns<T>(places: readonly T[]): <R>(work: (place: T) => Promise<R>) => Promise<R> {
  const free = [...places];
  const waiting: ((place: T) => void)[] = [];
  return async (work) => {
    const place = free.pop() ?? (await new Promise<T>((resolve) => waiting.push(resolve)));
    try {
      return await work(place);
    } finally {
      const next = waiting.shift();
      if (next === undefined) free.push(place);
      else next(place);
    }
  };
}
