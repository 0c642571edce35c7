/** The doors that stand on a host, read from the tags on LXD's objects. Redis is not asked: the road is the truth. */
import type { DoorSpec, Thing } from './plan.ts';
import { isWithin, networkOf } from './sources.ts';
import type { BridgeWorld, HostWorld } from './world.ts';

/** A door as it stands on a host, with the things that make it. */
export interface StandingDoor {
  door: DoorSpec;
  /** Innermost first, as they were put. */
  things: Thing[];
}

/** Every door of ours on a host, read from the tags. */
export function standingDoors(host: HostWorld): StandingDoor[] {
  const forwards = host.forwards.flatMap(({ network, listenAddress, ports }) =>
    ports.flatMap(({ door, protocol, listenPort, targetAddress, targetPort, instance }): StandingDoor[] => {
      if (door === undefined || instance === undefined) return [];
      const thing = {
        kind: 'forward',
        host: host.host,
        network,
        listenAddress,
        protocol,
        targetAddress,
      } as const;
      const outer: Thing = { ...thing, listenPort: Number(listenPort), targetPort: Number(targetPort) };
      const side = { publicAddress: listenAddress, publicPort: Number(listenPort), protocol };
      return [
        standing(
          host,
          { id: door, instance, port: Number(targetPort), ...side, road: 'forward' },
          outer,
          targetAddress,
        ),
      ];
    }),
  );
  const proxies = host.proxies.flatMap((proxy): StandingDoor[] => {
    const { door, instance, protocol, listenAddress, connectAddress, nat } = proxy;
    if (door === undefined) return [];
    const [listenPort, connectPort] = [Number(proxy.listenPort), Number(proxy.connectPort)];
    const thing = {
      kind: 'proxy',
      host: host.host,
      instance,
      listenAddress,
      protocol,
      connectAddress,
      nat,
    } as const;
    const side = { publicAddress: listenAddress, publicPort: listenPort, protocol };
    const road = nat ? 'proxy' : 'userspace';
    return [
      standing(
        host,
        { id: door, instance, port: connectPort, ...side, road },
        { ...thing, listenPort, connectPort },
        connectAddress,
      ),
    ];
  });
  return [...forwards, ...proxies];
}

function standing(
  host: HostWorld,
  half: Omit<DoorSpec, 'host' | 'sources'>,
  outer: Thing,
  address: string,
): StandingDoor {
  const filter = host.filters.find(({ door }) => door === half.id);
  const inner: Thing[] = [];
  const nics = host.instances.find(({ name }) => name === half.instance)?.nics ?? [];
  const nic = nics.find(({ pinnedFor }) => pinnedFor.includes(half.id));
  if (nic?.pinned !== undefined) {
    inner.push({
      kind: 'pin',
      host: host.host,
      instance: half.instance,
      nic: nic.device,
      address: nic.pinned,
    });
  }
  if (filter !== undefined) {
    const { protocol, port, drops } = filter;
    const network = bridgeAt(host, address)?.network ?? '';
    inner.push({
      kind: 'filter',
      host: host.host,
      network,
      protocol,
      address,
      port,
      sources: [...filter.sources],
      drops: [...drops],
    });
  }
  const sources = filter === undefined ? ['0.0.0.0/0'] : [...filter.sources];
  return { door: { ...half, host: host.host, sources }, things: [...inner, outer] };
}

function bridgeAt(host: HostWorld, address: string): BridgeWorld | undefined {
  return host.bridges.find(({ ipv4 }) => ipv4 !== undefined && isWithin(`${address}/32`, [networkOf(ipv4)]));
}
