/** On which host a new instance has the most room. Pure. */

/** What was seen of a host that could take an instance. Bytes. */
export interface Room {
  host: string;
  memory: { total: number; used: number };
  /** Of the storage pool that the instance's disk would lie in. */
  disk: { total: number; used: number };
}

/** What a small container is reckoned to need; LXD itself asks for nothing. */
const MEMORY = 128 * 1024 ** 2;
const DISK = 512 * 1024 ** 2;

/** How many more small containers a host has room for. */
export function roomFor({ memory, disk }: Omit<Room, 'host'>): number {
  const fit = Math.min((memory.total - memory.used) / MEMORY, (disk.total - disk.used) / DISK);
  return Math.max(0, Math.floor(fit));
}

/**
 * The host with the most room, the first by name where several have the same; undefined where none has any.
 * @param before the host that was chosen a moment ago: while it has room it stays, so that a plan does not change by itself
 */
export function placeOn(rooms: readonly Room[], before?: string): Room | undefined {
  const fitting = rooms.filter((room) => roomFor(room) > 0);
  const stays = fitting.find(({ host }) => host === before);
  return stays ?? [...fitting].sort((a, b) => roomFor(b) - roomFor(a) || a.host.localeCompare(b.host))[0];
}

/** `web1 has 3.1 GiB of memory and 40 GiB of disk free` */
export function roomInWords({ host, memory, disk }: Room): string {
  return `${host} has ${gib(memory)} of memory and ${gib(disk)} of disk free`;
}

function gib({ total, used }: { total: number; used: number }): string {
  const size = Math.max(0, total - used) / 1024 ** 3;
  return `${size < 10 ? size.toFixed(1) : Math.round(size)} GiB`;
}
