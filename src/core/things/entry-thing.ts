/** The entry of a door in the register, where a road is taken in as it stands. */
import type { CloudThing } from './cloud-thing.ts';
import type { LxdThing } from './lxd-thing.ts';

export interface EntryThing {
  kind: 'entry';
  /** Where the door is: a host, or for the road `server` a cloud. */
  host: string;
  /** The id of the door; the step says what it is. */
  door: string;
  /** What it is made of. */
  things: (LxdThing | CloudThing)[];
}
