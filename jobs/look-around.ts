/** Jobs of the queue `look`: answer what somebody wants to see, privately. Change nothing. */
import type { Answer, InstanceLine } from '../src/core/answer.ts';
import { canonicalCommand } from '../src/core/commands/canonical-command.ts';
import { nearest } from '../src/core/commands/nearest.ts';
import { mentionsOf } from '../src/core/policy.ts';
import { isRefusal, refuse } from '../src/core/refusal.ts';
import type { InstanceName, LookCommand } from '../src/core/request.ts';
import { publicSideOf } from '../src/core/step-words.ts';
import { standingDoors } from '../src/core/tags/standing-doors.ts';
import { messageOf } from '../src/errors.ts';
import type { LxdInstance } from '../src/lxd/client.ts';
import type { Attempt, LookPayload } from '../src/queues.ts';
import { examine } from './looks/examine.ts';
import { lookAtHosts } from './looks/look-at-hosts.ts';
import { whyDoor } from './looks/why-door.ts';
import { findInstance, surveyHosts } from './observe/find-instance.ts';
import { lookAtClouds } from './observe/observe-cloud.ts';
import { observeHost } from './observe/observe-host.ts';
import { observeListeners } from './observe/observe-instance.ts';
import { readLogs } from './observe/read-logs.ts';
import { makePlanFor } from './plans/make-plan.ts';
import { mayAsk, ruleOn } from './rule-on.ts';
import type { Host, Tools } from './tools.ts';

/** Looks, and puts the answer in the person's own lane of the outbox. */
export async function lookAround(
  payload: LookPayload,
  attempt: Attempt,
  signal: AbortSignal,
  tools: Tools,
): Promise<void> {
  const { command, groups: _groups, ...where } = payload;
  let answer: Answer;
  try {
    answer = await look(payload, signal, tools);
  } catch (error) {
    if (!attempt.last) throw error;
    tools.log.error({ err: error, command: command.action }, 'looking around');
    answer = { kind: 'trouble', message: messageOf(error) };
  }
  await tools.records.outbox.add(`private-${where.user}`, { kind: 'answer', ...where, answer });
}

function look(payload: LookPayload, signal: AbortSignal, tools: Tools): Promise<Answer> {
  const { command } = payload;
  switch (command.action) {
    case 'list':
      return listInstances(command.host, signal, tools);
    case 'info':
      return showInstance(command.target, signal, tools);
    case 'hosts':
      return lookAtHosts(signal, tools);
    case 'logs':
      return readLogs(command.target, command.lines, signal, tools);
    case 'doctor':
      return examine(command.round, signal, tools);
    case 'why':
      return whyDoor(command, signal, tools);
    case 'plan':
    case 'policy':
      return dryRun(command, payload, signal, tools);
  }
}

async function listInstances(name: string | undefined, signal: AbortSignal, tools: Tools): Promise<Answer> {
  const hosts = await tools.hosts.list();
  const asked = name === undefined ? hosts : hosts.filter((host) => host.name === name);
  if (asked.length === 0) {
    const names = hosts.map((host) => host.name);
    const close = nearest(name ?? '', names)[0];
    const next =
      close === undefined
        ? `The hosts are ${names.join(', ') || 'none yet'}.`
        : `Did you mean \`list ${close}\`?`;
    return refuse('not_found', `There is no host \`${name ?? ''}\`.`, next);
  }
  const { answered, silent } = await surveyHosts(asked, signal);
  const instances = answered.flatMap(({ host, instances: all }) =>
    all.map((instance) => lineOf(host, instance)),
  );
  instances.sort((a, b) => a.host.localeCompare(b.host) || a.name.localeCompare(b.name));
  return { kind: 'instances', instances, silent };
}

function lineOf(host: Host, instance: LxdInstance): InstanceLine {
  const networks = Object.values(instance.state?.network ?? {});
  const addresses = networks.flatMap(({ addresses: all }) =>
    all.filter(({ family, scope }) => family === 'inet' && scope === 'global').map(({ address }) => address),
  );
  return { host: host.name, name: instance.name, status: instance.status, addresses };
}

async function showInstance(target: InstanceName, signal: AbortSignal, tools: Tools): Promise<Answer> {
  const found = await findInstance(await tools.hosts.list(), target, signal);
  if (isRefusal(found)) return found;
  const { host, instances } = found;
  const [world, listeners, kept] = await Promise.all([
    observeHost(host, signal, lookAtClouds(tools, signal), instances),
    observeListeners(host, target.instance, signal),
    host.client.listSnapshots(target.instance, signal),
  ]);
  const seen = world.instances.find(({ name }) => name === target.instance);
  const addresses = (seen?.nics ?? []).flatMap(({ address }) => (address === undefined ? [] : [address]));
  const doors = standingDoors(world)
    .filter(({ door }) => door.instance === target.instance)
    .map(({ door }) => `${publicSideOf(door)} → ${door.port} (${door.road}, ${door.id})`);
  const instance = { host: host.name, name: target.instance, status: seen?.status ?? 'gone', addresses };
  const snapshots = kept.map(({ name, created_at }) => ({ name, at: Date.parse(created_at) })).reverse();
  return { kind: 'instance', instance, doors, snapshots, ...(listeners && { listeners }) };
}

async function dryRun(
  { action, of }: Extract<LookCommand, { action: 'plan' | 'policy' }>,
  { user, groups = [], channel }: LookPayload,
  signal: AbortSignal,
  tools: Tools,
): Promise<Answer> {
  const asked = { command: of, requester: user, groups, channel, at: Date.now() };
  const forbidden = action === 'policy' ? await mayAsk(asked, tools, signal) : undefined;
  if (forbidden !== undefined) return forbidden;
  const plan = await makePlanFor('req-dryrun', of, tools, signal);
  if (isRefusal(plan)) return plan;
  const ruling = await ruleOn(asked, plan, tools);
  const command = canonicalCommand(of);
  if (action === 'plan') return { kind: 'dry_run', command, plan, ruling };
  return {
    kind: 'policy',
    command,
    plan,
    ruling,
    approvers: ruling.end === 'approve' ? mentionsOf(tools.policy(), ruling.need.by) : '',
  };
}
