/** Which instances there are on which host, as a worker last saw them, for those who have no key to a host. */
import type { SeenInstance, SeenInstances } from '../core/pick-instances.ts';
import type { Redis } from './redis.ts';

/** Who types into a picker asks several times a second. */
const KEEP_MS = 1_500;

export type Inventory = ReturnType<typeof createInventory>;

/** The inventory under one key prefix: one hash, a field for each host. */
export function createInventory(redis: Redis, prefix: string, now: () => number = Date.now) {
  const key = `${prefix}:inventory`;
  let kept: { seen: Promise<SeenInstances[]>; until: number } | undefined;

  /** All hosts, by name. */
  async function list(): Promise<SeenInstances[]> {
    const hosts = (await redis.hvals(key)).map((text) => JSON.parse(text) as SeenInstances);
    return hosts.sort((a, b) => (a.host < b.host ? -1 : 1));
  }

  return {
    list,

    /** The same, read at most every second and a half, whoever asks. */
    async lately(): Promise<SeenInstances[]> {
      if (kept === undefined || kept.until < now()) {
        const seen = list();
        kept = { seen, until: now() + KEEP_MS };
        // What failed is not kept.
        seen.catch(() => {
          kept = undefined;
        });
      }
      return kept.seen;
    },

    /** A host has answered. */
    async put(host: string, instances: readonly SeenInstance[]): Promise<void> {
      const sorted = [...instances].sort((a, b) => (a.name < b.name ? -1 : 1));
      const seen: SeenInstances = { host, instances: sorted, seenAt: now() };
      await redis.hset(key, host, JSON.stringify(seen));
    },

    /** A host has not answered: what was seen before is kept, and marked. */
    async putSilent(host: string): Promise<void> {
      const text = await redis.hget(key, host);
      const before = text === null ? { host, instances: [], seenAt: 0 } : (JSON.parse(text) as SeenInstances);
      const seen: SeenInstances = { ...before, silent: true };
      await redis.hset(key, host, JSON.stringify(seen));
    },

    async remove(host: string): Promise<void> {
      await redis.hdel(key, host);
    },
  };
}
