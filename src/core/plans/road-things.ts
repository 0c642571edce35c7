/** Which things make up a road, on LXD and in a cloud. Pure. */
import type { CloudThing, LxdThing, Thing } from '../thing.ts';

const ON_LXD: readonly string[] = [
  'pin',
  'filter',
  'forward',
  'forwards',
  'proxy',
  'nic',
  'guard',
  'guard_end',
];

export function isLxdThing(thing: Thing): thing is LxdThing {
  return ON_LXD.includes(thing.kind);
}

export function isCloudThing(thing: Thing): thing is CloudThing {
  return 'owner' in thing && thing.kind !== 'nic';
}

/** Without what only the register has. */
export function roadThings(things: readonly Thing[]): (LxdThing | CloudThing)[] {
  return things.filter((thing) => isLxdThing(thing) || isCloudThing(thing));
}
