/** Answers to looks, as private messages. Pure. */
import type { Answer, HostLine, InstanceLine } from '../core/answer.ts';
import { harmless } from '../core/chat-text.ts';
import type { Refusal } from '../core/refusal.ts';
import { portOf } from '../core/request.ts';
import { privateSideOf, publicSideOf, sourcesInWords, stepInWords } from '../core/step-words.ts';
import type { Listener } from '../core/world.ts';
import { context, cut, lines, section } from './block-texts.ts';
import type { Block, View } from './bolt.ts';

/** The message for an answer. */
export function answerView(answer: Answer): View {
  switch (answer.kind) {
    case 'refused':
      return refusalView(answer);
    case 'trouble':
      return textView(
        `:x: That did not work: ${harmless(answer.message, 500)}. Try again, or look at \`/lxd hosts\`.`,
      );
    case 'instances':
      return instancesView(answer);
    case 'hosts':
      return hostsView(answer.hosts);
    case 'instance':
      return instanceView(answer);
    case 'dry_run':
      return dryRunView(answer);
  }
}

/** What was not understood or not possible, and the next move. */
export function refusalView({ message, next }: Refusal): View {
  return textView(next === undefined ? `:no_entry_sign: ${message}` : `:no_entry_sign: ${message}\n${next}`);
}

/** One text as a message. */
export function textView(text: string): View {
  return { text: cut(text, 3_000), blocks: [section(text)] };
}

function instancesView({ instances, silent }: Extract<Answer, { kind: 'instances' }>): View {
  const rows = instances.map(instanceRow);
  const title = `*${instances.length} instance${instances.length === 1 ? '' : 's'}*`;
  const blocks = [section(title), ...lines(rows), ...silentBlocks(silent)];
  return { text: cut([title, ...rows].join('\n'), 3_000), blocks };
}

function instanceRow({ host, name, status, addresses }: InstanceLine): string {
  const sign = status === 'Running' ? ':large_green_circle:' : ':white_circle:';
  const where = addresses.length === 0 ? '' : ` · ${addresses.join(', ')}`;
  return `${sign} \`${host}/${name}\` ${status.toLowerCase()}${where}`;
}

function silentBlocks(silent: readonly { host: string; why: string }[]): Block[] {
  return silent.map(({ host, why }) => context(`:warning: ${host} did not answer: ${harmless(why, 300)}`));
}

function hostsView(hosts: readonly HostLine[]): View {
  if (hosts.length === 0) {
    return textView(
      'No hosts are configured. Add one under `hosts:` in the configuration file, then start again.',
    );
  }
  const rows = hosts.map(hostRow);
  return { text: cut(rows.join('\n'), 3_000), blocks: lines(rows) };
}

function hostRow({ host, answers, says, publicAddress, instances, took }: HostLine): string {
  if (!answers) return `:red_circle: *${host}* does not answer: ${harmless(says, 300)}`;
  const parts = [
    says,
    `${instances ?? 0} instances`,
    `doors at ${publicAddress ?? 'no address: set `public_address`'}`,
    `${took ?? 0} ms`,
  ];
  return `:large_green_circle: *${host}* answers · ${parts.join(' · ')}`;
}

function instanceView({ instance, listeners, doors }: Extract<Answer, { kind: 'instance' }>): View {
  const rows = [
    instanceRow(instance),
    `Listens on: ${listeners === undefined ? 'could not be seen' : listenersInWords(listeners)}`,
    doors.length === 0 ? 'No doors.' : `Doors: ${doors.join(', ')}`,
  ];
  return { text: cut(rows.join('\n'), 3_000), blocks: lines(rows) };
}

function listenersInWords(listeners: readonly Listener[]): string {
  if (listeners.length === 0) return 'nothing';
  return listeners.map(({ address, port, protocol }) => `${portOf(port, protocol)} (${address})`).join(', ');
}

function dryRunView({ command, plan, approval }: Extract<Answer, { kind: 'dry_run' }>): View {
  const { door, steps, why, warnings } = plan;
  const verb = plan.action === 'open' ? 'would open' : 'would close';
  const rows = [
    `*Dry run*: \`${command}\` ${verb} *${publicSideOf(door)}* → ${privateSideOf(door)} for ${sourcesInWords(door.sources)}`,
    ...steps.map((step) => `▫︎ ${stepInWords(step)}`),
    approval === undefined ? 'It needs no approval.' : `It needs approval: ${approval}.`,
  ];
  const notes = [context(`Road — ${why.map((line) => harmless(line, 300)).join('; ')}`)];
  if (warnings.length > 0)
    notes.push(context(warnings.map((line) => `:warning: ${harmless(line, 300)}`).join('\n')));
  return {
    text: cut(rows.join('\n'), 3_000),
    blocks: [...lines(rows), ...notes, context('Nothing was changed.')],
  };
}
