/** How long each part of a run took. */

export interface Stopwatch {
  time<T>(part: string, work: () => Promise<T>): Promise<T>;
  /** `lab up 21 s, fast 57 s, all 80 s`; what took no time is left out. */
  inWords(): string;
}

export function createStopwatch(): Stopwatch {
  const begun = performance.now();
  const parts: string[] = [];
  const seconds = (since: number): number => Math.round((performance.now() - since) / 1000);
  return {
    time: async (part, work) => {
      const start = performance.now();
      try {
        return await work();
      } finally {
        if (seconds(start) > 0) parts.push(`${part} ${seconds(start)} s`);
      }
    },
    inWords: () => [...parts, `all ${seconds(begun)} s`].join(', '),
  };
}
