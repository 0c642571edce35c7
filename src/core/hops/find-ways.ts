/** The doors to a port of an instance or server: those of the register, those that stand, and those that others made. Pure. */
import type { HostCloud } from '../cloud-world.ts';
import type { DoorSpec } from '../plan.ts';
import { standingServerDoors } from '../plans/plan-server.ts';
import type { Door } from '../record.ts';
import type { WhyCommand } from '../request.ts';
import { type StandingDoor, standingDoors } from '../tags/standing-doors.ts';
import type { HostWorld } from '../world.ts';
import type { DoorWay, RoadSeen, Sight } from './door-way.ts';
import { foreignServerWays, foreignWays } from './foreign-ways.ts';

/**
 * Ours first, the oldest in front.
 * @param registered those of the register that are meant
 * @param place what was seen of the host, or of the cloud whose server is meant
 */
export function findWays(
  wanted: WhyCommand,
  registered: readonly Door[],
  place: Pick<RoadSeen, 'host' | 'cloud'>,
): DoorWay[] {
  const [host, cloud] = [seenOf(place.host), seenOf(place.cloud)];
  const standing = standingOf(wanted, host, cloud);
  const loose = standing.filter(
    ({ door }) => isMeant(wanted, door) && !registered.some(({ id }) => id === door.id),
  );
  const foreign =
    wanted.target.server === true ? foreignServerWays(wanted, cloud) : foreignWays(wanted, host, cloud);
  return [
    ...registered.map((door) =>
      registeredWay(
        door,
        standing.find((each) => each.door.id === door.id),
      ),
    ),
    ...loose.map(({ door, things }): DoorWay => ({ door, made: 'ours', things, stands: true })),
    ...foreign.filter(({ door }) => isAt(wanted, door) && !isSameAddress(door, registered)),
  ];
}

/** A door of ours to a server may stand on a floating IP and rules of others alone. */
function isSameAddress({ road, publicAddress }: DoorSpec, registered: readonly Door[]): boolean {
  return road === 'server' && registered.some((each) => each.publicAddress === publicAddress);
}

function seenOf<T>(sight: Sight<T> | undefined): T | undefined {
  return sight !== undefined && 'seen' in sight ? sight.seen : undefined;
}

/** Whether a door is one that was asked about. */
export function isMeant(wanted: WhyCommand, door: DoorSpec): boolean {
  const { target, port, protocol } = wanted;
  return (
    door.instance === target.instance &&
    (target.host === undefined || target.host === door.host) &&
    (target.server === true) === (door.road === 'server') &&
    door.port === port &&
    door.protocol === protocol &&
    isAt(wanted, door)
  );
}

function isAt({ publicAddress, publicPort }: WhyCommand, door: DoorSpec): boolean {
  return (
    (publicPort === undefined || door.publicPort === publicPort) &&
    (publicAddress === undefined || door.publicAddress === publicAddress)
  );
}

function standingOf(
  { target }: WhyCommand,
  host: HostWorld | undefined,
  cloud: HostCloud | undefined,
): StandingDoor[] {
  if (target.server === true) return cloud === undefined ? [] : standingServerDoors(cloud.cloud);
  return host === undefined ? [] : standingDoors(cloud === undefined ? host : { ...host, cloud });
}

function registeredWay(known: Door, standing: StandingDoor | undefined): DoorWay {
  const { id, host, instance, port, protocol, publicAddress, publicPort, road, sources } = known;
  const door = { id, host, instance, port, protocol, publicAddress, publicPort, road, sources };
  return {
    door,
    made: 'ours',
    things: known.things ?? standing?.things ?? [],
    stands: standing !== undefined,
    known,
  };
}
