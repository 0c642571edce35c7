/** Verbs on what an instance, and LXD about it, has said. */
import { isFault } from '../errors.ts';
import type { Rest } from './call.ts';
import { pathOf } from './rest.ts';
import { paths } from './schemas.ts';

export interface LogVerbs {
  /**
   * What came on the console since it was last read: LXD keeps 128 KiB, and whoever reads a running instance's takes it away
   * (measured on 5.0.2). Of one that is stopped it is the whole, every time. Empty where nothing came.
   * @throws Fault lxd_not_found where there is no such instance
   */
  readConsole(instance: string, signal?: AbortSignal): Promise<string>;
  /** LXC's own log, `lxc.log`: why an instance does not start. Empty where there is none. */
  readLxcLog(instance: string, signal?: AbortSignal): Promise<string>;
}

export function logVerbs(rest: Rest): LogVerbs {
  return {
    readConsole: async (instance, signal) => {
      const doing = `reading the console of ${instance}`;
      try {
        return (await rest.getFile({ doing, path: pathOf('instances', instance, 'console'), signal })).text;
      } catch (error) {
        // An empty console is told as a file without a name that is not there (5.0.2, containerConsoleLogGet).
        if (isFault(error) && error.message.endsWith('open : no such file or directory')) return '';
        throw error;
      }
    },
    readLxcLog: async (instance, signal) => {
      const doing = `reading LXC's log of ${instance}`;
      const folder = pathOf('instances', instance, 'logs');
      const all = (await rest.get(paths, { doing, path: folder, signal })).value;
      if (!all.some((path) => path.endsWith('/lxc.log'))) return '';
      return (await rest.getFile({ doing, path: `${folder}/lxc.log`, signal })).text;
    },
  };
}
