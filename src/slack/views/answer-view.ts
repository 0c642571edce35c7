/** Answers to looks, as private messages. Pure. */
import type { Answer, CloudLine, HostLine, InstanceLine } from '../../core/answer.ts';
import { codeLine, harmless } from '../../core/commands/chat-text.ts';
import type { Place } from '../../core/place.ts';
import type { Refusal } from '../../core/refusal.ts';
import { portOf } from '../../core/request.ts';
import { stepInWords } from '../../core/step-words.ts';
import type { Listener } from '../../core/world.ts';
import type { Block, View } from '../bolt.ts';
import { clock, context, cut, lines, section } from './block-texts.ts';
import { findingsView } from './findings-view.ts';
import { notes, picture, summaryOf } from './plan-view.ts';
import { policyView, rulingLine } from './policy-view.ts';
import { whyView } from './why-view.ts';

/** The message for an answer. @param place where it was asked for: what its buttons say counts as said there. Without it there are none */
export function answerView(answer: Answer, place?: Place): View {
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
      return hostsView(answer);
    case 'instance':
      return instanceView(answer);
    case 'logs':
      return logsView(answer);
    case 'dry_run':
      return dryRunView(answer);
    case 'policy':
      return policyView(answer);
    case 'why':
      return whyView(answer, place);
    case 'findings':
      return findingsView('the worker', answer.findings);
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

function hostsView({ hosts, clouds }: Extract<Answer, { kind: 'hosts' }>): View {
  if (hosts.length + clouds.length === 0) {
    return textView(
      'No hosts are configured. Add one under `hosts:` in the configuration file, then start again.',
    );
  }
  const rows = [...hosts.map(hostRow), ...clouds.map(cloudRow)];
  return { text: cut(rows.join('\n'), 3_000), blocks: lines(rows) };
}

function hostRow({ host, answers, says, publicAddress, instances, took, cloud, drained }: HostLine): string {
  const where = `${cloud === undefined ? '' : ` in ${cloud}`}${drained === true ? ', drained' : ''}`;
  if (!answers) return `:red_circle: *${host}*${where} does not answer: ${harmless(says, 300)}`;
  const parts = [
    says,
    `${instances ?? 0} instances`,
    ...(cloud === undefined ? [`doors at ${publicAddress ?? 'no address: set `public_address`'}`] : []),
    `${took ?? 0} ms`,
  ];
  const sign = drained === true ? ':large_yellow_circle:' : ':large_green_circle:';
  return `${sign} *${host}*${where} answers · ${parts.join(' · ')}`;
}

function cloudRow({ cloud, answers, says, took }: CloudLine): string {
  if (!answers) return `:red_circle: cloud *${cloud}* does not answer: ${harmless(says, 300)}`;
  return `:large_green_circle: cloud *${cloud}* answers · ${harmless(says, 300)} · ${took ?? 0} ms`;
}

function instanceView({
  instance,
  listeners,
  doors,
  snapshots,
}: Extract<Answer, { kind: 'instance' }>): View {
  const kept = snapshots.map(({ name, at }) => `\`${name}\` (${clock(at, '{date_short_pretty} {time}')})`);
  const rows = [
    instanceRow(instance),
    `Listens on: ${listeners === undefined ? 'could not be seen' : listenersInWords(listeners)}`,
    doors.length === 0 ? 'No doors.' : `Doors: ${doors.join(', ')}`,
    ...(kept.length === 0 ? [] : [`Snapshots: ${kept.slice(0, 20).join(', ')}`]),
  ];
  return { text: cut(rows.join('\n'), 3_000), blocks: lines(rows) };
}

function listenersInWords(listeners: readonly Listener[]): string {
  if (listeners.length === 0) return 'nothing';
  return listeners.map(({ address, port, protocol }) => `${portOf(port, protocol)} (${address})`).join(', ');
}

/** The newest lines count, so what is too much is cut off in front. */
function logsView({ instance, source, lines: all }: Extract<Answer, { kind: 'logs' }>): View {
  const title = `*${instance}* · ${source}`;
  if (all.length === 0) return textView(`${title}: nothing there.`);
  const clean: string[] = [];
  let room = CODE;
  for (const line of all.map((each) => codeLine(each)).reverse()) {
    room -= line.length + 1;
    if (room < 0) break;
    clean.unshift(line);
  }
  const left = all.length - clean.length;
  const blocks = [section(title), section(`\`\`\`\n${clean.join('\n')}\n\`\`\``)];
  if (left > 0)
    blocks.push(context(`${left} older line${left === 1 ? '' : 's'} did not fit into a message.`));
  return { text: cut([title, ...clean].join('\n'), 3_000), blocks };
}

/** Leaves room in a section for the fence. */
const CODE = 2_900;

function dryRunView({ command, plan, ruling }: Extract<Answer, { kind: 'dry_run' }>): View {
  const rows = [
    `*Dry run*: \`${command}\` ${summaryOf(plan, true)}`,
    ...plan.steps.map((step) => `▫︎ ${stepInWords(step)}`),
    rulingLine(ruling),
  ];
  return {
    text: cut(rows.join('\n'), 3_000),
    blocks: [
      ...lines(rows, 40),
      ...picture(plan),
      ...notes(plan),
      context(`Nothing was changed. \`/lxd ${command}\` asks for it.`),
    ],
  };
}
