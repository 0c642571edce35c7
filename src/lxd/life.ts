/** Verbs that make, start, stop and delete instances. */
import { isFault } from '../errors.ts';
import type { Patience, Rest } from './call.ts';
import { pathOf } from './rest.ts';
import { instanceState, operations } from './schemas.ts';
import type { LxdImageSource, LxdNewInstance, LxdOperation, LxdProgress } from './types.ts';

export interface LifeVerbs {
  /**
   * Makes a container from an image, fetching the image where it has to; it does not start it.
   * @param progress told every second that LXD has taken it up, and what it says of the download and of the unpacking
   * @throws Fault lxd_conflict where there is one of this name; lxd_not_found for an alias, lxd_refused for a profile or an image of
   * a server that there is not
   */
  createInstance(wanted: LxdNewInstance, progress?: LxdProgress, signal?: AbortSignal): Promise<void>;
  /**
   * Waits for whatever LXD is doing with an instance in the background: it is there, stopped, while it is still being made, and can
   * neither be started nor deleted then (measured on 5.0.2). How that ends is not told: read the instance again.
   */
  awaitInstance(name: string, progress?: LxdProgress, signal?: AbortSignal): Promise<void>;
  /** Does nothing to one that runs. */
  startInstance(name: string, signal?: AbortSignal): Promise<void>;
  /** Asks it to stop, and pulls the plug where it does not within 30 s. Does nothing to one that is stopped. */
  stopInstance(name: string, signal?: AbortSignal): Promise<void>;
  /** With its snapshots. @throws Fault lxd_refused while it runs; lxd_not_found */
  deleteInstance(name: string, signal?: AbortSignal): Promise<void>;
}

/** A large image over a slow line. */
const CREATE_MS = 30 * 60_000;
const DELETE_MS = 10 * 60_000;
const STOP_S = 30;

export function lifeVerbs(rest: Rest): LifeVerbs {
  const isIn = async (status: string, name: string, signal: AbortSignal | undefined): Promise<boolean> => {
    const read = { doing: `reading instance ${name}`, path: pathOf('instances', name, 'state'), signal };
    return (await rest.get(instanceState, read)).value.status === status;
  };
  const change = (doing: string, name: string, body: object, signal: AbortSignal | undefined) =>
    rest.change({
      doing,
      method: 'PUT',
      path: pathOf('instances', name, 'state'),
      body,
      signal,
      operationTimeoutMs: (STOP_S + 30) * 1_000,
    });
  /** LXD fails a change to what is so already (measured on 5.0.2), and a lost answer may have been a yes: the state decides. */
  const unlessIn = async (
    status: string,
    name: string,
    signal: AbortSignal | undefined,
    work: () => Promise<unknown>,
  ): Promise<void> => {
    if (await isIn(status, name, signal)) return;
    try {
      await work();
    } catch (error) {
      if (!isFault(error) || !(await isIn(status, name, signal))) throw error;
    }
  };

  return {
    createInstance: async ({ name, source, profiles, config }, progress, signal) => {
      await rest.change({
        ...patience(`making the instance ${name}`, progress, signal),
        method: 'POST',
        path: pathOf('instances'),
        body: { name, config, source: sourceOf(source), ...(profiles && { profiles }) },
      });
    },
    awaitInstance: async (name, progress, signal) => {
      const doing = `waiting for ${name}`;
      const read = { doing, path: pathOf('operations'), query: { recursion: '1' }, signal };
      const all = Object.values((await rest.get(operations, read)).value).flat();
      const own = all.filter((each) => each.status_code < 200 && isAbout(each, name));
      for (const { id } of own) await rest.finish(id, { ...patience(doing, progress, signal), anyEnd: true });
    },
    startInstance: (name, signal) =>
      unlessIn('Running', name, signal, () =>
        change(`starting ${name}`, name, { action: 'start', timeout: STOP_S }, signal),
      ),
    stopInstance: (name, signal) =>
      unlessIn('Stopped', name, signal, async () => {
        const doing = `stopping ${name}`;
        try {
          await change(doing, name, { action: 'stop', timeout: STOP_S }, signal);
        } catch (error) {
          if (!isFault(error, 'lxd_failed', 'lxd_timeout', 'lxd_refused')) throw error;
          if (await isIn('Stopped', name, signal)) return;
          await change(doing, name, { action: 'stop', force: true, timeout: STOP_S }, signal);
        }
      }),
    deleteInstance: async (name, signal) => {
      const doing = `deleting the instance ${name}`;
      const path = pathOf('instances', name);
      await rest.change({ doing, method: 'DELETE', path, signal, operationTimeoutMs: DELETE_MS });
    },
  };
}

function patience(
  doing: string,
  progress: LxdProgress | undefined,
  signal: AbortSignal | undefined,
): Patience {
  return {
    doing,
    signal,
    operationTimeoutMs: CREATE_MS,
    watch: progress && ((operation) => tell(operation, progress)),
  };
}

/** Its path, with a query where it is in another project. */
function isAbout({ resources }: LxdOperation, name: string): boolean {
  return Object.values(resources ?? {})
    .flat()
    .some((path) => path.split('?')[0] === pathOf('instances', name));
}

function sourceOf(source: LxdImageSource): object {
  if ('server' in source) return { type: 'image', mode: 'pull', protocol: 'simplestreams', ...source };
  return { type: 'image', ...source };
}

/** LXD says it as `download_progress` and, from 4.0 on, by stage; some hosts of a cluster put a prefix before it. */
function tell({ metadata }: LxdOperation, progress: LxdProgress): unknown {
  const said = Object.entries(metadata ?? {}).find(
    ([key, value]) => key.endsWith('_progress') && typeof value === 'string' && value !== '',
  );
  return progress(said === undefined ? 'LXD is at it' : String(said[1]));
}
