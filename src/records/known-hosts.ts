/** The register of hosts that were made or adopted, and of those on which nothing more is placed. */
import type { HostAccess } from '../core/thing.ts';
import type { Redis } from './redis.ts';

export interface KnownHost {
  name: string;
  access: HostAccess & { hostKey: string };
  /** The cloud whose server it is, and the server's id. */
  cloud?: string;
  server?: string;
  /** The request that took it in, and where it was asked. */
  request: string;
  channel?: string;
  /** Milliseconds since 1970. */
  since: number;
}

export type KnownHosts = ReturnType<typeof createKnownHosts>;

export function createKnownHosts(redis: Redis, prefix: string) {
  const key = `${prefix}:known-hosts`;
  const drainedKey = `${prefix}:drained-hosts`;
  const vanishedKey = `${prefix}:vanished-hosts`;
  return {
    async put(host: KnownHost): Promise<void> {
      await redis.hset(key, host.name, JSON.stringify(host));
    },

    async remove(name: string): Promise<void> {
      await redis.multi().hdel(key, name).srem(drainedKey, name).srem(vanishedKey, name).exec();
    },

    async get(name: string): Promise<KnownHost | undefined> {
      const text = await redis.hget(key, name);
      return text === null ? undefined : (JSON.parse(text) as KnownHost);
    },

    /** Notes that a host's server is gone, or is back. @returns true when that is news */
    async setVanished(name: string, vanished: boolean): Promise<boolean> {
      const changed = vanished ? await redis.sadd(vanishedKey, name) : await redis.srem(vanishedKey, name);
      return changed === 1;
    },

    /** All of them, by name. */
    async list(): Promise<KnownHost[]> {
      const hosts = (await redis.hvals(key)).map((text) => JSON.parse(text) as KnownHost);
      return hosts.sort((a, b) => a.name.localeCompare(b.name));
    },

    async setDrained(name: string, drained: boolean): Promise<void> {
      await (drained ? redis.sadd(drainedKey, name) : redis.srem(drainedKey, name));
    },

    async drained(): Promise<ReadonlySet<string>> {
      return new Set(await redis.smembers(drainedKey));
    },
  };
}
