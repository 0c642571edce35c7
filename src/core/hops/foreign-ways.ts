/** Ways in that Drawbridge did not make: forwards and proxy devices of others, and floating IPs that lead straight to a server. Pure. */
import type { HostCloud } from '../cloud-world.ts';
import type { DoorSpec } from '../plan.ts';
import { standingServerDoors } from '../plans/plan-server.ts';
import type { Protocol, RoadName, WhyCommand } from '../request.ts';
import { ANYONE } from '../sources.ts';
import type { Thing } from '../thing.ts';
import { coversPort, type ForwardWorld, type HostWorld, type ProxyWorld } from '../world.ts';
import type { DoorWay } from './door-way.ts';
import { lettingIn } from './rule-hop.ts';

/** Those of an instance. */
export function foreignWays(
  wanted: WhyCommand,
  host: HostWorld | undefined,
  cloud: HostCloud | undefined,
): DoorWay[] {
  if (host === undefined) return [];
  return [
    ...host.forwards.flatMap((forward) => forwardWays(wanted, forward, host)),
    ...host.proxies.flatMap((proxy) => proxyWays(wanted, proxy, host)),
  ].map((way) => (cloud === undefined ? way : inCloud(way, cloud)));
}

/** Those of a server: a floating IP that leads to it and a rule that lets somebody in, and no door of ours beside. */
export function foreignServerWays(wanted: WhyCommand, host: HostCloud | undefined): DoorWay[] {
  if (host === undefined) return [];
  const { cloud, server } = host;
  const { port, protocol } = wanted;
  const isOurs = standingServerDoors(cloud).some(
    ({ door }) => door.instance === server.name && door.port === port && door.protocol === protocol,
  );
  if (isOurs) return [];
  return cloud.floatingIps
    .filter((address) => address.port === server.port.id)
    .map(({ address: publicAddress }): DoorWay => {
      const door = { ...specOf(wanted, cloud.cloud, 'server', port), publicAddress };
      return { door, made: 'foreign', things: [], stands: true };
    })
    .filter((way) => (lettingIn(way, host)?.admits ?? [ANYONE]).length > 0);
}

function forwardWays(wanted: WhyCommand, forward: ForwardWorld, host: HostWorld): DoorWay[] {
  const { network, listenAddress, ports, defaultTarget } = forward;
  const nics = host.instances.find(({ name }) => name === wanted.target.instance)?.nics ?? [];
  const isHis = (target: string) =>
    nics.some(({ address, pinned }) => address === target || pinned === target);
  const { port, protocol } = wanted;
  const hits = ports
    .filter(
      (each) =>
        each.door === undefined &&
        each.protocol === protocol &&
        isHis(each.targetAddress) &&
        coversPort(each.targetPort, port),
    )
    .map(({ listenPort, targetAddress, targetPort }) => ({
      listenPort: facing(listenPort, targetPort, port),
      targetAddress,
    }));
  // Ports that are named go their own way; all others to the default target.
  const isNamed = ports.some((each) => each.protocol === protocol && coversPort(each.listenPort, port));
  if (defaultTarget !== undefined && isHis(defaultTarget) && !isNamed)
    hits.push({ listenPort: port, targetAddress: defaultTarget });
  return hits.map(({ listenPort, targetAddress }) => {
    const thing: Thing = {
      kind: 'forward',
      host: host.host,
      network,
      listenAddress,
      listenPort,
      protocol,
      targetAddress,
      targetPort: port,
    };
    return foreignWay(wanted, host, 'forward', { listenAddress, listenPort }, thing);
  });
}

function proxyWays(wanted: WhyCommand, proxy: ProxyWorld, host: HostWorld): DoorWay[] {
  const { instance, port, protocol } = { ...wanted, instance: wanted.target.instance };
  const isHit =
    proxy.door === undefined &&
    proxy.instance === instance &&
    proxy.protocol === protocol &&
    coversPort(proxy.connectPort, port);
  if (!isHit) return [];
  const { listenAddress, connectAddress, nat } = proxy;
  const listenPort = facing(proxy.listenPort, proxy.connectPort, port);
  const thing: Thing = {
    kind: 'proxy',
    host: host.host,
    instance,
    listenAddress,
    listenPort,
    protocol,
    connectAddress,
    connectPort: port,
    nat,
  };
  return [foreignWay(wanted, host, nat ? 'proxy' : 'userspace', { listenAddress, listenPort }, thing)];
}

function foreignWay(
  wanted: WhyCommand,
  host: HostWorld,
  road: RoadName,
  { listenAddress, listenPort }: { listenAddress: string; listenPort: number },
  thing: Thing,
): DoorWay {
  // Every address of the host: people know it by its public one.
  const publicAddress = listenAddress === '0.0.0.0' ? host.publicAddress : listenAddress;
  const door = {
    ...specOf(wanted, host.host, road, listenPort),
    ...(publicAddress !== undefined && { publicAddress }),
  };
  return { door, made: 'foreign', things: [thing], stands: true };
}

/** In a cloud the host's own address is not the public one: that is the floating IP that leads there. */
function inCloud(way: DoorWay, { cloud, server }: HostCloud): DoorWay {
  const { publicAddress: _, ...door } = way.door;
  const found = cloud.floatingIps.find(({ port }) => port === server.port.id);
  return { ...way, door: { ...door, ...(found !== undefined && { publicAddress: found.address }) } };
}

function specOf(
  { target, port, protocol }: WhyCommand,
  host: string,
  road: RoadName,
  publicPort: number,
): DoorSpec {
  return {
    id: 'foreign',
    host,
    instance: target.instance,
    port,
    protocol: protocol satisfies Protocol,
    publicPort,
    road,
    sources: [ANYONE],
  };
}

/** The port on the outside that leads to one inside: ranges of one length lead on one by one, others are told by their first. */
function facing(listen: string, target: string, port: number): number {
  const [outside, inside] = [portsIn(listen), portsIn(target)];
  const at = inside.indexOf(port);
  return (outside.length === inside.length ? outside[at] : outside[0]) ?? port;
}

function portsIn(notation: string): number[] {
  return notation.split(',').flatMap((part) => {
    const [from = '', to = from] = part.trim().split('-');
    return Array.from({ length: Number(to) - Number(from) + 1 }, (_, index) => Number(from) + index);
  });
}
