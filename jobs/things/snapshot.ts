/** Keeps an instance as it is, and forgets that again. */
import type { ThingOf } from '../../src/core/thing.ts';
import { isFault } from '../../src/errors.ts';
import { clientOf, type StepTools } from '../thing-tools.ts';
import { instanceLock } from './instance-lock.ts';

type Snapshot = ThingOf<'snapshot'>;

/** One of this name that is there by now was made by an earlier run: the plan saw that there was none. */
export async function putSnapshot(thing: Snapshot, tools: StepTools): Promise<void> {
  const client = await clientOf(thing.host, tools);
  await tools.records.locks.hold(instanceLock(thing), async (held) => {
    const signal = AbortSignal.any([tools.signal, held]);
    const all = await client.listSnapshots(thing.instance, signal);
    if (all.some(({ name }) => name === thing.snapshot)) return;
    await client.createSnapshot(thing.instance, thing.snapshot, signal);
  });
}

export async function removeSnapshot(thing: Snapshot, tools: StepTools): Promise<void> {
  const client = await clientOf(thing.host, tools);
  await client.deleteSnapshot(thing.instance, thing.snapshot, tools.signal).catch((error) => {
    if (!isFault(error, 'lxd_not_found')) throw error;
  });
}
