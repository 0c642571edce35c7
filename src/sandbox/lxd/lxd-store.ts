/** Keeps the pretended host's state, in a file where there is one. One change at a time, whole or not at all. */
import { readFile, rename, writeFile } from 'node:fs/promises';
import { z } from 'zod';
import type { Log } from '../../log.ts';
import { freshState, type LxdState } from './lxd-state.ts';
import { strings, writtenAcl, writtenForward, writtenNetwork } from './lxd-written.ts';

export interface LxdStore {
  state(): LxdState;
  /** Edits a copy, has it applied and saves it; the state stays as it was when any of that throws. */
  change<T>(edit: (draft: LxdState) => T): Promise<T>;
  /** Tells of every change that was made from now on. */
  changed(told: (before: LxdState, after: LxdState) => void): void;
}

const written = z.object({
  description: z.string(),
  config: strings,
  devices: z.record(z.string(), strings),
});
const saved = z.object({
  instances: z.array(
    written.extend({
      name: z.string(),
      running: z.boolean(),
      address: z.string(),
      profiles: z.array(z.string()),
      snapshots: z.array(written.extend({ name: z.string(), createdAt: z.string() })),
    }),
  ),
  network: writtenNetwork,
  forwards: z.array(writtenForward),
  acls: z.array(writtenAcl),
});

export function createStore(
  initial: LxdState,
  file: string | undefined,
  apply: (state: LxdState) => Promise<void>,
): LxdStore {
  let state = initial;
  let turn: Promise<unknown> = Promise.resolve();
  let tell: (before: LxdState, after: LxdState) => void = () => {};

  async function changeNow<T>(edit: (draft: LxdState) => T): Promise<T> {
    const draft = structuredClone(state);
    const result = edit(draft);
    await apply(draft);
    try {
      if (file !== undefined) await save(draft, file);
    } catch (error) {
      await apply(state);
      throw error;
    }
    const before = state;
    state = draft;
    tell(before, state);
    return result;
  }

  return {
    state: () => state,
    changed: (told) => {
      tell = told;
    },
    change(edit) {
      const mine = turn.then(() => changeNow(edit));
      turn = mine.catch(() => undefined);
      return mine;
    },
  };
}

/** The state that was saved last; a fresh one when there is none, or none that can be read. */
export async function loadState(file: string | undefined, log: Pick<Log, 'warn'>): Promise<LxdState> {
  const fresh = freshState();
  if (file === undefined) return fresh;
  try {
    return saved.parse(JSON.parse(await readFile(file, 'utf8')));
  } catch (err) {
    if ((err as NodeJS.ErrnoException).code !== 'ENOENT') log.warn({ err, file }, 'the sandbox begins anew');
    return fresh;
  }
}

/** Written aside and renamed, so that a crash leaves the old file or the new one. */
async function save(state: LxdState, file: string): Promise<void> {
  await writeFile(`${file}.new`, `${JSON.stringify(state, null, 2)}\n`, { mode: 0o600 });
  await rename(`${file}.new`, file);
}
