/** What was last seen of each host, for those who have no key to it. */
import type { HostLine } from '../core/answer.ts';
import type { Redis } from './redis.ts';

export interface SeenHost extends HostLine {
  /** When it was looked at, milliseconds since 1970. */
  seenAt: number;
  /** Since when it has answered, or has not. */
  since?: number;
}

export type Hosts = ReturnType<typeof createHosts>;

/** The register of hosts. */
export function createHosts(redis: Redis, prefix: string) {
  const key = `${prefix}:hosts`;
  return {
    async put(host: SeenHost): Promise<void> {
      await redis.hset(key, host.host, JSON.stringify(host));
    },

    async remove(name: string): Promise<void> {
      await redis.hdel(key, name);
    },

    /** All of them, by name. */
    async list(): Promise<SeenHost[]> {
      const hosts = (await redis.hvals(key)).map((text) => JSON.parse(text) as SeenHost);
      return hosts.sort((a, b) => a.host.localeCompare(b.host));
    },

    async get(name: string): Promise<SeenHost | undefined> {
      const text = await redis.hget(key, name);
      return text === null ? undefined : (JSON.parse(text) as SeenHost);
    },
  };
}
