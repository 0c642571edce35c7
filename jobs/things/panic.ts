/** Holds every opening on a host, or on all; or lets them go again. */
import type { ThingOf } from '../../src/core/thing.ts';
import type { StepTools } from '../thing-tools.ts';

/** The bot has mostly done so already, at the click. */
export async function putPanic({ host }: ThingOf<'panic'>, { records, request }: StepTools): Promise<void> {
  const by = (await records.requests.get(request))?.asked.requester ?? '';
  await records.panic.raise({ ...(host !== undefined && { host }), by, at: Date.now() });
}

export async function removePanic({ host }: ThingOf<'panic'>, { records }: StepTools): Promise<void> {
  await records.panic.lift(host);
}
