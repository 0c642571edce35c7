/** Verbs on instances. */
import type { z } from 'zod';
import type { Rest } from './call.ts';
import { pathOf } from './rest.ts';
import { instance, instanceState, instances } from './schemas.ts';
import type { LxdInstance, LxdInstanceChange, LxdInstanceState, Tagged } from './types.ts';
import { updateWithEtag } from './update-with-etag.ts';

export interface InstanceVerbs {
  /** All of the project, with their state. */
  listInstances(signal?: AbortSignal): Promise<LxdInstance[]>;
  getInstance(name: string, signal?: AbortSignal): Promise<Tagged<LxdInstance>>;
  getInstanceState(name: string, signal?: AbortSignal): Promise<LxdInstanceState>;
  /**
   * Merges config keys and devices into what stands there; other keys and devices stay. A device is replaced whole.
   * @throws Fault lxd_changed when `etag` is given and does not fit any more
   */
  patchInstance(
    name: string,
    change: Pick<LxdInstanceChange, 'config' | 'devices'>,
    etag?: string,
    signal?: AbortSignal,
  ): Promise<void>;
  /**
   * Reads, changes and writes back, up to 5 times when somebody else was faster. LXD compares the ETag before it begins to
   * write (its source, instancePut), so a change can still be lost between two writers, though none of 120 was (5.0.2).
   * @param change gives whole parts; undefined: nothing to do
   */
  updateInstance(
    name: string,
    change: (current: LxdInstance) => LxdInstanceChange | undefined,
    signal?: AbortSignal,
  ): Promise<void>;
}

export function instanceVerbs(rest: Rest): InstanceVerbs {
  const path = (name: string): string => pathOf('instances', name);
  const read = <T>(schema: z.ZodType<T>, name: string, at: string, signal: AbortSignal | undefined) =>
    rest.get(schema, { doing: `reading instance ${name}`, path: at, signal });

  return {
    listInstances: async (signal) => {
      const query = { recursion: '2' };
      const { value } = await rest.get(instances, {
        doing: 'listing instances',
        path: pathOf('instances'),
        query,
        signal,
      });
      return value;
    },
    getInstance: (name, signal) => read(instance, name, path(name), signal),
    getInstanceState: async (name, signal) =>
      (await read(instanceState, name, pathOf('instances', name, 'state'), signal)).value,
    patchInstance: async (name, change, etag, signal) => {
      await rest.change({
        doing: `changing instance ${name}`,
        method: 'PATCH',
        path: path(name),
        body: change,
        etag,
        signal,
      });
    },
    updateInstance: (name, change, signal) =>
      updateWithEtag(
        () => read(instance, name, path(name), signal),
        change,
        (current, next, etag) =>
          rest.change({
            doing: `changing instance ${name}`,
            method: 'PUT',
            path: path(name),
            body: writable({ ...current, ...next }),
            etag,
            signal,
          }),
      ),
  };
}

/** PUT ignores what it cannot set (measured on 5.0.2); what profiles give and the state need not travel, though. */
function writable(whole: LxdInstance): Partial<LxdInstance> {
  const { expanded_config: _config, expanded_devices: _devices, state: _state, ...rest } = whole;
  return rest;
}
