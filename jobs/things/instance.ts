/** Makes and deletes an instance as a whole. What is made carries the mark of its request from the moment it is there. */
import { MARK } from '../../src/core/tags/door-tag.ts';
import type { ThingOf } from '../../src/core/thing.ts';
import { Fault, isFault } from '../../src/errors.ts';
import type { LxdClient, LxdInstance } from '../../src/lxd/client.ts';
import { clientOf, type StepTools } from '../thing-tools.ts';
import { instanceLock } from './instance-lock.ts';

type Instance = ThingOf<'instance'>;
type Made = Instance & { from: NonNullable<Instance['from']> };

/** Makes it, or finds the one that was made. */
export async function putInstance(thing: Instance, tools: StepTools): Promise<void> {
  if (!isMade(thing)) throw new Error('an instance is put without what to make it from');
  const client = await clientOf(thing.host, tools);
  await tools.records.locks.hold(instanceLock(thing), async (held) => {
    const signal = AbortSignal.any([tools.signal, held]);
    if (await stands(thing, client, tools, signal)) return;
    const { profiles, image, request } = thing.from;
    const wanted = {
      name: thing.instance,
      source: image,
      config: { [MARK]: request },
      ...(profiles && { profiles }),
    };
    try {
      await client.createInstance(wanted, tools.say, signal);
    } catch (error) {
      // Another worker, or a call of ours whose answer was lost, may have made it meanwhile.
      if (!isFault(error) || !(await stands(thing, client, tools, signal))) throw error;
    }
  });
}

/** Stops it and deletes it; made for a request, only if it still carries its mark. One that is gone is gone. */
export async function removeInstance(thing: Instance, tools: StepTools): Promise<void> {
  const client = await clientOf(thing.host, tools);
  await tools.records.locks.hold(instanceLock(thing), async (held) => {
    const signal = AbortSignal.any([tools.signal, held]);
    const present = await find(thing.instance, client, signal);
    if (present === undefined) return;
    if (isMade(thing) && present.config[MARK] !== thing.from.request) return;
    try {
      await client.awaitInstance(thing.instance, tools.mention, signal);
      await client.stopInstance(thing.instance, signal);
      await client.deleteInstance(thing.instance, signal);
    } catch (error) {
      if (!isFault(error, 'lxd_not_found')) throw error;
    }
  });
}

function isMade(thing: Instance): thing is Made {
  return thing.from !== undefined;
}

/** Whether it is there, and whole: one that is still being made by an earlier call is waited for. @throws Fault foreign_object */
async function stands(
  thing: Made,
  client: LxdClient,
  { mention }: StepTools,
  signal: AbortSignal,
): Promise<boolean> {
  if (!(await isOurs(thing, client, signal))) return false;
  await client.awaitInstance(thing.instance, mention, signal);
  return isOurs(thing, client, signal);
}

async function isOurs(thing: Made, client: LxdClient, signal: AbortSignal): Promise<boolean> {
  const present = await find(thing.instance, client, signal);
  if (present === undefined) return false;
  if (present.config[MARK] === thing.from.request) return true;
  throw new Fault(
    'foreign_object',
    `making ${thing.instance}: ${thing.host} has just got an instance of this name from somebody else`,
  );
}

async function find(name: string, client: LxdClient, signal: AbortSignal): Promise<LxdInstance | undefined> {
  try {
    return (await client.getInstance(name, signal)).value;
  } catch (error) {
    if (isFault(error, 'lxd_not_found')) return undefined;
    throw error;
  }
}
