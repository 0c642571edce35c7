/** The differences that were found between doors and the road as it is, by host or cloud, and how far telling them has come. */
import { type Difference, keyOfDifference } from '../core/differences/difference.ts';
import type { Redis } from './redis.ts';

/** A difference as it is kept. Times are milliseconds since 1970. */
export interface Noted extends Difference {
  /** The host or cloud that was looked at. */
  place: string;
  since: number;
  /** Where it is told; absent: nowhere. */
  channel?: string;
  owner?: string;
  /** What Drawbridge does about it of its own accord. */
  doing?: 'close' | 'repair';
  /** How often it was asked for. */
  tries?: number;
  /** When it was no longer found. */
  mendedAt?: number;
  /** Because the door is closed. */
  closed?: true;
}

/** Where the message of a difference stands, and a digest of what it shows. */
export interface NotedMessage {
  channel: string;
  ts: string;
  shown: string;
}

/** The last time that everything was looked at. */
export interface Pass {
  at: number;
  tookMs: number;
  doors: number;
  differences: number;
  /** Hosts and clouds that could not be seen. */
  unseen: readonly string[];
}

export type Differences = ReturnType<typeof createDifferences>;

/** The register of differences under one key prefix. */
export function createDifferences(redis: Redis, prefix: string) {
  const at = (place: string) => `${prefix}:differences:${place}`;
  const messages = `${prefix}:differences-told`;
  const places = `${prefix}:differences-places`;
  const missedKey = `${prefix}:reconcile:missed`;
  const passKey = `${prefix}:reconcile:pass`;
  const fieldOf = (place: string, key: string) => `${place} ${key}`;

  async function of(place: string): Promise<Noted[]> {
    return (await redis.hvals(at(place))).map((text) => JSON.parse(text) as Noted);
  }

  return {
    /** Those of one host or cloud, those that were mended and are still to be told included. */
    of,

    async get(place: string, key: string): Promise<Noted | undefined> {
      const text = await redis.hget(at(place), key);
      return text === null ? undefined : (JSON.parse(text) as Noted);
    },

    async put(noted: Noted): Promise<void> {
      await redis.sadd(places, noted.place);
      await redis.hset(at(noted.place), keyOfDifference(noted), JSON.stringify(noted));
    },

    async remove(place: string, key: string): Promise<void> {
      await redis.multi().hdel(at(place), key).hdel(messages, fieldOf(place, key)).exec();
    },

    /** All that hold now, in the order of their beginning. */
    async list(): Promise<Noted[]> {
      const all = await Promise.all((await redis.smembers(places)).map(of));
      return all
        .flat()
        .filter(({ mendedAt }) => mendedAt === undefined)
        .sort((a, b) => a.since - b.since);
    },

    async message(place: string, key: string): Promise<NotedMessage | undefined> {
      const text = await redis.hget(messages, fieldOf(place, key));
      return text === null ? undefined : (JSON.parse(text) as NotedMessage);
    },

    async setMessage(place: string, key: string, message: NotedMessage): Promise<void> {
      await redis.hset(messages, fieldOf(place, key), JSON.stringify(message));
    },

    /** Counts a pass in which a host or cloud was not seen. @returns how many in a row */
    async missed(place: string): Promise<number> {
      return redis.hincrby(missedKey, place, 1);
    },

    /** @returns how many passes it had been missed */
    async seen(place: string): Promise<number> {
      const count = Number((await redis.hget(missedKey, place)) ?? 0);
      if (count > 0) await redis.hdel(missedKey, place);
      return count;
    },

    async setPass(pass: Pass): Promise<void> {
      await redis.set(passKey, JSON.stringify(pass));
    },

    async lastPass(): Promise<Pass | undefined> {
      const text = await redis.get(passKey);
      return text === null ? undefined : (JSON.parse(text) as Pass);
    },
  };
}
