/** A door whose road is looked at: how it should be, and who made it. */
import type { HostCloud } from '../cloud-world.ts';
import type { DoorSpec } from '../plan.ts';
import type { Door } from '../record.ts';
import type { RoadName } from '../request.ts';
import type { Thing, ThingOf } from '../thing.ts';
import type { HostWorld, Listener } from '../world.ts';

export interface DoorWay {
  door: DoorSpec;
  /** ours: it is in the register or stands with our tags. foreign: somebody else made it. */
  made: 'ours' | 'foreign';
  /** How it should be, innermost first: from the register where that says it, else as it stands. */
  things: readonly Thing[];
  /** Something of it stands with our tag. */
  stands: boolean;
  known?: KnownDoor;
}

/** A door as the register has it, or will have it once it is proven. */
export type KnownDoor = Omit<Door, 'proof'> & Partial<Pick<Door, 'proof'>>;

/** Something that was looked at, or why it could not be. */
export type Sight<T> = { seen: T } | { why: string };

/** All that was seen for a road. */
export interface RoadSeen {
  /** Absent on the road to a server. */
  host?: Sight<HostWorld>;
  /** Absent where no cloud has a part in it. */
  cloud?: Sight<HostCloud>;
  /** What listens in the instance; absent: could not be seen. */
  listeners?: readonly Listener[];
  /** Name of the program that listens at the door's port, where it is known. */
  program?: string;
  /** Somebody asks whether these are let in. */
  from?: readonly string[];
  /** Milliseconds since 1970. */
  now: number;
}

/** The thing of a kind that the door should have. */
export function thingOf<Kind extends Thing['kind']>(way: DoorWay, kind: Kind): ThingOf<Kind> | undefined {
  return way.things.find((thing): thing is ThingOf<Kind> => thing.kind === kind);
}

/** Its public address, where one is known: `0.0.0.0` stands in the register for one that was never found. */
export function publicAddressOf({ known, door }: DoorWay): string | undefined {
  const address = known?.publicAddress ?? door.publicAddress;
  return address === '0.0.0.0' ? undefined : address;
}

const OWN_ADDRESS: readonly RoadName[] = ['routed', 'port', 'bridged', 'lan'];

/** The instance has an address of its own on this road. */
export function isOwnAddress({ road }: DoorWay['door']): boolean {
  return OWN_ADDRESS.includes(road);
}
