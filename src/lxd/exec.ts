/** Files and commands inside an instance. */
import type { z } from 'zod';
import { Fault } from '../errors.ts';
import type { Rest } from './call.ts';
import { throwIfFailed } from './operations.ts';
import { parseAs, pathOf } from './rest.ts';
import { recorded } from './schemas.ts';
import type { LxdOperation } from './types.ts';

export interface ExecResult {
  /** As a shell gives it: 127 where there is no such command. */
  exitCode: number;
  stdout: string;
}

export interface ExecVerbs {
  /**
   * The text of a file. Files of /proc come empty from LXD 5.0.2 (measured): run `cat` for these.
   * @throws Fault lxd_not_found; lxd_refused for a directory
   */
  readFile(instance: string, path: string, signal?: AbortSignal): Promise<string>;
  /**
   * Runs a command without a shell and without input, and waits for it. Its output is recorded by LXD and removed again.
   * @throws Fault lxd_refused where the instance does not run
   */
  exec(instance: string, argv: readonly string[], signal?: AbortSignal): Promise<ExecResult>;
}

export function execVerbs(rest: Rest): ExecVerbs {
  return {
    readFile: async (instance, path, signal) => {
      const doing = `reading ${path} in ${instance}`;
      const at = pathOf('instances', instance, 'files');
      const { headers, text } = await rest.getFile({ doing, path: at, query: { path }, signal });
      if ((headers['x-lxd-type'] ?? headers['x-incus-type']) === 'directory') {
        return rest.told(doing, () => Promise.reject(new Fault('lxd_refused', 'it is a directory')));
      }
      return text;
    },
    exec: async (instance, argv, signal) => {
      const doing = `running ${argv[0] ?? ''} in ${instance}`;
      const ended = await rest.change({
        doing,
        method: 'POST',
        path: pathOf('instances', instance, 'exec'),
        body: { command: argv, 'record-output': true, 'wait-for-websocket': false, interactive: false },
        signal,
        anyEnd: true,
      });
      return resultOf(rest, doing, ended, signal);
    },
  };
}

async function resultOf(
  rest: Rest,
  doing: string,
  ended: LxdOperation | undefined,
  signal: AbortSignal | undefined,
): Promise<ExecResult> {
  const { return: exitCode, output } = await rest.told(doing, async () => recordOf(ended));
  const paths = Object.values(output).filter((path) => path.startsWith('/1.0/'));
  try {
    const stdout = output['1'];
    if (stdout === undefined || !paths.includes(stdout)) return { exitCode, stdout: '' };
    return { exitCode, stdout: (await rest.getFile({ doing, path: stdout, signal })).text };
  } finally {
    await Promise.all(paths.map((path) => removeLog(rest, path)));
  }
}

function recordOf(ended: LxdOperation | undefined): z.infer<typeof recorded> {
  if (ended === undefined) throw new Fault('lxd_failed', 'LXD forgot the result', { retryable: true });
  // A command that could not be started has no exit code; one that LXD did not find has 127, and failed too.
  if (ended.metadata === null || !('return' in ended.metadata)) throwIfFailed(ended);
  return parseAs(recorded, ended.metadata);
}

/** What stays behind is a small file in LXD's log folder: no reason to lose the result. */
async function removeLog(rest: Rest, path: string): Promise<void> {
  await rest.change({ doing: 'removing the record of a command', method: 'DELETE', path }).catch(() => {});
}
