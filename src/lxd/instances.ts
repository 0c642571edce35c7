/** Verbs on instances. */
import { z } from 'zod';
import { Fault, isFault } from '../errors.ts';
import type { Caller } from './caller.ts';
import { instance, instanceState, type LxdInstance, type LxdInstanceState } from './schemas.ts';

/** How often a read-change-write is begun again when somebody else wrote in between. */
export const WRITES = 5;

/** A change to an instance: the whole new config and devices, or undefined when there is nothing to do. */
export type InstanceChange = (current: LxdInstance) => Pick<LxdInstance, 'config' | 'devices'> | undefined;

export interface Instances {
  /** All instances with their state. */
  listInstances(signal?: AbortSignal): Promise<LxdInstance[]>;
  getInstance(name: string, signal?: AbortSignal): Promise<{ value: LxdInstance; etag: string }>;
  getInstanceState(name: string, signal?: AbortSignal): Promise<LxdInstanceState>;
  /** Reads, changes, writes with If-Match; again when somebody else wrote in between. */
  updateInstance(name: string, change: InstanceChange, signal?: AbortSignal): Promise<void>;
  /** Runs a program in a running container without a shell or a terminal. Output of at most what LXD records. */
  exec(
    name: string,
    argv: readonly string[],
    signal?: AbortSignal,
  ): Promise<{ exitCode: number; stdout: string }>;
}

export function createInstances(caller: Caller): Instances {
  const pathOf = (name: string) => `/instances/${encodeURIComponent(name)}`;

  async function getInstance(name: string, signal?: AbortSignal) {
    return caller.get(`reading ${name}`, pathOf(name), instance, signal);
  }

  return {
    async listInstances(signal) {
      return (await caller.get('reading instances', '/instances?recursion=2', z.array(instance), signal))
        .value;
    },

    getInstance,

    async getInstanceState(name, signal) {
      return (
        await caller.get(`reading the state of ${name}`, `${pathOf(name)}/state`, instanceState, signal)
      ).value;
    },

    async updateInstance(name, change, signal) {
      await rewrite(async () => {
        const { value, etag } = await getInstance(name, signal);
        const next = change(value);
        if (next === undefined) return;
        await caller.change(
          `changing ${name}`,
          { method: 'PUT', path: pathOf(name), body: { ...value, ...next }, etag },
          signal,
        );
      });
    },

    async exec(name, argv, signal) {
      const doing = `running ${argv[0] ?? ''} in ${name}`;
      const body = { command: argv, 'record-output': true, 'wait-for-websocket': false, interactive: false };
      const done = await caller.change(doing, { method: 'POST', path: `${pathOf(name)}/exec`, body }, signal);
      const recorded = execResult.safeParse(done?.metadata);
      if (!recorded.success)
        throw new Fault('lxd_garbled', `${doing} on ${caller.host}: the result was lost`, {
          retryable: true,
        });
      const logs = recorded.data.output;
      const stdout = logs['1'] === undefined ? '' : await readLog(caller, doing, logs['1'], signal);
      await Promise.all(Object.values(logs).map((log) => dropLog(caller, doing, log, signal)));
      return { exitCode: recorded.data.return, stdout };
    },
  };
}

const execResult = z.looseObject({
  return: z.number(),
  output: z.record(z.string(), z.string()).default({}),
});

/** Recorded output is a file in the instance's log folder, served as plain text. */
async function readLog(caller: Caller, doing: string, path: string, signal?: AbortSignal): Promise<string> {
  const answer = await caller.send(doing, { method: 'GET', path, ...(signal && { signal }) });
  if (answer.status !== 200)
    throw new Fault('lxd_failed', `${doing} on ${caller.host}: its output is gone`, { retryable: true });
  return answer.text;
}

/** LXD keeps recorded output for ever; one that cannot be deleted does no harm to the answer. */
async function dropLog(caller: Caller, doing: string, path: string, signal?: AbortSignal): Promise<void> {
  await caller.send(doing, { method: 'DELETE', path, ...(signal && { signal }) }).catch(() => undefined);
}

/** Runs a read-change-write, again after a lost race. @throws the last fault lxd_changed when it is lost every time */
export async function rewrite(write: () => Promise<void>): Promise<void> {
  for (let tried = 1; ; tried += 1) {
    try {
      return await write();
    } catch (error) {
      if (!isFault(error, 'lxd_changed') || tried === WRITES) throw error;
    }
  }
}
