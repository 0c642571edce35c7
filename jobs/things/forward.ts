/**
 * Puts and removes one port of a network forward. LXD replaces the whole list of ports and does not check ETags here (measured
 * on 5.0.2), so everything for one listen address goes through one lock over all workers.
 */
import { MARK, parseTag, tagText } from '../../src/core/tags/door-tag.ts';
import { coversPort } from '../../src/core/world.ts';
import { Fault } from '../../src/errors.ts';
import type { LxdForward, LxdForwardPort } from '../../src/lxd/client.ts';
import type { ThingTools } from '../thing-tools.ts';

interface Forward {
  kind: 'forward';
  host: string;
  network: string;
  listenAddress: string;
  listenPort: number;
  protocol: 'tcp' | 'udp';
  targetAddress: string;
  targetPort: number;
}

/** Adds our port to the forward, making the forward when there is none. */
export async function putForward(thing: Forward, tools: ThingTools): Promise<void> {
  const { client, locks } = tools;
  const port = portOf(thing, tools);
  await locks.hold(forwardLock(thing), async (held) => {
    const signal = AbortSignal.any([tools.signal, held]);
    const current = await client.getForward(thing.network, thing.listenAddress, signal);
    if (current === undefined) {
      const fresh = {
        listen_address: thing.listenAddress,
        description: 'Drawbridge',
        config: { [MARK]: '1' },
        ports: [port],
      };
      return client.createForward(thing.network, fresh, signal);
    }
    const ports = withPort(current, port, thing, tools.door.id);
    if (ports !== undefined)
      await client.putForward(thing.network, thing.listenAddress, { ...current, ports }, signal);
  });
}

/** Takes our port off, and the forward with it when it is ours and empty. */
export async function removeForward(thing: Forward, tools: ThingTools): Promise<void> {
  const { client, locks, door } = tools;
  await locks.hold(forwardLock(thing), async (held) => {
    const signal = AbortSignal.any([tools.signal, held]);
    const current = await client.getForward(thing.network, thing.listenAddress, signal);
    if (current === undefined) return;
    const ports = current.ports.filter(({ description }) => parseTag(description)?.door !== door.id);
    if (ports.length === current.ports.length) return;
    if (ports.length === 0 && current.config[MARK] !== undefined) {
      return client.deleteForward(thing.network, thing.listenAddress, signal);
    }
    await client.putForward(thing.network, thing.listenAddress, { ...current, ports }, signal);
  });
}

/** The ports with ours among them; undefined when ours is there already. */
function withPort(
  current: LxdForward,
  port: LxdForwardPort,
  thing: Forward,
  door: string,
): LxdForwardPort[] | undefined {
  const place = `${thing.listenAddress}:${thing.listenPort}`;
  if (current.config[MARK] === undefined) {
    throw new Fault('foreign_object', `forwarding ${place}: the forward there was made by somebody else`);
  }
  const others = current.ports.filter(({ description }) => parseTag(description)?.door !== door);
  const taken = others.find(
    (each) => each.protocol === port.protocol && coversPort(each.listen_port, thing.listenPort),
  );
  if (taken !== undefined) {
    throw new Fault(
      'foreign_object',
      `forwarding ${place}: it has just been taken for ${taken.target_address}`,
    );
  }
  const own = current.ports.find(({ description }) => description === port.description);
  const same =
    own !== undefined &&
    own.protocol === port.protocol &&
    own.listen_port === port.listen_port &&
    own.target_address === port.target_address &&
    (own.target_port ?? own.listen_port) === port.target_port;
  return same ? undefined : [...others, port];
}

function portOf(thing: Forward, { door }: ThingTools): LxdForwardPort {
  return {
    description: tagText({
      door: door.id,
      instance: door.instance,
      port: door.port,
      protocol: door.protocol,
    }),
    protocol: thing.protocol,
    listen_port: String(thing.listenPort),
    target_address: thing.targetAddress,
    target_port: String(thing.targetPort),
  };
}

/** Everything that writes to one listen address of a host holds it. */
export function forwardLock({ host, listenAddress }: Pick<Forward, 'host' | 'listenAddress'>): string {
  return `forward:${host}/${listenAddress}`;
}
