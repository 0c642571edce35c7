/** The last hops of a door: the instance's address, whether it runs, and what listens in it. */
import { portOf } from '../request.ts';
import type { HostWorld, InstanceWorld, Listener } from '../world.ts';
import { type DoorWay, isOwnAddress, type RoadSeen, thingOf } from './door-way.ts';
import { broken, fine, type Hop, skipped, unknown } from './hop.ts';
import { leadsTo } from './outer-hop.ts';
import { byHand, instanceOf, instanceRemedy, repairOf, unexposeText } from './remedy.ts';

/** From outside in. On a server nothing inside can be seen, and inside a host that does not answer neither. */
export function instanceHops(way: DoorWay, seen: RoadSeen): Hop[] {
  const { door } = way;
  const { host } = seen;
  const service = `service on ${door.instance}:${portOf(door.port, door.protocol)}`;
  if (host === undefined) return [skipped('listener', service, 'cannot be seen on a server from here')];
  if ('why' in host)
    return [unknown('instance', `instance ${door.instance}`, `cannot be seen without ${door.host}`)];
  const instance = host.seen.instances.find(({ name }) => name === door.instance);
  if (instance === undefined) return [gone(way)];
  if (instance.status !== 'Running') return [...pinHop(way, host.seen, instance), stopped(way, instance)];
  return [
    ...addressHop(way, host.seen, instance, seen),
    fine('instance', `instance ${door.instance}`, 'runs'),
    listenerHop(way, host.seen, seen),
  ];
}

function gone(way: DoorWay): Hop {
  const { instance, host } = way.door;
  const seen = `is not on ${host} any more`;
  const name = `instance ${instance}`;
  if (!way.stands || way.made === 'foreign')
    return broken('instance', name, seen, byHand('`/lxd list` shows where there is one of that name.'));
  return broken('instance', name, seen, {
    kind: 'command',
    command: unexposeText(way),
    label: 'Close the door',
  });
}

function stopped(way: DoorWay, { name, status }: InstanceWorld): Hop {
  const action = status === 'Stopped' ? 'start' : 'restart';
  return broken('instance', `instance ${name}`, `is ${status.toLowerCase()}`, instanceRemedy(way, action));
}

/** A stopped instance has no address; what is set for it tells which one it will have. */
function pinHop(way: DoorWay, host: HostWorld, { nics, name }: InstanceWorld): Hop[] {
  const target = leadsTo(way, host)?.address;
  if (target === undefined || target.startsWith('127.')) return [];
  const kept = nics.some(({ pinned }) => pinned === target);
  return [
    skipped(
      'address',
      `address of ${name}`,
      kept ? `is set to ${target} for its next start` : 'is there only while it runs',
    ),
  ];
}

function addressHop(
  way: DoorWay,
  host: HostWorld,
  { nics, name, card }: InstanceWorld,
  { cloud }: RoadSeen,
): Hop[] {
  const title = `address of ${name}`;
  if (isOwnAddress(way.door)) {
    const wanted =
      cloud !== undefined && 'seen' in cloud ? ownAddress(way, cloud.seen.cloud.ports) : undefined;
    const has = nics.find(({ device }) => device === (thingOf(way, 'nic')?.device ?? card?.device))?.address;
    if (wanted === undefined) return [];
    if (has === undefined)
      return [unknown('address', title, `LXD shows none on its card; it should be ${wanted}`)];
    return [
      has === wanted
        ? fine('address', title, `is ${has}`)
        : broken(
            'address',
            title,
            `is ${has}, and the cloud knows it as ${wanted}`,
            instanceRemedy(way, 'restart'),
          ),
    ];
  }
  const target = leadsTo(way, host)?.address;
  if (target === undefined || target.startsWith('127.')) return [];
  const nic = nics.find(({ address }) => address === target);
  if (nic !== undefined)
    return [
      fine(
        'address',
        title,
        `is ${target}${nic.pinned === target ? ', and is kept' : ', but it is not set to keep it'}`,
      ),
    ];
  const now = nics.flatMap(({ address }) => (address === undefined ? [] : [address]));
  const other = host.instances.find((each) => each.nics.some(({ address }) => address === target));
  const whose = other === undefined ? 'nobody has' : `${other.name} has`;
  if (now.length === 0)
    return [
      broken(
        'address',
        title,
        `is not there yet; the door leads to ${target}`,
        instanceRemedy(way, 'restart'),
      ),
    ];
  return [
    broken(
      'address',
      title,
      `is ${now.join(', ')} now; the door leads to ${target}, which ${whose}`,
      repairOf(way),
    ),
  ];
}

function ownAddress(
  { door }: DoorWay,
  ports: readonly { address: string; owners: readonly string[] }[],
): string | undefined {
  return ports.find(({ owners }) => owners.includes(door.id))?.address;
}

function listenerHop(way: DoorWay, host: HostWorld, { listeners, program }: RoadSeen): Hop {
  const { door } = way;
  const service = portOf(door.port, door.protocol);
  const name = `service on ${door.instance}:${service}`;
  if (listeners === undefined) return unknown('listener', name, `could not be seen inside ${door.instance}`);
  const there = listeners.filter(({ port, protocol }) => port === door.port && protocol === door.protocol);
  if (there.length === 0)
    return broken(
      'listener',
      name,
      'is missing: nothing listens there',
      byHand(`Start the service in ${door.instance}; the door needs no new request.`),
    );
  const who = program === undefined ? '' : `${program}, `;
  const at = there.map(({ address }) => address).join(', ');
  if (there.some((each) => reaches(each, leadsTo(way, host)?.address)))
    return fine('listener', name, `listens (${who}${at})`);
  return broken(
    'listener',
    name,
    `listens on ${at} only${program === undefined ? '' : ` (${program})`}, which the door does not reach`,
    bindRemedy(way),
  );
}

/** @param target where the packets go; undefined: to an address of the instance's own */
function reaches({ address }: Listener, target: string | undefined): boolean {
  if (address === '0.0.0.0' || address === '::') return true;
  if (address === '::1' || address.startsWith('127.')) return target === address;
  return target === undefined || target === address;
}

function bindRemedy(way: DoorWay) {
  const { instance, port, protocol, road, sources } = way.door;
  const text = `Let the service in ${instance} listen on 0.0.0.0:${port}; the door needs no new request.`;
  const isAnyone = sources.includes('0.0.0.0/0');
  if (road === 'userspace' || way.made === 'foreign' || !isAnyone) return byHand(text);
  const other = `Or close this door and take the road that reaches 127.0.0.1: \`/lxd expose ${instanceOf(way)} ${portOf(port, protocol)} via userspace\`.`;
  return byHand(`${text} ${other}`);
}
