/** Medians, percentiles, and the one table that the benchmark prints. */

export interface Figure {
  what: string;
  measured: string;
  wanted?: string;
  holds?: boolean;
}

/** The value below which `share` of the sorted values lie. */
export function percentile(values: readonly number[], share: number): number {
  const sorted = [...values].sort((a, b) => a - b);
  return sorted[Math.min(sorted.length - 1, Math.floor(sorted.length * share))] ?? Number.NaN;
}

export function median(values: readonly number[]): number {
  return percentile(values, 0.5);
}

/** Runs `work` so often and answers how long each run took, in milliseconds. */
export async function timed(
  times: number,
  work: (round: number) => Promise<void>,
  after?: (round: number) => Promise<void>,
): Promise<number[]> {
  const took: number[] = [];
  for (let round = 0; round < times; round += 1) {
    const begun = performance.now();
    await work(round);
    took.push(performance.now() - begun);
    await after?.(round);
  }
  return took;
}

export function ms(value: number): string {
  return `${value.toFixed(value < 10 ? 1 : 0)} ms`;
}

export function printTable(figures: readonly Figure[]): void {
  const width = Math.max(...figures.map(({ what }) => what.length));
  for (const { what, measured, wanted, holds } of figures) {
    const verdict =
      wanted === undefined ? '' : `wanted ${wanted}: ${holds === true ? 'holds' : 'DOES NOT HOLD'}`;
    console.log(`${what.padEnd(width)}  ${measured.padEnd(28)} ${verdict}`.trimEnd());
  }
}
