/** Compares the doors of the register with the road as it is. Pure; what could not be seen is not asked about here. */
import type { CloudWorld } from '../cloud-world.ts';
import { standingServerDoors } from '../plans/plan-server.ts';
import { isCloudThing, isLxdThing } from '../plans/road-things.ts';
import type { Door } from '../record.ts';
import { publicSideOf } from '../step-words.ts';
import { strayDoors } from '../tags/remaining-things.ts';
import { type StandingDoor, standingDoors } from '../tags/standing-doors.ts';
import type { Thing } from '../thing.ts';
import type { HostWorld, InstanceWorld } from '../world.ts';
import { compareCloudThing } from './compare-cloud-thing.ts';
import { compareLxdThing, type Flaw } from './compare-lxd-thing.ts';
import { type Difference, type DifferenceName, difference } from './difference.ts';

/** What is known beside one host. */
export interface Beside {
  /** Other hosts that have an instance of this name, asked now; undefined where not all of them answered and none has it. */
  elsewhere(instance: string): readonly string[] | undefined;
  /** Whether the register has a door of this id, on whichever host, or one is just being made. */
  isKnown(id: string): boolean;
}

/**
 * The differences of one host that was seen whole.
 * @param doors those that the register has on it
 * @param now milliseconds since 1970
 */
export function differencesOf(
  doors: readonly Door[],
  host: HostWorld,
  beside: Beside,
  now: number,
): Difference[] {
  const standing = new Map(standingDoors(host).map((each) => [each.door.id, each]));
  const names = new Map(host.instances.map((each) => [each.name, each]));
  return [
    ...doors.flatMap((door) => {
      const instance = names.get(door.instance);
      if (instance === undefined) return [withoutInstance(door, beside)];
      return ofDoor(door, { host, instance, standing: standing.get(door.id), now });
    }),
    ...strayDoors(host, beside.isKnown).map(orphan),
  ];
}

/** The differences of the doors to servers of one cloud. */
export function serverDifferencesOf(
  doors: readonly Door[],
  cloud: CloudWorld,
  isKnown: Beside['isKnown'],
): Difference[] {
  const strays = standingServerDoors(cloud).filter(({ door }) => !isKnown(door.id));
  const ofDoors = doors.flatMap((door) =>
    together(
      door,
      (door.things ?? []).flatMap((thing) =>
        isCloudThing(thing) ? (compareCloudThing(thing, cloud) ?? []) : [],
      ),
    ),
  );
  return [...ofDoors, ...strays.map(orphan)];
}

function withoutInstance(door: Door, { elsewhere }: Beside): Difference {
  const others = elsewhere(door.instance);
  const [first] = others ?? [];
  if (first !== undefined)
    return difference('moved', door, `${door.instance} is no longer on ${door.host}; ${first} has it`);
  const gone = difference('instance_deleted', door, `${door.instance} is no longer on ${door.host}`);
  if (others !== undefined) return gone;
  const detail = `${gone.detail}, and not every other host could be asked for it`;
  return { ...gone, detail, unsure: true };
}

interface Seen {
  host: HostWorld;
  instance: InstanceWorld;
  standing: StandingDoor | undefined;
  now: number;
}

function ofDoor(door: Door, seen: Seen): Difference[] {
  const { host, instance, standing, now } = seen;
  const stopped =
    instance.status === 'Running'
      ? []
      : [difference('stopped', door, `${instance.name} is ${instance.status.toLowerCase()}`)];
  const other = instance.status === 'Running' ? otherAddress(door, seen) : undefined;
  const things = door.things ?? [];
  const flaws = things.flatMap((thing) => {
    // A device of a stopped instance is as it was written; its address is not what the pin is compared with.
    if (other !== undefined && thing.kind === 'pin') return [];
    return compare(thing, door, host) ?? [];
  });
  const bare = things.length === 0 && standing === undefined ? [nothingStands(door)] : [];
  const readdressed = other === undefined ? [] : [difference('readdressed', door, other)];
  return [...stopped, ...readdressed, ...together(door, [...flaws, ...bare]), ...guardOf(door, host, now)];
}

function nothingStands(door: Door): Flaw {
  return { name: 'rule_removed', detail: `nothing stands at ${publicSideOf(door)}` };
}

function compare(thing: Thing, door: Door, host: HostWorld): Flaw | undefined {
  if (isCloudThing(thing))
    return host.cloud && compareCloudThing(thing, host.cloud.cloud, host.cloud.server.port);
  return isLxdThing(thing) ? compareLxdThing(thing, door, host) : undefined;
}

/** Where the door leads to an address that the instance has no more. An instance that has none yet is only starting. */
function otherAddress(door: Door, { host, instance, standing }: Seen): string | undefined {
  const outer = [...(standing?.things ?? []), ...(door.things ?? [])].find(
    (thing) => thing.kind === 'forward' || (thing.kind === 'proxy' && thing.nat),
  );
  const target =
    outer?.kind === 'forward'
      ? outer.targetAddress
      : outer?.kind === 'proxy'
        ? outer.connectAddress
        : undefined;
  const has = instance.nics.flatMap(({ network, address }) =>
    network === undefined || address === undefined ? [] : [address],
  );
  if (target === undefined || has.length === 0 || has.includes(target)) return undefined;
  const heir = host.instances.find(
    ({ name, nics }) => name !== instance.name && nics.some(({ address }) => address === target),
  );
  const whose = heir === undefined ? '' : `, which ${heir.name} has now`;
  return `${instance.name} has ${has.join(' and ')}, and the door leads to ${target}${whose}`;
}

/** In the guard without anybody to let in, and its end has not come: the host was started anew. */
function guardOf(door: Door, { guard, host }: HostWorld, now: number): Difference[] {
  const kept = guard?.doors.find((each) => each.door === door.id);
  if (kept === undefined || (door.endsAt !== undefined && door.endsAt <= now)) return [];
  if (kept.sources.length > 0)
    return isTooLong(door, kept.endsInSeconds, now) ? [lastsTooLong(door, host)] : [];
  return [difference('guard_lost', door, `the guard of ${host} lets nobody in to ${publicSideOf(door)}`)];
}

/** Both clocks, and the look itself, may be off by this much, in milliseconds. */
const SLACK_MS = 60_000;

function isTooLong({ endsAt }: Door, seconds: number | undefined, now: number): boolean {
  if (endsAt === undefined) return false;
  return seconds === undefined || now + seconds * 1_000 > endsAt + SLACK_MS;
}

function lastsTooLong(door: Door, host: string): Difference {
  return difference(
    'rule_edited',
    door,
    `the guard of ${host} lets in to ${publicSideOf(door)} beyond its end`,
  );
}

function orphan({ door }: StandingDoor): Difference {
  const where = `${door.host}/${door.instance}`;
  const side = door.publicAddress === undefined ? 'something of ours' : publicSideOf(door);
  return difference('orphan', door, `${side} for ${where} stands, and no door of the register needs it`);
}

/** One difference for each name, with all that it is about. */
function together(door: Door, flaws: readonly Flaw[]): Difference[] {
  const names = [...new Set(flaws.map(({ name }) => name))] as DifferenceName[];
  return names.map((name) => {
    const details = flaws.filter((flaw) => flaw.name === name).map(({ detail }) => detail);
    return difference(name, door, [...new Set(details)].join('; '));
  });
}
