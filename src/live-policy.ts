/** The policy as the configuration file says it now: read again when the file changes, without a restart. */
import { readFile, stat } from 'node:fs/promises';
import { parseConfigFile } from './config-file.ts';
import type { Policy } from './core/policy.ts';
import { messageOf } from './errors.ts';
import type { Log } from './log.ts';

export interface LivePolicy {
  now(): Policy;
  /** What is wrong with the file as it is now; undefined where it was taken. */
  problems(): readonly string[] | undefined;
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
  let seen = '';
  let problems: readonly string[] | undefined;
  let looking = false;

  async function look(file: string): Promise<void> {
    const state = await stateOf(file);
    if (state === seen) return;
    const news = await read(file);
    seen = state;
    problems = news?.kind === 'broken' ? news.problems : undefined;
    if (news === undefined) return;
    if (news.kind === 'changed') log.info({ file }, 'the policy has changed');
    else log.error({ file, problems: news.problems }, 'the file does not fit; the policy before it holds');
    await tell(news);
  }

  async function read(file: string): Promise<PolicyNews | undefined> {
    const text = await readFile(file, 'utf8').catch((error: unknown) => error);
    if (typeof text !== 'string') return { kind: 'broken', problems: [messageOf(text)] };
    const parsed = parseConfigFile(text);
    if ('problems' in parsed) return { kind: 'broken', problems: parsed.problems };
    if (JSON.stringify(parsed.config.policy) === JSON.stringify(policy)) return undefined;
    policy = parsed.config.policy;
    return { kind: 'changed' };
  }

  const again = async (file: string): Promise<void> => {
    if (looking) return;
    looking = true;
    await look(file).catch((error) => log.warn({ err: error }, 'telling of the policy'));
    looking = false;
  };
  const timer = path === undefined ? undefined : setInterval(() => void again(path), lookMs);
  timer?.unref();
  return { now: () => policy, problems: () => problems, stop: () => clearInterval(timer) };
}

/** Changes whenever the file does. */
async function stateOf(file: string): Promise<string> {
  const found = await stat(file, { bigint: true }).catch(() => undefined);
  return found === undefined ? 'gone' : `${found.ino} ${found.size} ${found.mtimeNs}`;
}
