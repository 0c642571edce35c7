/**
 * Puts an instance back to a snapshot, but for the marks and devices of doors, which belong to now. It is stopped meanwhile, so that no
 * door of then is open for a moment. After a crash the whole is done again.
 */
import { isDeepStrictEqual } from 'node:util';
import { keptOf, withKept } from '../../src/core/tags/kept.ts';
import type { ThingOf } from '../../src/core/thing.ts';
import { Fault } from '../../src/errors.ts';
import type { LxdClient, LxdInstance } from '../../src/lxd/client.ts';
import { clientOf, type StepTools } from '../thing-tools.ts';
import { instanceLock } from './instance-lock.ts';

type Restored = ThingOf<'restored'>;

export async function putRestored(thing: Restored, tools: StepTools): Promise<void> {
  const client = await clientOf(thing.host, tools);
  const { instance, running } = thing;
  await tools.records.locks.hold(instanceLock(thing), async (held) => {
    const signal = AbortSignal.any([tools.signal, held]);
    await checkDoors(thing, client, signal);
    try {
      await putBack(thing, client, tools, signal);
    } catch (error) {
      // What ran before runs again, also when it could not be put back.
      if (running && !signal.aborted)
        await client
          .startInstance(instance, signal)
          .catch((err) => tools.log.warn({ err, instance }, 'starting it again'));
      throw error;
    }
    if (running) await client.startInstance(instance, signal);
  });
}

async function putBack(
  { instance, snapshot, kept }: Restored,
  client: LxdClient,
  { mention }: StepTools,
  signal: AbortSignal,
): Promise<void> {
  await mention(`stops ${instance}`);
  await client.stopInstance(instance, signal);
  await mention(`puts ${instance} back`);
  await client.restoreSnapshot(instance, snapshot, signal);
  await client.updateInstance(
    instance,
    ({ config, devices }) => {
      const next = withKept({ config, devices }, kept);
      return isDeepStrictEqual(next, { config, devices }) ? undefined : (structuredClone(next) as Change);
    },
    signal,
  );
}

type Change = Pick<LxdInstance, 'config' | 'devices'>;

/** There is no way back to what was not kept. */
export async function removeRestored(): Promise<void> {}

/**
 * Doors that came or went after the plan was made would be lost. What an earlier run has restored already is as the snapshot was.
 * @throws Fault foreign_object
 */
async function checkDoors(thing: Restored, client: LxdClient, signal: AbortSignal): Promise<void> {
  const [{ value }, snapshots] = await Promise.all([
    client.getInstance(thing.instance, signal),
    client.listSnapshots(thing.instance, signal),
  ]);
  const snapshot = snapshots.find(({ name }) => name === thing.snapshot);
  if (snapshot === undefined)
    throw new Fault('lxd_not_found', `restoring ${thing.instance}: its snapshot ${thing.snapshot} is gone`);
  const now = keptOf(value);
  if (isDeepStrictEqual(now, thing.kept) || isDeepStrictEqual(now, keptOf(snapshot))) return;
  throw new Fault('foreign_object', `restoring ${thing.instance}: its doors have just changed; ask again`);
}
