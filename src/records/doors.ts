/** The register of doors. An index only: the tags on LXD's objects are the truth. */
import type { Door } from '../core/record.ts';
import type { Redis } from './redis.ts';

export type Doors = ReturnType<typeof createDoors>;

/** The doors that Drawbridge opened and has not closed. */
export function createDoors(redis: Redis, prefix: string) {
  const key = `${prefix}:doors`;
  return {
    async put(door: Door): Promise<void> {
      await redis.hset(key, door.id, JSON.stringify(door));
    },

    async remove(id: string): Promise<void> {
      await redis.hdel(key, id);
    },

    async get(id: string): Promise<Door | undefined> {
      const text = await redis.hget(key, id);
      return text === null ? undefined : (JSON.parse(text) as Door);
    },

    /** All doors, the oldest first. */
    async list(): Promise<Door[]> {
      const doors = (await redis.hvals(key)).map((text) => JSON.parse(text) as Door);
      return doors.sort((a, b) => a.openedAt - b.openedAt || a.id.localeCompare(b.id));
    },
  };
}
