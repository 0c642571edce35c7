/** The register of doors. An index only: the tags on LXD's objects are the truth. */
import type { Door } from '../core/record.ts';
import type { Redis } from './redis.ts';

/** Sets or takes away a field where it still has the value expected, '' for none; answers 1, or 0 when it has another. */
const SWAP = `
if (redis.call('HGET', KEYS[1], ARGV[1]) or '') ~= ARGV[2] then return 0 end
if ARGV[3] ~= '' then
  redis.call('HSET', KEYS[1], ARGV[1], ARGV[3])
else
  redis.call('HDEL', KEYS[1], ARGV[1])
  redis.call('HDEL', KEYS[2], ARGV[1])
end
return 1`;

/** moved: also when it is there already. elsewhere: it has another end than either. */
export type EndMoved = 'moved' | 'gone' | 'elsewhere';

export type Doors = ReturnType<typeof createDoors>;

/** The doors that Drawbridge opened and has not closed. */
export function createDoors(redis: Redis, prefix: string) {
  const key = `${prefix}:doors`;
  const closings = `${prefix}:doors:closings`;
  return {
    async put(door: Door): Promise<void> {
      await redis.hset(key, door.id, JSON.stringify(door));
    },

    async remove(id: string): Promise<void> {
      await redis.multi().hdel(key, id).hdel(closings, id).exec();
    },

    async get(id: string): Promise<Door | undefined> {
      const text = await redis.hget(key, id);
      return text === null ? undefined : (JSON.parse(text) as Door);
    },

    /** Moves the end of a door from one moment to another, in milliseconds since 1970. Done twice it moves once. */
    async moveEnd(id: string, from: number, to: number): Promise<EndMoved> {
      for (;;) {
        const text = await redis.hget(key, id);
        if (text === null) return 'gone';
        const door = JSON.parse(text) as Door;
        if (door.endsAt === to) return 'moved';
        if (door.endsAt !== from) return 'elsewhere';
        const moved = JSON.stringify({ ...door, endsAt: to });
        if ((await redis.eval(SWAP, 2, key, closings, id, text, moved)) === 1) return 'moved';
      }
    },

    /**
     * Puts, replaces or removes an entry, unless somebody else was there first.
     * @param before undefined where there was none
     * @param after undefined where there shall be none
     * @returns false where it is another one by now
     */
    async swap(id: string, before: Door | undefined, after: Door | undefined): Promise<boolean> {
      const [was, is] = [before, after].map((door) => (door === undefined ? '' : JSON.stringify(door)));
      return (await redis.eval(SWAP, 2, key, closings, id, was ?? '', is ?? '')) === 1;
    },

    /** How often its closing was asked for because its end had come. */
    async closings(id: string): Promise<number> {
      return Number((await redis.hget(closings, id)) ?? 0);
    },

    async setClosings(id: string, count: number): Promise<void> {
      await redis.hset(closings, id, count);
    },

    /** Those of these ids that there are, in one round trip. */
    async getMany(ids: readonly string[]): Promise<Door[]> {
      if (ids.length === 0) return [];
      const texts = await redis.hmget(key, ...ids);
      return texts.flatMap((text) => (text === null ? [] : [JSON.parse(text) as Door]));
    },

    /** The ids of the doors of each host or cloud; the doors themselves are read one small part after the other. */
    async idsByHost(): Promise<Map<string, Set<string>>> {
      const ids = new Map<string, Set<string>>();
      let cursor = '0';
      do {
        const [next, fields] = await redis.hscan(key, cursor, 'COUNT', 200);
        for (let index = 1; index < fields.length; index += 2) {
          const { id, host } = JSON.parse(fields[index] ?? '{}') as Door;
          // A scan may tell one twice.
          ids.set(host, (ids.get(host) ?? new Set()).add(id));
        }
        cursor = next;
      } while (cursor !== '0');
      return ids;
    },

    /** All doors, the oldest first. */
    async list(): Promise<Door[]> {
      const doors = (await redis.hvals(key)).map((text) => JSON.parse(text) as Door);
      return doors.sort((a, b) => a.openedAt - b.openedAt || a.id.localeCompare(b.id));
    },
  };
}
