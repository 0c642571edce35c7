/** `/lxd doctor`: the bot's part is answered at once; the worker's part is asked for, and missed aloud where none comes. */
import { setTimeout as sleep } from 'node:timers/promises';
import { type Finding, fail, ok } from '../core/findings/finding.ts';
import { redisFindings } from '../core/findings/redis-findings.ts';
import { outboxFinding, policyFinding, queuesFinding } from '../core/findings/slack-findings.ts';
import { placeForOne } from '../core/place.ts';
import { messageOf } from '../errors.ts';
import type { View } from './bolt.ts';
import type { CommandTools } from './command-tools.ts';
import { examineSlack } from './examine-slack.ts';
import { sayPrivately } from './say-privately.ts';
import type { Where } from './submit.ts';
import { findingsView } from './views/findings-view.ts';

/** A worker that runs takes a look up much sooner, in milliseconds. */
const TAKEN_MS = 5_000;
const LOOK_MS = 250;

/** The bot's part. What the worker sees comes through the outbox, like every look. */
export async function seeDoctor(where: Where, tools: CommandTools): Promise<View> {
  const { user, groups } = where;
  const place = placeForOne(where);
  const round = crypto.randomUUID();
  const command = { action: 'doctor', round } as const;
  // Asked before the doctor's own job stands there.
  const queues = await part('Queues', examineQueues(tools));
  await tools.queues.look({ command, user, ...(groups && { groups }), ...place });
  void missWorker(round, { ...place, user }, tools);
  const parts = await Promise.all([
    part('Slack', examineSlack({ user, channel: where.channel }, tools)),
    part('Redis', examineRedis(tools)),
    part('Messages to Slack', examineOutbox(tools)),
  ]);
  const { mode, policyProblems } = tools.setup;
  const own = [ok('Slack: connection', `by ${mode}`), policyFinding(policyProblems())];
  return findingsView('the bot', [...own, ...parts.flat(), ...queues]);
}

/** A check that breaks is a finding, too. */
async function part(about: string, findings: Promise<Finding[]>): Promise<Finding[]> {
  try {
    return await findings;
  } catch (error) {
    return [fail(about, `could not be examined: ${messageOf(error)}`, 'Look into the log of the bot.')];
  }
}

async function examineQueues({ queues }: CommandTools): Promise<Finding[]> {
  return [queuesFinding(await queues.untaken())];
}

async function examineRedis({ records }: CommandTools): Promise<Finding[]> {
  return redisFindings(await records.redisFacts(), 'the bot');
}

async function examineOutbox({ records }: CommandTools): Promise<Finding[]> {
  const [waiting, oldestMs] = await Promise.all([records.outbox.waiting(), records.outbox.oldestMs()]);
  return [outboxFinding({ waiting, oldestMs })];
}

/** Tells the person when no worker has taken their look up. */
async function missWorker(
  round: string,
  { user, ...place }: ReturnType<typeof placeForOne> & { user: string },
  tools: CommandTools,
): Promise<void> {
  try {
    for (let waited = 0; waited < TAKEN_MS; waited += LOOK_MS) {
      await sleep(LOOK_MS, undefined, { ref: false });
      if (await tools.records.taken.has(round)) return;
    }
    const seen = `none has taken up the look within ${TAKEN_MS / 1_000} s, so nothing is known of hosts, keys and clouds`;
    const next =
      'Start one (`node dist/jobs/worker.js`) with the same Redis and `DRAWBRIDGE_PREFIX` as the bot; its part comes then.';
    await sayPrivately(user, place, findingsView('the bot', [fail('Worker', seen, next)]), tools);
  } catch (error) {
    tools.log.warn({ err: messageOf(error), user }, 'waiting for a worker');
  }
}
