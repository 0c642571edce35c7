/** One thing that Drawbridge makes. It can be put and removed, each as often as one likes. */
import type { CloudThing } from './things/cloud-thing.ts';
import type { EndThing } from './things/end-thing.ts';
import type { EntryThing } from './things/entry-thing.ts';
import type { HostThing } from './things/host-thing.ts';
import type { InstanceThing } from './things/instance-thing.ts';
import type { LxdThing } from './things/lxd-thing.ts';

export type { CloudThing, PortRef } from './things/cloud-thing.ts';
export type { HostAccess, HostThing } from './things/host-thing.ts';
export type { ImageChoice, InstanceThing } from './things/instance-thing.ts';
export type { LxdThing } from './things/lxd-thing.ts';

export type Thing = LxdThing | CloudThing | HostThing | InstanceThing | EndThing | EntryThing;

/** The things of one kind. */
export type ThingOf<Kind extends Thing['kind']> = Extract<Thing, { kind: Kind }>;
