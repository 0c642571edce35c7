/** Verbs on what a host has room for. */
import type { Rest } from './call.ts';
import { pathOf } from './rest.ts';
import { poolResources, resources } from './schemas.ts';
import type { LxdSpace } from './types.ts';

export interface ResourceVerbs {
  /** The memory of the whole machine, whoever uses it. */
  getMemory(signal?: AbortSignal): Promise<LxdSpace>;
  /** The space of a storage pool. Pools of the kind `dir` tell that of the file system they lie in. */
  getPoolSpace(pool: string, signal?: AbortSignal): Promise<LxdSpace>;
}

export function resourceVerbs(rest: Rest): ResourceVerbs {
  return {
    getMemory: async (signal) => {
      const read = { doing: 'reading the memory', path: pathOf('resources'), signal };
      return (await rest.get(resources, read)).value.memory;
    },
    getPoolSpace: async (pool, signal) => {
      const path = pathOf('storage-pools', pool, 'resources');
      const read = { doing: `reading the space of the pool ${pool}`, path, signal };
      return (await rest.get(poolResources, read)).value.space;
    },
  };
}
