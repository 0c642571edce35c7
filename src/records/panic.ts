/** Where panic was called, and the doors that it closed, for opening them again. */
import type { Door } from '../core/record.ts';
import type { Redis } from './redis.ts';

/** A call for one host, or for everything. */
export interface Alarm {
  /** Absent: everywhere. */
  host?: string;
  by: string;
  /** Milliseconds since 1970. */
  at: number;
}

export type Panic = ReturnType<typeof createPanic>;

const EVERYWHERE = '*';

/** The alarms and the closed doors under one key prefix. */
export function createPanic(redis: Redis, prefix: string) {
  const [alarms, doors] = [`${prefix}:panic`, `${prefix}:panic:doors`];
  const parsed = (texts: readonly (string | null)[]): Alarm[] =>
    texts.flatMap((text) => (text === null ? [] : [JSON.parse(text) as Alarm]));
  return {
    /** Holds openings; one that holds already keeps its beginning. */
    async raise(alarm: Alarm): Promise<void> {
      await redis.hsetnx(alarms, alarm.host ?? EVERYWHERE, JSON.stringify(alarm));
    },

    /** Taken back for one host, or for everything, single hosts included. */
    async lift(host: string | undefined): Promise<void> {
      if (host === undefined) await redis.del(alarms);
      else await redis.hdel(alarms, host);
    },

    /** Why no door may be opened on a host or cloud now; undefined when they may. */
    async on(host: string): Promise<Alarm | undefined> {
      return parsed(await redis.hmget(alarms, EVERYWHERE, host))[0];
    },

    /** All that hold, the oldest first. */
    async list(): Promise<Alarm[]> {
      return parsed(await redis.hvals(alarms)).sort((a, b) => a.at - b.at);
    },

    /** Keeps a door that was closed. */
    async keep(door: Door): Promise<void> {
      await redis.hset(doors, door.id, JSON.stringify(door));
    },

    /** The doors that were closed, by host and address. */
    async kept(): Promise<Door[]> {
      const all = (await redis.hvals(doors)).map((text) => JSON.parse(text) as Door);
      return all.sort((a, b) => a.host.localeCompare(b.host) || a.id.localeCompare(b.id));
    },

    async forget(ids: readonly string[]): Promise<void> {
      if (ids.length > 0) await redis.hdel(doors, ...ids);
    },
  };
}
