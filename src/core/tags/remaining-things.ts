/** What of a door is left where the door as a whole stands no longer: things that only carry its id. Pure. */

import type { DoorSpec } from '../plan.ts';
import type { LxdThing } from '../thing.ts';
import type { HostWorld } from '../world.ts';
import { type StandingDoor, standingDoors } from './standing-doors.ts';
import { thingsInCloud } from './standing-in-cloud.ts';

/** The door with these things, enough to remove them by; undefined where nothing of it is there, or all of it. */
export function remainingThings(id: string, host: HostWorld): StandingDoor | undefined {
  const filter = host.filters.find(({ door }) => door === id);
  const pin = pinFor(id, host);
  const inCloud = host.cloud === undefined ? [] : thingsInCloud(id, host.cloud);
  const things = [
    ...(pin === undefined ? [] : [pin]),
    ...filterThing(id, host),
    ...guardThing(id, host),
    ...inCloud,
  ];
  if (things.length === 0) return undefined;
  const about = /^([\w.-]+):\d+/.exec(inCloud.find((thing) => 'about' in thing)?.about ?? '')?.[1];
  const door: DoorSpec = {
    id,
    host: host.host,
    instance: pin?.instance ?? filter?.instance ?? about ?? 'unknown',
    port: filter?.port ?? 0,
    protocol: filter?.protocol ?? 'tcp',
    publicPort: filter?.port ?? 0,
    road: 'forward',
    sources: [...(filter?.sources ?? [])],
  };
  return { door, things };
}

/** Everything on a host that carries the id of a door which `isKnown` does not know. */
export function strayDoors(host: HostWorld, isKnown: (id: string) => boolean): StandingDoor[] {
  const standing = standingDoors(host);
  const whole = new Set(standing.map(({ door }) => door.id));
  const ids = [
    ...host.filters.map(({ door }) => door),
    ...(host.guard?.doors ?? []).map(({ door }) => door),
    ...host.instances.flatMap(({ nics }) => nics.flatMap(({ pinnedFor }) => pinnedFor)),
  ];
  const lone = [...new Set(ids)].filter((id) => !whole.has(id));
  return [
    ...standing.filter(({ door }) => !isKnown(door.id)),
    ...lone.filter((id) => !isKnown(id)).flatMap((id) => remainingThings(id, host) ?? []),
  ];
}

function pinFor(id: string, { host, instances }: HostWorld): Extract<LxdThing, { kind: 'pin' }> | undefined {
  for (const { name, nics } of instances) {
    const nic = nics.find(({ pinnedFor }) => pinnedFor.includes(id));
    if (nic !== undefined)
      return { kind: 'pin', host, instance: name, nic: nic.device, address: nic.pinned ?? '' };
  }
  return undefined;
}

function guardThing(id: string, { host, guard }: HostWorld): LxdThing[] {
  const found = guard?.doors.find(({ door }) => door === id);
  if (found === undefined) return [];
  const { address, protocol, port } = found;
  return [{ kind: 'guard', host, address, protocol, port, sources: [] }];
}

function filterThing(id: string, { host, filters }: HostWorld): LxdThing[] {
  const found = filters.find(({ door }) => door === id);
  if (found === undefined) return [];
  const { protocol, address, port, sources, drops } = found;
  const lists = { sources: [...sources], drops: [...drops] };
  return [{ kind: 'filter', host, network: '', protocol, address, port, ...lists }];
}
