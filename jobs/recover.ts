/** `npm run recover`: the registers of doors and hosts made anew from what stands. Writes to Redis only, and only when told to. */
import { setMaxListeners } from 'node:events';
import { parseArgs } from 'node:util';
import type { Config } from '../src/config.ts';
import { type Recovery, recoverRegister } from '../src/core/recovery/recover-register.ts';
import {
  openRequestsInWords,
  placesInWords,
  recoveryInWords,
  UNKNOWABLE,
} from '../src/core/recovery/recovery-words.ts';
import { isUnderWay } from '../src/core/recovery/under-way.ts';
import { Fault } from '../src/errors.ts';
import type { Log } from '../src/log.ts';
import type { KnownHost } from '../src/records/known-hosts.ts';
import { createRecords, type Records } from '../src/records/records.ts';
import { connectRedis } from '../src/records/redis.ts';
import { runCommandLine } from '../src/run-command-line.ts';
import { isMain } from '../src/run-process.ts';
import { connectClouds } from './connect-clouds.ts';
import { connectHosts } from './connect-hosts.ts';
import { type HostsFound, hostsInWords, recoverHosts } from './recovery/recover-hosts.ts';
import { seePlaces } from './recovery/see-places.ts';
import { openingRequests, survivingRequests } from './recovery/surviving-requests.ts';
import { writeRecovery } from './recovery/write-recovery.ts';
import type { Cloud, Hosts } from './tools.ts';

const USAGE = `Usage:
  npm run recover                                  shows what it would write, and what nobody can know; writes nothing
  npm run recover -- --write [--owner U…]          writes the registers in Redis; the owner answers for doors of which
                      [--channel C…]               nobody knows any more who opened them, and the channel hears of them
                      [--end-requests]             also ends every request that Redis still takes for running: for a dump
                                                   that is older than they are. Only while no worker runs
`;

/** What was asked for on the command line. */
export interface RecoverOrder {
  write: boolean;
  owner?: string;
  channel?: string;
  endRequests: boolean;
}

/** Where words go; the standard output in a process. */
export interface Paper {
  write(text: string): boolean;
}

/**
 * Looks, says what it found, and writes it where the order says so.
 * @returns the exit code: 0, or 1 where it did not write what it should
 * @throws Fault config_invalid or redis_unreachable, each with what to do
 */
export async function runRecover(
  order: RecoverOrder,
  config: Config,
  log: Log,
  paper: Paper,
): Promise<number> {
  if (config.redis === undefined || config.file === undefined) {
    const message = 'Recovering needs REDIS_URL and the configuration file, as for the worker.';
    throw new Fault('config_invalid', message);
  }
  const clouds = connectClouds(config);
  const redis = await connectRedis(config.redis, { patient: false }, log);
  const records = createRecords(redis, config.prefix);
  const found: HostsFound['found'] = [];
  const registered = await records.knownHosts.list();
  // Hosts that were just found are asked for their doors, whether they are written down or not.
  const register = { ...records.knownHosts, list: async () => [...registered, ...found] };
  const hosts = connectHosts(config.file, clouds, register);
  try {
    const seen = await look(order, { hosts, clouds, records, registered, found });
    report(paper, 'Hosts', hostsInWords(seen.hosts));
    report(paper, 'What stands', placesInWords(seen.places));
    report(paper, 'The register of doors', recoveryInWords(seen.recovery));
    report(paper, 'Requests that Redis takes for running', openRequestsInWords(seen.open));
    report(paper, 'What nobody can know', UNKNOWABLE);
    const refusal = whyNot(order, seen.recovery);
    const end = order.endRequests ? seen.open : [];
    const plan = { recovery: seen.recovery, hosts: found, end };
    const last = refusal ?? (await writeRecovery(plan, records));
    paper.write(`\n${last}\n`);
    return order.write && refusal !== undefined ? 1 : 0;
  } finally {
    await hosts.close();
    redis.disconnect();
  }
}

interface LookTools {
  hosts: Hosts;
  clouds: readonly Cloud[];
  records: Records;
  registered: readonly KnownHost[];
  /** Gets the hosts that are found, before their doors are looked for. */
  found: KnownHost[];
}

async function look(order: RecoverOrder, { hosts, clouds, records, registered, found }: LookTools) {
  const { owner, channel, endRequests } = order;
  const now = Date.now();
  const { signal } = new AbortController();
  // Every look at once listens to it.
  setMaxListeners(0, signal);
  const said = { ...(owner !== undefined && { owner }), ...(channel !== undefined && { channel }) };
  const inClouds = await recoverHosts({ clouds, hosts, register: registered, ...said, now, signal });
  found.push(...inClouds.found);
  const open = await survivingRequests(records);
  const places = await seePlaces({ hosts, clouds }, now, signal);
  const busy = endRequests ? [] : [...open, ...(await survivingRequests(records, now))];
  const ids = places.flatMap(({ doors = [] }) => doors.map(({ door }) => door.id));
  const recovery = recoverRegister(places, {
    register: await records.doors.list(),
    requests: await openingRequests(ids, records),
    isUnderWay: (door) => busy.some((record) => isUnderWay(record, door)),
    ...said,
    now,
  });
  return { hosts: inClouds, places, recovery, open };
}

/** Why nothing is written; undefined where it is. */
function whyNot({ write, owner }: RecoverOrder, { changes }: Recovery): string | undefined {
  const orphans = changes.filter(({ ownerless }) => ownerless).length;
  const who = `--owner and the Slack id of whoever answers for ${orphans} of them`;
  if (write && owner === undefined && orphans > 0)
    return `Nothing was written: nobody is known to own some doors. Say ${who}.`;
  if (write) return undefined;
  const more = orphans > 0 && owner === undefined ? ` It needs ${who}.` : '';
  return `Nothing was written. \`npm run recover -- --write\` writes this to Redis, and changes nothing else.${more}`;
}

function report(paper: Paper, title: string, rows: readonly string[]): void {
  if (rows.length > 0) paper.write(`\n${title}\n${rows.map((row) => `  ${row}\n`).join('')}`);
}

/** Undefined for what is no order. */
function orderOf(args: string[]): RecoverOrder | undefined {
  try {
    const text = { type: 'string' } as const;
    const flag = { type: 'boolean', default: false } as const;
    const { values } = parseArgs({
      args,
      options: { write: flag, owner: text, channel: text, 'end-requests': flag },
    });
    const { write, owner, channel, 'end-requests': endRequests } = values;
    const fits =
      (owner === undefined || /^[UW][A-Z0-9]+$/.test(owner)) &&
      (channel === undefined || /^[CG][A-Z0-9]+$/.test(channel));
    if (!fits) return undefined;
    return {
      write,
      endRequests,
      ...(owner !== undefined && { owner }),
      ...(channel !== undefined && { channel }),
    };
  } catch {
    // parseArgs throws for options that it does not know.
    return undefined;
  }
}

if (isMain(import.meta.url))
  await runCommandLine({
    usage: USAGE,
    orderOf,
    run: (order, config, log) => runRecover(order, config, log, process.stdout),
  });
