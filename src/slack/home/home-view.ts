/** The Home of one person: what waits for them, what they asked for, which doors are open, how the hosts are. Pure. */
import { canonicalCommand } from '../../core/commands/canonical-command.ts';
import { harmless, harmlessWithPeople } from '../../core/commands/chat-text.ts';
import type { Finding } from '../../core/findings/finding.ts';
import { outcomeInWords } from '../../core/outcome-words.ts';
import type { RequestRecord } from '../../core/record.ts';
import type { SeenHost } from '../../records/hosts.ts';
import type { Alarm } from '../../records/panic.ts';
import type { Block, HomeView } from '../bolt.ts';
import { clock, context, cut, DAY, lines, section } from '../views/block-texts.ts';
import { alarmBlocks } from '../views/panic-view.ts';
import { type HomeDoors, homeDoors } from './home-doors.ts';

/** A request with the address of its message, where that is known. */
export interface LinkedRequest {
  record: RequestRecord;
  link?: string;
}

export interface HomeContent extends HomeDoors {
  /** Why this person may not look at doors and hosts; undefined when they may. */
  refusal?: string;
  /** The first of those that they may decide on, and how many there are in all. */
  waiting: readonly LinkedRequest[];
  waitingInAll: number;
  /** Their own, newest first. */
  own: readonly LinkedRequest[];
  hosts: readonly SeenHost[];
  /** Where panic was called. */
  alarms: readonly Alarm[];
  /** How Redis may lose what it is given. */
  risks: readonly Finding[];
  /** Milliseconds since 1970. */
  now: number;
}

/** How many requests a section shows. */
export const MOST_REQUESTS = 10;
/** Hosts are looked at once a minute; what is older than this is no longer true. */
const STALE_MS = 300_000;
const HOST_SECTIONS = 5;

/** At most 100 blocks and 250 kB (Slack, "views.publish"). */
export function homeView(content: HomeContent): HomeView {
  const { refusal } = content;
  const known =
    refusal === undefined
      ? [...homeDoors(content), ...hostBlocks(content)]
      : [
          section(
            `:no_entry_sign: You may not look at doors and hosts: ${refusal} Whoever keeps the policy can add you.`,
          ),
        ];
  return {
    type: 'home',
    blocks: [
      ...alarmBlocks(content.alarms),
      ...riskBlocks(content),
      ...waitingBlocks(content),
      ...ownBlocks(content),
      ...known,
    ],
  };
}

/** Also for those who can do nothing about it: they know whom to tell. */
function riskBlocks({ risks }: HomeContent): Block[] {
  const lines = risks.map(
    ({ about, seen, next = '' }) => `:warning: *${about}*: ${seen}. For whoever runs Drawbridge: ${next}`,
  );
  return lines.length === 0 ? [] : [section(cut(lines.join('\n'), 2_000))];
}

function waitingBlocks({ waiting, waitingInAll }: HomeContent): Block[] {
  if (waiting.length === 0) return [];
  const blocks = [section(`:bell: *Waiting for you*, ${waitingInAll}`)];
  for (const { record, link } of waiting) {
    const { asked, approval, approvals = [], waitsUntil } = record;
    const { requester, command } = asked;
    const count = approval?.need.count ?? 1;
    const so = count > 1 ? ` ${approvals.length} of ${count} people have approved it.` : '';
    const until = waitsUntil === undefined ? '' : ` It expires at ${clock(waitsUntil, DAY)}.`;
    const reason = command.reason === undefined ? '' : `\n> ${harmless(command.reason, 200)}`;
    const why = `It needs approval: ${harmless(approval?.why ?? '', 200)}.${so}${until}`;
    blocks.push(section(cut(`${titleOf(record, link)} · <@${requester}>${reason}\n${why}`, 800)));
  }
  const more = waitingInAll - waiting.length;
  const rest = more > 0 ? ` ${more} more: \`/lxd requests\`.` : '';
  blocks.push(context(`The number leads to its message; Approve and Deny stand there.${rest}`), {
    type: 'divider',
  });
  return blocks;
}

function ownBlocks({ own, refusal }: HomeContent): Block[] {
  if (own.length === 0 && refusal !== undefined) return [];
  const title = section(':memo: *Your requests*');
  if (own.length === 0)
    return [title, context('None yet. Try `/lxd plan expose blog 80`: it changes nothing.')];
  const rows = own.map(({ record, link }) =>
    cut(`${titleOf(record, link)} · ${clock(record.asked.at, DAY)} · ${stateOf(record)}`, 800),
  );
  return [title, ...lines(rows, 5)];
}

/** `req-abc expose blog 80`, the id leading to its message. */
function titleOf({ asked }: RequestRecord, link: string | undefined): string {
  const id = link === undefined ? `\`${asked.id}\`` : `<${link}|${asked.id}>`;
  return `${id} ${harmless(canonicalCommand(asked.command), 300)}`;
}

function stateOf({ state, decision, outcome }: RequestRecord): string {
  if (outcome !== undefined) return harmlessWithPeople(outcomeInWords(outcome), 200);
  return state === 'waiting' && decision === undefined ? '*waits for a decision*' : `*${state}*`;
}

function hostBlocks({ hosts, now }: HomeContent): Block[] {
  const title = section(`:desktop_computer: *Hosts*, ${hosts.length}`);
  if (hosts.length === 0) return [title, context('No worker has looked at a host yet.')];
  return [
    { type: 'divider' },
    title,
    ...lines(
      hosts.map((host) => hostRow(host, now)),
      HOST_SECTIONS,
    ),
  ];
}

function hostRow({ host, answers, says, cloud, drained, since, seenAt }: SeenHost, now: number): string {
  const where = `${cloud === undefined ? '' : ` in ${harmless(cloud, 60)}`}${drained === true ? ', drained' : ''}`;
  const name = `*${harmless(host, 60)}*${where}`;
  const from = since === undefined ? '' : ` · since ${clock(since, DAY)}`;
  if (now - seenAt > STALE_MS)
    return `:grey_question: ${name} was not looked at since ${clock(seenAt, DAY)}: does a worker run?`;
  if (!answers) return `:red_circle: ${name} does not answer: ${harmless(says, 200)}${from}`;
  const sign = drained === true ? ':large_yellow_circle:' : ':large_green_circle:';
  return `${sign} ${name} answers · ${harmless(says, 60)}${from}`;
}
