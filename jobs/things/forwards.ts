/** Takes the ports of many doors off a forward with one call, for when there is no time for one after the other. */
import { MARK, parseTag } from '../../src/core/tags/door-tag.ts';
import type { ThingOf } from '../../src/core/thing.ts';
import { clientOf, type StepTools } from '../thing-tools.ts';
import { forwardLock } from './forward.ts';

type Forwards = ThingOf<'forwards'>;

/** Doors are opened one by one. */
export async function putForwards({ listenAddress }: Forwards): Promise<void> {
  throw new Error(`the forwards at ${listenAddress} can only be removed together`);
}

/** Leaves every other port as it is; the forward itself goes when it is ours and empty. */
export async function removeForwards(thing: Forwards, tools: StepTools): Promise<void> {
  const { host, network, listenAddress } = thing;
  const client = await clientOf(host, tools);
  const gone = new Set(thing.doors);
  await tools.records.locks.hold(forwardLock(thing), async (held) => {
    const signal = AbortSignal.any([tools.signal, held]);
    const current = await client.getForward(network, listenAddress, signal);
    if (current === undefined) return;
    const ports = current.ports.filter(({ description }) => !gone.has(parseTag(description)?.door ?? ''));
    if (ports.length === current.ports.length) return;
    if (ports.length === 0 && current.config[MARK] !== undefined)
      return client.deleteForward(network, listenAddress, signal);
    await client.putForward(network, listenAddress, { ...current, ports }, signal);
  });
}
