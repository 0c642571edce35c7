/** `host create web9 on public flavor m1.small`: commands about a host as a whole, from their words. */
import { isIPv4 } from 'node:net';
import { isRefusal, type Refusal, refuse } from '../refusal.ts';
import type { HostAdoptCommand, HostCommand, HostCreateCommand } from '../request.ts';
import { clauseText, reasonOf } from './clause-values.ts';
import type { Words } from './command-words.ts';
import { parseHostName } from './destination.ts';
import { type Clause, GRAMMARS } from './grammar.ts';
import { extraWord } from './word-refusals.ts';

/** The command, or what of it was not understood. */
export function buildHostCommand(action: HostCommand['action'], words: Words): HostCommand | Refusal {
  const name = parseHostName(words.plain[0], 'host');
  if (typeof name !== 'string') return name;
  const base = { name, ...reasonOf(words) };
  const flag = words.plain.slice(1).join(' ').toLowerCase();
  if (action === 'host drain' && flag === 'off') return { action, ...base, off: true };
  if (action === 'host delete' && flag === 'with instances') return { action, ...base, withInstances: true };
  if (flag !== '') return extraWord(words.plain.slice(1), GRAMMARS[action]);
  if (action === 'host create') return buildCreate(words, base);
  return action === 'host adopt' ? buildAdopt(words, base) : { action, ...base };
}

type Base = Pick<HostCommand, 'name' | 'reason'>;

function buildCreate(words: Words, base: Base): HostCreateCommand | Refusal {
  const cloud = cloudOf(words);
  if (isRefusal(cloud)) return cloud;
  const command: HostCreateCommand = { action: 'host create', ...base, ...cloud };
  for (const clause of ['flavor', 'image', 'network', 'key', 'zone'] as const) {
    const value = parseCloudName(words, clause);
    if (value === undefined) continue;
    if (typeof value !== 'string') return value;
    command[clause] = value;
  }
  return command;
}

function buildAdopt(words: Words, base: Base): HostAdoptCommand | Refusal {
  const cloud = cloudOf(words);
  if (isRefusal(cloud)) return cloud;
  const address = clauseText(words, 'at');
  if ((cloud.cloud === undefined) === (address === undefined)) {
    const message = `Where is ${base.name}? Say either \`on\` and its cloud, or \`at\` and its address.`;
    return refuse('not_understood', message);
  }
  if (address !== undefined && !isIPv4(address) && !HOST_ADDRESS.test(address)) {
    const next = 'Write it like `198.51.100.7` or `lxd7.example.org`.';
    return refuse('not_understood', `\`${address}\` is not the address of a machine.`, next);
  }
  if (address !== undefined && leadsBack(address)) return refuseToLeadBack(address);
  const user = clauseText(words, 'user');
  if (user !== undefined && !LINUX_USER.test(user))
    return refuse('not_understood', `\`${user}\` is not the name of a user of Linux.`);
  return {
    action: 'host adopt',
    ...base,
    ...cloud,
    ...(address !== undefined && { address }),
    ...(user !== undefined && { user }),
  };
}

/** A DNS name (RFC 1123); what has only digits and dots must be an IPv4 address. */
const HOST_ADDRESS = /^(?=[\d.]*[a-z])[a-z\d]([a-z\d-]{0,61}[a-z\d])?(\.[a-z\d]([a-z\d-]{0,61}[a-z\d])?)*$/i;
/** Loopback, link-local (metadata services of clouds answer there), multicast and what is no address of anybody (RFC 6890). */
const NO_MACHINE =
  /^(::(ffff:)?)?(0|127|169\.254|22[4-9]|23\d|24\d|25[0-5])\.|^::1?$|^fe[89ab][\da-f]:|^ff[\da-f]{2}:|^localhost(\.|$)/i;

/** Whether an address as it was typed, or that a name stands for, is no other machine's. */
export function leadsBack(address: string): boolean {
  return NO_MACHINE.test(address);
}

/** @param address as it was typed */
export function refuseToLeadBack(address: string): Refusal {
  return refuse(
    'not_understood',
    `\`${address}\` leads back to the worker itself, or to no one machine.`,
    'Name the address by which the workers reach the machine. The LXD of a worker’s own machine stands in the configuration, with `unix`.',
  );
}
const LINUX_USER = /^[a-z_][a-z0-9_-]{0,31}$/;

function cloudOf(words: Words): { cloud?: string } | Refusal {
  const said = clauseText(words, 'on');
  if (said === undefined) return {};
  const cloud = parseHostName(said, 'cloud');
  return typeof cloud === 'string' ? { cloud } : cloud;
}

/** OpenStack takes any text for a name; quotes and Slack's own signs would not come through a chat unharmed. */
function parseCloudName(words: Words, clause: Clause): string | Refusal | undefined {
  const said = clauseText(words, clause);
  if (said === undefined || /^[\p{L}\p{N}][\p{L}\p{N} ._:+()/@#,=-]{0,254}$/u.test(said)) return said;
  const next = 'Its id works as well.';
  return refuse('not_understood', `\`${said}\` cannot be a name behind \`${clause}\`.`, next);
}
