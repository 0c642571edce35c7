/** The policy as the configuration file says it now: read again when the file changes, without a restart. */
import { unwatchFile, watchFile } from 'node:fs';
import { readFile } from 'node:fs/promises';
import { parseConfigFile } from './config-file.ts';
import type { Policy } from './core/policy.ts';
import { messageOf } from './errors.ts';
import type { Log } from './log.ts';

export interface LivePolicy {
  now(): Policy;
  stop(): void;
}

/** What came of a change of the file. */
export type PolicyNews = { kind: 'changed' } | { kind: 'broken'; problems: string[] };

/** How often the file is looked at, in milliseconds; by its state, as events do not come from every file system. */
const LOOK_MS = 1_000;

export interface LivePolicyOptions {
  /** Absent: nothing is watched, and the policy stays. */
  path: string | undefined;
  log: Log;
  /** Told of every change of the policy, and of a file that does not fit. */
  tell?: (news: PolicyNews) => Promise<void>;
  lookMs?: number;
}

/** Begins with `first`. A file that is broken, or gone, leaves the policy that held before. */
export function createLivePolicy(first: Policy, options: LivePolicyOptions): LivePolicy {
  const { path, log, tell = async () => {}, lookMs = LOOK_MS } = options;
  let policy = first;
  let reading = Promise.resolve();

  async function readAgain(file: string): Promise<void> {
    const news = await look(file);
    if (news === undefined) return;
    if (news.kind === 'changed') log.info({ file }, 'the policy has changed');
    else log.error({ file, problems: news.problems }, 'the file does not fit; the policy before it holds');
    await tell(news).catch((error) => log.warn({ err: error }, 'telling of the policy'));
  }

  async function look(file: string): Promise<PolicyNews | undefined> {
    const text = await readFile(file, 'utf8').catch((error: unknown) => error);
    if (typeof text !== 'string') return { kind: 'broken', problems: [messageOf(text)] };
    const parsed = parseConfigFile(text);
    if ('problems' in parsed) return { kind: 'broken', problems: parsed.problems };
    if (JSON.stringify(parsed.config.policy) === JSON.stringify(policy)) return undefined;
    policy = parsed.config.policy;
    return { kind: 'changed' };
  }

  const listener = (): void => {
    if (path !== undefined) reading = reading.then(() => readAgain(path));
  };
  if (path !== undefined) watchFile(path, { interval: lookMs, persistent: false }, listener);
  return {
    now: () => policy,
    stop: () => {
      if (path !== undefined) unwatchFile(path, listener);
    },
  };
}
