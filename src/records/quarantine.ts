/** Addresses of instances that were deleted: for some time no door leads to another instance there. */
import type { Redis } from './redis.ts';

export interface Quarantined {
  host: string;
  /** On the host's bridge. */
  address: string;
  /** Whose it was; an instance of the same name may have it again. */
  instance: string;
  /** Milliseconds since 1970. */
  until: number;
}

export type Quarantine = ReturnType<typeof createQuarantine>;

/** The register of such addresses under one key prefix. */
export function createQuarantine(redis: Redis, prefix: string) {
  const key = `${prefix}:quarantine`;
  const fieldOf = ({ host, address }: Pick<Quarantined, 'host' | 'address'>) => `${host} ${address}`;
  return {
    async put(address: Quarantined): Promise<void> {
      await redis.hset(key, fieldOf(address), JSON.stringify(address));
    },

    /** Those that still are; the others are forgotten on the way. @param now milliseconds since 1970 */
    async list(now: number): Promise<Quarantined[]> {
      const all = (await redis.hvals(key)).map((text) => JSON.parse(text) as Quarantined);
      const over = all.filter(({ until }) => until <= now);
      if (over.length > 0) await redis.hdel(key, ...over.map(fieldOf));
      return all.filter(({ until }) => until > now);
    },
  };
}
