/**
 * What was asked. The glossary of the project; no other word is used for these things.
 *
 * - request:  what a person asked for in Slack, from the command to its outcome
 * - plan:     what would happen, in steps, with a fingerprint; the thing that is approved
 * - step:     one idempotent, undoable change on one host
 * - decision: the first of approve, deny, cancel or expire; there is only one for a plan
 * - door:     a public address and port behind which an instance's port answers
 * - road:     the way from the door to the instance's port: forward, proxy or userspace
 */

export type Protocol = 'tcp' | 'udp';

export const ROAD_NAMES = ['forward', 'proxy', 'userspace'] as const;
export type RoadName = (typeof ROAD_NAMES)[number];

/** An instance as people name it: `blog`, or `web1/blog` where the host matters. */
export interface InstanceName {
  host?: string;
  instance: string;
}

export interface ExposeCommand {
  action: 'expose';
  target: InstanceName;
  port: number;
  protocol: Protocol;
  publicAddress?: string;
  publicPort?: number;
  /** CIDRs in canonical form, sorted; `['0.0.0.0/0']` means anyone. */
  sources: string[];
  road?: RoadName;
  reason?: string;
}

export interface UnexposeCommand {
  action: 'unexpose';
  target: InstanceName;
  port: number;
  protocol: Protocol;
  publicAddress?: string;
  publicPort?: number;
  reason?: string;
}

export type ChangeCommand = ExposeCommand | UnexposeCommand;

export type LookCommand =
  | { action: 'list'; host?: string }
  | { action: 'info'; target: InstanceName }
  | { action: 'hosts' }
  | { action: 'plan'; of: ChangeCommand };

export type RecordCommand =
  | { action: 'doors'; filter?: string }
  | { action: 'requests'; id?: string }
  | { action: 'cancel'; id: string };

export type Command = ChangeCommand | LookCommand | RecordCommand | { action: 'help'; topic?: string };

export type ActionName = Command['action'];

export const REQUEST_STATES = ['planning', 'waiting', 'approved', 'applying', 'ended'] as const;
/**
 * planning: a worker looks at the world. waiting: the plan waits for a decision. approved: released, not yet
 * begun. applying: steps run. ended: there is an outcome, and nothing changes any more.
 */
export type RequestState = (typeof REQUEST_STATES)[number];

/** What was asked, by whom, where. Never changes after the command. */
export interface Asked {
  id: string;
  command: ChangeCommand;
  /** Slack ids. */
  requester: string;
  channel: string;
  /** What was typed, for the audit. */
  text: string;
  /** Milliseconds since 1970. */
  at: number;
}

/** `blog` or `web1/blog`, as people type it. */
export function nameOf(target: InstanceName): string {
  return target.host === undefined ? target.instance : `${target.host}/${target.instance}`;
}

/** `80`, or `53/udp`: tcp is what people mean when they name none. */
export function portOf(port: number, protocol: Protocol): string {
  return protocol === 'tcp' ? String(port) : `${port}/${protocol}`;
}

/** The command as one would type it, in canonical form. */
export function commandInWords(command: ChangeCommand): string {
  const words: string[] = [command.action, nameOf(command.target), portOf(command.port, command.protocol)];
  const at = publicSide(command);
  if (at !== undefined) words.push('as', at);
  if (command.action === 'expose') {
    if (!isAnyone(command.sources)) words.push('from', command.sources.join(','));
    if (command.road !== undefined) words.push('via', command.road);
  }
  return words.join(' ');
}

/** True when the sources are the whole internet. */
export function isAnyone(sources: readonly string[]): boolean {
  return sources.includes('0.0.0.0/0');
}

function publicSide(command: ChangeCommand): string | undefined {
  const { publicAddress, publicPort } = command;
  if (publicAddress === undefined) return publicPort === undefined ? undefined : String(publicPort);
  return publicPort === undefined ? publicAddress : `${publicAddress}:${publicPort}`;
}
