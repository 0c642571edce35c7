/** The hops of a door in a cloud: floating IP, group and rule, the instance's own port, the pair on the host's. */
import type { FloatingIpWorld, HostCloud, PortWorld } from '../cloud-world.ts';
import { portOf } from '../request.ts';
import { isWithin } from '../sources.ts';
import { type DoorWay, isOwnAddress, publicAddressOf, type RoadSeen, thingOf } from './door-way.ts';
import { broken, fine, type Hop, skipped, unknown } from './hop.ts';
import { byHand, repairOf } from './remedy.ts';
import { ruleHops } from './rule-hop.ts';

/** From outside in; one that is unknown where the cloud could not be looked at, none where there is no cloud. */
export function cloudHops(way: DoorWay, { cloud }: RoadSeen): Hop[] {
  if (cloud === undefined) return [];
  if ('why' in cloud) return [unknown('public_address', 'the cloud', `could not be looked at: ${cloud.why}`)];
  const host = cloud.seen;
  return [
    addressHop(way, host),
    ...forwardingHop(way, host),
    ...ruleHops(way, host),
    ...ownPortHops(way, host),
    ...serverHop(host),
  ];
}

function addressHop(way: DoorWay, host: HostCloud): Hop {
  const { cloud, server } = host;
  const wanted = publicAddressOf(way);
  const goal = isOwnAddress(way.door) ? ownPort(way, host) : server.port;
  const whose = isOwnAddress(way.door) ? way.door.instance : server.name;
  const found = cloud.floatingIps.find(({ address, port }) =>
    wanted === undefined ? goal !== undefined && port === goal.id : address === wanted,
  );
  const name = `floating IP${wanted === undefined ? '' : ` ${wanted}`}`;
  const bad = (seen: string) => broken('public_address', name, seen, repairOf(way));
  if (found === undefined)
    return bad(
      wanted === undefined ? `no one leads to ${whose}` : `is not in this project of ${cloud.cloud} any more`,
    );
  if (way.door.road === 'fip-port')
    return found.port === undefined
      ? fine('public_address', name, 'is there, and leads on single ports')
      : bad('leads to a port as a whole now, so that no single ports can be led on');
  if (found.port === undefined) return bad(`leads nowhere; it should lead to the port of ${whose}`);
  if (found.port !== goal?.id)
    return bad(`leads to another port${ownerOf(found, host)}, not to that of ${whose}`);
  return fine('public_address', name, `leads to the port of ${whose} (${goal.address})`);
}

function ownerOf({ port }: FloatingIpWorld, { cloud, server }: HostCloud): string {
  if (port === server.port.id) return `, that of ${server.name}`;
  const known = [...cloud.ports, ...cloud.serverPorts].find(({ id }) => id === port);
  return known === undefined ? '' : ` (${known.address})`;
}

function forwardingHop(way: DoorWay, { cloud, server }: HostCloud): Hop[] {
  const { door } = way;
  if (door.road !== 'fip-port') return [];
  const wanted = thingOf(way, 'port_forwarding');
  const service = portOf(door.publicPort, door.protocol);
  const name = `port forwarding of ${service}`;
  const all = cloud.floatingIps.flatMap(({ forwardings }) => forwardings);
  const there = all.find(({ owner }) => owner === door.id);
  if (there === undefined) return [broken('port_forwarding', name, 'is gone', repairOf(way))];
  const isRight = there.port === server.port.id && (wanted === undefined || there.targetPort === wanted.port);
  const seen = `leads to ${there.address}:${there.targetPort}`;
  return [
    isRight
      ? fine('port_forwarding', name, seen)
      : broken('port_forwarding', name, `${seen}, not to ${server.name}`, repairOf(way)),
  ];
}

/** Only on roads with an address of the instance's own. */
function ownPortHops(way: DoorWay, host: HostCloud): Hop[] {
  const { door } = way;
  if (!isOwnAddress(door)) return [];
  const { cloud, server } = host;
  const name = `port of ${door.instance} in ${cloud.cloud}`;
  const port = ownPort(way, host);
  if (port === undefined)
    return [
      broken('cloud_port', name, 'is gone', repairOf(way)),
      ...(door.road === 'port' ? [] : [skipped('pair', 'address pair', 'there is no address to carry')]),
    ];
  if (door.road === 'port')
    return [
      port.plugged
        ? fine('cloud_port', name, `is plugged into ${server.name} (${port.address})`)
        : broken('cloud_port', name, `is not plugged into ${server.name}`, repairOf(way)),
    ];
  return [fine('cloud_port', name, `keeps ${port.address}`), pairHop(way, host, port)];
}

function pairHop(way: DoorWay, { server }: HostCloud, port: PortWorld): Hop {
  const name = `address pair on the port of ${server.name}`;
  if (!server.port.security) return fine('pair', name, 'is not needed: the port has no port security');
  const pair = server.port.pairs.find(({ address }) =>
    isWithin(`${port.address}/32`, [address.includes('/') ? address : `${address}/32`]),
  );
  if (pair === undefined)
    return broken(
      'pair',
      name,
      `is gone: the cloud drops what ${server.name} carries for ${port.address}`,
      repairOf(way),
    );
  const mac = way.door.road === 'bridged' ? port.mac : server.port.mac;
  if (pair.mac !== undefined && pair.mac !== mac)
    return broken(
      'pair',
      name,
      `names ${pair.mac} and not ${mac}, so the cloud drops what comes from it`,
      repairOf(way),
    );
  return fine('pair', name, `lets ${server.name} carry ${port.address}`);
}

function ownPort({ door }: DoorWay, { cloud }: HostCloud): PortWorld | undefined {
  return cloud.ports.find(({ owners }) => owners.includes(door.id));
}

function serverHop({ server, cloud }: HostCloud): Hop[] {
  const name = `server ${server.name}`;
  if (server.status === 'ACTIVE') return [fine('server', name, `is active in ${cloud.cloud}`)];
  return [
    broken(
      'server',
      name,
      `is ${server.status} in ${cloud.cloud}`,
      byHand(`Start the server in ${cloud.cloud}.`),
    ),
  ];
}
