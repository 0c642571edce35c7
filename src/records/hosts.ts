/** What was last seen of each host, for `hosts` and for people who ask when a host was last heard of. */
import type { HostLine } from '../core/answer.ts';
import type { Redis } from './redis.ts';

export interface SeenHost extends HostLine {
  /** Milliseconds since 1970. */
  seenAt: number;
}

export type Hosts = ReturnType<typeof createHosts>;

/** The register of hosts. */
export function createHosts(redis: Redis, prefix: string) {
  const key = `${prefix}:hosts`;
  return {
    async put(host: SeenHost): Promise<void> {
      await redis.hset(key, host.host, JSON.stringify(host));
    },

    async get(name: string): Promise<SeenHost | undefined> {
      const text = await redis.hget(key, name);
      return text === null ? undefined : (JSON.parse(text) as SeenHost);
    },
  };
}
