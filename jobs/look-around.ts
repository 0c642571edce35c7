/** Jobs of the queue `look`: answer what somebody wants to see, privately. Change nothing. */
import type { Answer, HostLine, InstanceLine } from '../src/core/answer.ts';
import { nearest } from '../src/core/nearest.ts';
import { approvalReason } from '../src/core/policy.ts';
import { isRefusal, refuse } from '../src/core/refusal.ts';
import { commandInWords, type InstanceName, type LookCommand } from '../src/core/request.ts';
import { standingDoors } from '../src/core/standing-doors.ts';
import { publicSideOf } from '../src/core/step-words.ts';
import { messageOf } from '../src/errors.ts';
import type { LxdInstance } from '../src/lxd/client.ts';
import type { Attempt, Payloads } from '../src/queues.ts';
import { findInstance, surveyHosts } from './find-instance.ts';
import { makePlanFor } from './make-plan.ts';
import { observeHost } from './observe-host.ts';
import { observeListeners } from './observe-instance.ts';
import type { Host, Tools } from './tools.ts';

/** Looks, and puts the answer in the person's own lane of the outbox. */
export async function lookAround(
  { command, user, channel }: Payloads['look'],
  attempt: Attempt,
  signal: AbortSignal,
  tools: Tools,
): Promise<void> {
  let answer: Answer;
  try {
    answer = await look(command, signal, tools);
  } catch (error) {
    if (!attempt.last) throw error;
    tools.log.error({ err: error, command: command.action }, 'looking around');
    answer = { kind: 'trouble', message: messageOf(error) };
  }
  await tools.records.outbox.add(`private-${user}`, { kind: 'answer', user, channel, answer });
}

function look(command: LookCommand, signal: AbortSignal, tools: Tools): Promise<Answer> {
  switch (command.action) {
    case 'list':
      return listInstances(command.host, signal, tools);
    case 'info':
      return showInstance(command.target, signal, tools);
    case 'hosts':
      return listHosts(signal, tools);
    case 'plan':
      return dryRun(command, signal, tools);
  }
}

async function listInstances(
  name: string | undefined,
  signal: AbortSignal,
  { hosts }: Tools,
): Promise<Answer> {
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

async function showInstance(target: InstanceName, signal: AbortSignal, { hosts }: Tools): Promise<Answer> {
  const found = await findInstance(hosts, target, signal);
  if (isRefusal(found)) return found;
  const { host } = found;
  const [world, listeners] = await Promise.all([
    observeHost(host, signal),
    observeListeners(host, target.instance, signal),
  ]);
  const seen = world.instances.find(({ name }) => name === target.instance);
  const addresses = (seen?.nics ?? []).flatMap(({ address }) => (address === undefined ? [] : [address]));
  const doors = standingDoors(world)
    .filter(({ door }) => door.instance === target.instance)
    .map(({ door }) => `${publicSideOf(door)} → ${door.port} (${door.road}, ${door.id})`);
  const instance = { host: host.name, name: target.instance, status: seen?.status ?? 'gone', addresses };
  return { kind: 'instance', instance, doors, ...(listeners && { listeners }) };
}

async function listHosts(signal: AbortSignal, { hosts, records }: Tools): Promise<Answer> {
  const lines = await Promise.all(hosts.map((host) => lookAtHost(host, signal)));
  await Promise.all(
    lines.filter(({ answers }) => answers).map((line) => records.hosts.put({ ...line, seenAt: Date.now() })),
  );
  return { kind: 'hosts', hosts: lines };
}

async function lookAtHost(host: Host, signal: AbortSignal): Promise<HostLine> {
  const begun = performance.now();
  try {
    const [server, world] = await Promise.all([host.client.getServer(signal), observeHost(host, signal)]);
    const { publicAddress, instances } = world;
    return {
      host: host.name,
      answers: true,
      says: `LXD ${server.environment.server_version}`,
      instances: instances.length,
      took: Math.round(performance.now() - begun),
      ...(publicAddress !== undefined && { publicAddress }),
    };
  } catch (error) {
    return { host: host.name, answers: false, says: messageOf(error) };
  }
}

async function dryRun(
  { of }: Extract<LookCommand, { action: 'plan' }>,
  signal: AbortSignal,
  { hosts, policy }: Tools,
): Promise<Answer> {
  const plan = await makePlanFor('req-dryrun', of, hosts, signal);
  if (isRefusal(plan)) return plan;
  const approval = approvalReason(policy, plan);
  return { kind: 'dry_run', command: commandInWords(of), plan, ...(approval !== undefined && { approval }) };
}
