/** Places nothing more on a host, or places things there again. */
import type { ThingOf } from '../../src/core/thing.ts';
import type { StepTools } from '../thing-tools.ts';

export async function putDrained({ host }: ThingOf<'drained'>, { records }: StepTools): Promise<void> {
  await records.knownHosts.setDrained(host, true);
}

export async function removeDrained({ host }: ThingOf<'drained'>, { records }: StepTools): Promise<void> {
  await records.knownHosts.setDrained(host, false);
}
