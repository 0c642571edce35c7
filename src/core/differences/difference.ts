/** How a door can differ from what the register says of it: the names, and what can be done about each. Pure. */

import type { DoorSpec } from '../plan.ts';
import type { DifferenceName } from './difference-name.ts';

export type { DifferenceName };

/** repair: put again what is missing. adopt: the register takes the road as it is. close: the door goes. */
export type Remedy = 'repair' | 'adopt' | 'close';

/** One thing that is not as it should be with one door. A door has at most one of each name. */
export interface Difference {
  name: DifferenceName;
  /** As the register has it; an orphan as it stands. */
  door: DoorSpec;
  /** Without a full stop, for people: `the forward of 198.51.100.11:80 is gone`. */
  detail: string;
  remedies: readonly Remedy[];
  /** Not every host could be asked, so that an instance which seems deleted may be on one of those. */
  unsure?: true;
}

const REMEDIES: Readonly<Record<DifferenceName, readonly Remedy[]>> = {
  instance_deleted: ['close'],
  moved: ['repair', 'close'],
  stopped: ['close'],
  readdressed: ['repair', 'close'],
  rule_removed: ['repair', 'close'],
  rule_edited: ['repair', 'adopt', 'close'],
  foreign_in_the_way: ['repair', 'close'],
  guard_lost: ['repair', 'close'],
  floating_ip_gone: ['repair', 'close'],
  floating_ip_moved: ['repair', 'close'],
  group_off: ['repair', 'close'],
  rule_gone: ['repair', 'close'],
  pair_missing: ['repair', 'close'],
  orphan: ['adopt', 'close'],
};

/** A difference with the remedies that make sense for it. */
export function difference(name: DifferenceName, door: DoorSpec, detail: string): Difference {
  return { name, door, detail, remedies: REMEDIES[name] };
}

/** By what it is known from one pass to the next. */
export function keyOfDifference({ name, door }: Pick<Difference, 'name' | 'door'>): string {
  return `${door.id}:${name}`;
}

const WORDS: Readonly<Record<DifferenceName, string>> = {
  instance_deleted: 'Its instance is gone',
  moved: 'Its instance is on another host',
  stopped: 'Its instance is stopped',
  readdressed: 'Its instance has another address',
  rule_removed: 'Something of it was taken away',
  rule_edited: 'Something of it was changed by hand',
  foreign_in_the_way: 'Something that is not ours is in its place',
  guard_lost: 'The guard of its host lets nobody in',
  floating_ip_gone: 'Its floating IP is gone',
  floating_ip_moved: 'Its floating IP leads elsewhere',
  group_off: 'Its security group hangs on the port no more',
  rule_gone: 'Its rule in the cloud is gone',
  pair_missing: 'The host’s port may not carry its address any more',
  orphan: 'It stands, and the register does not know it',
};

/** The difference in a few words, as a heading. */
export function differenceInWords(name: DifferenceName): string {
  return WORDS[name];
}
