/** What rules are asked about: who asks for what, where and when; and, once there is a plan, what it would change. Pure. */
import { type DoorSpec, doorOf, isDoorPlan, type Plan } from '../plan.ts';
import type { Asked, ChangeCommand, RoadName } from '../request.ts';
import type { ChangeAction } from './rule.ts';

export interface Person {
  user: string;
  /** The user groups among the policy's that they are in. */
  groups: readonly string[];
}

export interface Facts {
  action: ChangeAction;
  requester: Person;
  channel: string;
  /** When it was asked, milliseconds since 1970. */
  at: number;
  /** What a plan says: before there is one, what is absent here is not known yet; afterwards it does not apply. */
  planned: boolean;
  host?: string;
  labels?: Readonly<Record<string, string>>;
  road?: RoadName;
  /** CIDRs that are let in. */
  sources?: readonly string[];
  /** The instance's port and the public one. */
  ports?: readonly number[];
  /** How long the door is open in all, in seconds; Infinity without an end. */
  lasts?: number;
  /** Why the plan itself asks for approval, and of how many people. */
  risk?: string;
  approvals?: number;
}

/** Labels by the name of a host or cloud. */
export type LabelsOf = (name: string) => Readonly<Record<string, string>>;

export type WhoAndWhen = Pick<Asked, 'requester' | 'channel' | 'at'> & { groups?: readonly string[] };

/** What is known before anybody has looked at the world. */
export function factsOfCommand(command: ChangeCommand, asked: WhoAndWhen): Facts {
  const facts = { ...who(asked), action: command.action, planned: false };
  if ('port' in command) {
    const { target, port, publicPort } = command;
    const road = target.server === true ? 'server' : command.action === 'expose' ? command.road : undefined;
    return {
      ...facts,
      ports: publicPort === undefined ? [port] : [port, publicPort],
      ...(target.host !== undefined && { host: target.host }),
      ...(road !== undefined && { road }),
      ...(command.action === 'expose' && { sources: command.sources, lasts: lastsOf(command, asked.at) }),
    };
  }
  const host = 'target' in command ? command.target.host : 'name' in command ? command.name : command.host;
  return { ...facts, ...(host !== undefined && { host }) };
}

/** What a plan makes known. */
export function factsOfPlan(plan: Plan, command: ChangeCommand, asked: WhoAndWhen, labels: LabelsOf): Facts {
  const facts = { ...who(asked), action: command.action, planned: true };
  if (isDoorPlan(plan)) {
    const lasts = plan.action === 'open' ? { lasts: lastsOf(plan, asked.at) } : {};
    return { ...facts, ...factsOfDoor(plan.door, labels), ...lasts };
  }
  const door = doorOf(plan);
  if (door !== undefined) return { ...facts, ...factsOfDoor(door, labels), ...lastsAs(plan.lastsSeconds) };
  const host = hostOf(plan.subject);
  return {
    ...facts,
    host,
    labels: labels(host),
    ...(plan.risk !== undefined && { risk: plan.risk, approvals: plan.approvals }),
  };
}

function lastsOf({ forSeconds, until }: { forSeconds?: number; until?: number }, at: number): number {
  return until === undefined ? (forSeconds ?? Number.POSITIVE_INFINITY) : (until - at) / 1_000;
}

function lastsAs(lasts: number | undefined): Pick<Facts, 'lasts'> {
  return lasts === undefined ? {} : { lasts };
}

/** What a door makes known. */
export function factsOfDoor({ host, road, sources, port, publicPort }: DoorSpec, labels: LabelsOf) {
  return { host, labels: labels(host), road, sources, ports: [port, publicPort] };
}

/** Who asked, where and when. */
export function who({ requester, groups = [], channel, at }: WhoAndWhen) {
  return { requester: { user: requester, groups }, channel, at };
}

/** Of `web1/blog`, `host web9` or `panic web1`. */
function hostOf(subject: string): string {
  return subject.replace(/^(host|panic) /, '').replace(/\/.*/, '');
}
