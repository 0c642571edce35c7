/** The worker's part of `/lxd doctor`: hosts, keys and clouds, side by side, each within its time. Changes nothing. */
import { stat } from 'node:fs/promises';
import type { Answer } from '../../src/core/answer.ts';
import { doorFindings } from '../../src/core/findings/door-findings.ts';
import { type Finding, fail, ok } from '../../src/core/findings/finding.ts';
import { type KeyFacts, keyFinding } from '../../src/core/findings/host-findings.ts';
import { redisFindings } from '../../src/core/findings/redis-findings.ts';
import { messageOf } from '../../src/errors.ts';
import { within } from '../../src/within.ts';
import type { Tools } from '../tools.ts';
import { examineCloud } from './examine-cloud.ts';
import { examineHost } from './examine-host.ts';

/** What takes longer does not answer, in milliseconds. */
const CHECK_MS = 6_000;

/** @param round by which the bot sees that a worker has taken it up */
export async function examine(round: string | undefined, signal: AbortSignal, tools: Tools): Promise<Answer> {
  const { records, hosts, clouds } = tools;
  if (round !== undefined) await records.taken.mark(round);
  const all = await hosts.list();
  const patience = AbortSignal.any([signal, AbortSignal.timeout(CHECK_MS)]);
  const checks: [string, Promise<Finding[]>][] = [
    ['Worker', records.redisFacts().then(ownFindings)],
    ...all.map((host): [string, Promise<Finding[]>] => [
      `host ${host.name}`,
      examineHost(host, patience, CHECK_MS),
    ]),
    ...clouds.map((cloud): [string, Promise<Finding[]>] => [
      `cloud ${cloud.name}`,
      examineCloud(cloud, patience),
    ]),
    ['Doors', examineDoors(tools)],
    ['Keys', examineKeys(tools)],
  ];
  const found = await Promise.all(checks.map(([about, check]) => inTime(about, check)));
  const none =
    all.length > 0
      ? []
      : [fail('Hosts', 'none is known', 'Name one under `hosts:`, or `/lxd host adopt` it.')];
  return { kind: 'findings', findings: [...found.flat(), ...none] };
}

/** Also where something does not listen to its signal. */
async function inTime(about: string, check: Promise<Finding[]>): Promise<Finding[]> {
  try {
    return await within(CHECK_MS + 1_000, check);
  } catch (error) {
    return [fail(about, `could not be examined: ${messageOf(error)}`, 'Look into the log of the worker.')];
  }
}

/** Of Redis only what is the worker's own: how far away it is, and both clocks. */
function ownFindings(facts: Parameters<typeof redisFindings>[0]): Finding[] {
  const speed = redisFindings(facts, 'the worker').filter(({ about }) => about.includes('speed'));
  return [ok('Worker', 'one is at work'), ...speed];
}

async function examineDoors({ records: { differences }, reconcile }: Tools): Promise<Finding[]> {
  const [pass, all] = await Promise.all([differences.lastPass(), differences.list()]);
  return doorFindings(pass, all.length, reconcile.everySeconds, Date.now());
}

async function examineKeys({ hosts, clouds }: Tools): Promise<Finding[]> {
  const files = [
    ...(await hosts.list()).map(({ name, keyFile }) => ({ of: `host ${name}`, path: keyFile })),
    ...clouds.map(({ name, keyFile }) => ({ of: `cloud ${name}`, path: keyFile })),
    { of: 'hosts that are adopted', path: hosts.adoptKeyFile },
  ];
  return Promise.all(
    files.flatMap(({ of, path }) => (path === undefined ? [] : [keyFacts(of, path).then(keyFinding)])),
  );
}

async function keyFacts(of: string, path: string): Promise<KeyFacts> {
  try {
    return { of, path, file: { mode: (await stat(path)).mode } };
  } catch (error) {
    return { of, path, file: { error: messageOf(error) } };
  }
}
