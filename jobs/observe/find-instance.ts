/** Finds an instance on whichever host has it. */
import { nearest } from '../../src/core/commands/nearest.ts';
import { type Refusal, refuse } from '../../src/core/refusal.ts';
import { type InstanceName, nameOf } from '../../src/core/request.ts';
import { messageOf } from '../../src/errors.ts';
import type { LxdInstance } from '../../src/lxd/client.ts';
import type { Host } from '../tools.ts';

export interface HostInstances {
  host: Host;
  instances: LxdInstance[];
}

export interface Survey {
  answered: HostInstances[];
  silent: { host: string; why: string }[];
}

/** The instances of all hosts, asked side by side; hosts that do not answer are named with the reason. */
export async function surveyHosts(hosts: readonly Host[], signal?: AbortSignal): Promise<Survey> {
  const results = await Promise.allSettled(hosts.map((host) => host.client.listInstances(signal)));
  const survey: Survey = { answered: [], silent: [] };
  results.forEach((result, index) => {
    const host = hosts[index];
    if (host === undefined) return;
    if (result.status === 'fulfilled') survey.answered.push({ host, instances: result.value });
    else survey.silent.push({ host: host.name, why: messageOf(result.reason) });
  });
  return survey;
}

export interface Found {
  host: Host;
  /** All that were listed there. */
  instances: LxdInstance[];
  silentHosts: string[];
}

/**
 * The one host that has the instance. A refusal when none or several have it, or when the hosts that could
 * have it do not answer.
 */
export async function findInstance(
  hosts: readonly Host[],
  target: InstanceName,
  signal?: AbortSignal,
): Promise<Found | Refusal> {
  const candidates = target.host === undefined ? hosts : hosts.filter(({ name }) => name === target.host);
  if (candidates.length === 0) return unknownHost(hosts, target);
  const { answered, silent } = await surveyHosts(candidates, signal);
  const having = answered.filter(({ instances }) => instances.some(({ name }) => name === target.instance));
  const [first, second] = having;
  if (first === undefined) return notFound(target, answered, silent);
  if (second !== undefined) return ambiguous(target, having);
  return { ...first, silentHosts: silent.map(({ host }) => host) };
}

function unknownHost(hosts: readonly Host[], target: InstanceName): Refusal {
  const names = hosts.map(({ name }) => name);
  const close = nearest(target.host ?? '', names)[0];
  const next =
    close === undefined
      ? `The hosts are ${names.join(', ') || 'none: add one to the configuration'}.`
      : `Did you mean \`${close}/${target.instance}\`?`;
  return refuse('not_found', `There is no host \`${target.host ?? ''}\`.`, next);
}

function ambiguous(target: InstanceName, having: HostInstances[]): Refusal {
  const names = having.map(({ host }) => `\`${host.name}/${target.instance}\``);
  return refuse(
    'ambiguous',
    `${names.length} hosts have an instance \`${target.instance}\`.`,
    `Say which: ${names.join(' or ')}.`,
  );
}

function notFound(target: InstanceName, answered: HostInstances[], silent: Survey['silent']): Refusal {
  const unsure = silent.map(({ host, why }) => `${host} did not answer (${why})`).join('; ');
  if (answered.length === 0)
    return refuse(
      'host_silent',
      `No host could be asked for \`${nameOf(target)}\`: ${unsure}.`,
      'Try again, or look at `/lxd hosts`.',
    );
  const names = answered.flatMap(({ instances }) => instances.map(({ name }) => name));
  const close = nearest(target.instance, names);
  const next =
    close.length > 0
      ? `Did you mean ${close.map((name) => `\`${name}\``).join(' or ')}?`
      : '`/lxd list` shows what there is.';
  const where = unsure === '' ? '' : ` But ${unsure}.`;
  return refuse('not_found', `There is no instance \`${nameOf(target)}\`.${where}`, next);
}
