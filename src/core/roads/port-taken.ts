/** Who has a public port already. */
import type { Refusal } from '../refusal.ts';
import { type Protocol, portOf } from '../request.ts';
import { coversPort, type ExposeWorld } from '../world.ts';

/** Where a host listens for a door, and where that is seen from outside. */
export interface Outside {
  /** The host's own address: of its interface, which in a cloud is not the public one. */
  listenAddress: string;
  /** Absent: a floating IP that is not taken yet. */
  publicAddress?: string;
  publicPort: number;
}

/** Why a public port cannot be had, or undefined when it is free. What `door` made itself is not in its way. */
export function takenBy(
  outside: Outside & { protocol: Protocol },
  world: ExposeWorld,
  door: string,
): Pick<Refusal, 'reason' | 'message'> | undefined {
  const { listenAddress, publicAddress = listenAddress, publicPort, protocol } = outside;
  const side = `${publicAddress}:${portOf(publicPort, protocol)}`;
  const forward = world.host.forwards.find((each) => each.listenAddress === listenAddress);
  if (forward?.defaultTarget !== undefined) {
    return {
      reason: 'port_taken',
      message: `Every port of ${publicAddress} is forwarded to ${forward.defaultTarget} already.`,
    };
  }
  const port = forward?.ports.find(
    (each) => each.protocol === protocol && coversPort(each.listenPort, publicPort),
  );
  if (port !== undefined && port.door !== door) {
    const message = `${side} is forwarded to ${port.targetAddress}:${port.targetPort} already${ownerOf(port.door)}.`;
    return { reason: port.door === undefined ? 'port_taken' : 'already_open', message };
  }
  const proxy = world.host.proxies.find(
    (each) =>
      each.protocol === protocol &&
      (each.listenAddress === listenAddress || each.listenAddress === '0.0.0.0') &&
      coversPort(each.listenPort, publicPort),
  );
  if (proxy !== undefined && proxy.door !== door) {
    const message = `${side} is proxied to ${proxy.instance}:${proxy.connectPort} already${ownerOf(proxy.door)}.`;
    return { reason: proxy.door === undefined ? 'port_taken' : 'already_open', message };
  }
  if (world.answersAlready && port === undefined && proxy === undefined) {
    return {
      reason: 'port_taken',
      message: `Something on ${world.host.host} itself answers at ${side} already.`,
    };
  }
  return undefined;
}

function ownerOf(door: string | undefined): string {
  return door === undefined ? ', not by Drawbridge' : ` (${door})`;
}
