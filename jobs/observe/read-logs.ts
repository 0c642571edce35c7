/** Reads the last lines that an instance has to say, from wherever it keeps them. Changes nothing inside. */
import type { Answer } from '../../src/core/answer.ts';
import { redact } from '../../src/core/redact.ts';
import { isRefusal } from '../../src/core/refusal.ts';
import type { InstanceName } from '../../src/core/request.ts';
import { isFault } from '../../src/errors.ts';
import type { LxdClient } from '../../src/lxd/client.ts';
import type { Tools } from '../tools.ts';
import { findInstance } from './find-instance.ts';

const DEFAULT_LINES = 20;
/** A private key that began this many lines before the last ones is still recognised. */
const BEFORE = 100;

interface Said {
  source: string;
  text: string;
}

/** The last lines with secrets cut out. */
export async function readLogs(
  target: InstanceName,
  lines: number | undefined,
  signal: AbortSignal,
  { hosts }: Pick<Tools, 'hosts'>,
): Promise<Answer> {
  const found = await findInstance(await hosts.list(), target, signal);
  if (isRefusal(found)) return found;
  const { host, instances } = found;
  const count = lines ?? DEFAULT_LINES;
  const isRunning = instances.find(({ name }) => name === target.instance)?.status === 'Running';
  const { source, text } = isRunning
    ? await fromRunning(host.client, target.instance, count + BEFORE, signal)
    : await fromStopped(host.client, target.instance, signal);
  const all = text.replace(/\r/g, '').replace(/\n+$/, '').split('\n');
  const last = redact(text === '' ? [] : all.slice(-count - BEFORE)).slice(-count);
  return { kind: 'logs', instance: `${host.name}/${target.instance}`, source, lines: last };
}

/** The journal where there is one, else the file that syslog writes, else what came on the console. */
async function fromRunning(
  client: LxdClient,
  instance: string,
  count: number,
  signal: AbortSignal,
): Promise<Said> {
  const ways: [source: string, argv: string[]][] = [
    ['its journal', ['journalctl', '--no-pager', '-n', String(count), '-o', 'short-iso']],
    ['/var/log/syslog', ['tail', '-n', String(count), '/var/log/syslog']],
    ['/var/log/messages', ['tail', '-n', String(count), '/var/log/messages']],
  ];
  for (const [source, argv] of ways) {
    const text = await outputOf(client, instance, argv, signal);
    if (text !== undefined && text.trim() !== '') return { source, text };
  }
  const text = await client.readConsole(instance, signal);
  return { source: 'its console, since it was last read', text };
}

/** undefined where there is no such program or file, or nothing can be run at all. */
async function outputOf(
  client: LxdClient,
  instance: string,
  argv: string[],
  signal: AbortSignal,
): Promise<string | undefined> {
  try {
    const { exitCode, stdout } = await client.exec(instance, argv, signal);
    return exitCode === 0 ? stdout : undefined;
  } catch (error) {
    if (isFault(error, 'lxd_refused', 'lxd_failed', 'lxd_not_found')) return undefined;
    throw error;
  }
}

/** What it said until it stopped; where that is nothing, why LXC could not start it. */
async function fromStopped(client: LxdClient, instance: string, signal: AbortSignal): Promise<Said> {
  const text = await client.readConsole(instance, signal);
  if (text.trim() !== '') return { source: 'its console, until it stopped', text };
  return { source: 'LXC’s log; it is stopped', text: await client.readLxcLog(instance, signal) };
}
