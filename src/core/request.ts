/**
 * What was asked. The glossary of the project; no other word is used for these things.
 *
 * - request:  what a person asked for in Slack, from the command to its outcome
 * - plan:     what would happen, in steps, with a fingerprint; the thing that is approved
 * - step:     one idempotent, undoable change on one host
 * - decision: the first of approve, deny, cancel or expire; there is only one for a plan
 * - door:     a public address and port behind which an instance's port answers
 * - road:     the way from the door to the instance's port: forward, proxy, a floating IP of its own …
 * - host:     a machine with LXD that Drawbridge knows; it may be a server of a cloud
 */

import type { AuditCommand } from './audit/audit-query.ts';
import type { DoorCommand } from './commands/door-commands.ts';
import type { DifferenceName } from './differences/difference-name.ts';
import type { InstanceName, Protocol } from './names.ts';
import type { PanicCommand } from './panic.ts';
import type { Place } from './place.ts';

export type {
  AdoptCommand,
  DoorCommand,
  ExposeCommand,
  ExtendCommand,
  RepairCommand,
  UnexposeCommand,
} from './commands/door-commands.ts';
export { type InstanceName, nameOf, type Protocol, portOf, ROAD_NAMES, type RoadName } from './names.ts';

/** Makes a server in a cloud and an LXD host of it. What is not named comes from the configuration of the cloud. */
export interface HostCreateCommand {
  action: 'host create';
  name: string;
  cloud?: string;
  flavor?: string;
  image?: string;
  network?: string;
  /** A key pair of the cloud with which people log in; without it only Drawbridge has a key. */
  key?: string;
  zone?: string;
  reason?: string;
}

/** Takes in a host that exists: a server of a cloud (`on`), or a machine at an address (`at`). */
export interface HostAdoptCommand {
  action: 'host adopt';
  name: string;
  cloud?: string;
  address?: string;
  user?: string;
  reason?: string;
}

/** Closes the doors of a host and places nothing more on it; `off` takes that back. */
export interface HostDrainCommand {
  action: 'host drain';
  name: string;
  off?: true;
  reason?: string;
}

export interface HostDeleteCommand {
  action: 'host delete';
  name: string;
  /** Together with the instances that are on it. */
  withInstances?: true;
  reason?: string;
}

export type HostCommand = HostCreateCommand | HostAdoptCommand | HostDrainCommand | HostDeleteCommand;

/** `launch bookworm blog on web1 profile web,small expose 80` */
export interface LaunchCommand {
  action: 'launch';
  image: string;
  target: InstanceName;
  profiles?: string[];
  expose?: { port: number; protocol: Protocol; forSeconds?: number };
  reason?: string;
}

export interface PowerCommand {
  action: 'start' | 'stop' | 'restart' | 'delete';
  target: InstanceName;
  reason?: string;
}

export interface SnapshotCommand {
  action: 'snapshot' | 'restore';
  target: InstanceName;
  /** Without it a snapshot gets a name from its request, and the newest one is restored. */
  snapshot?: string;
  reason?: string;
}

export type InstanceCommand = LaunchCommand | PowerCommand | SnapshotCommand;

export type ChangeCommand = DoorCommand | HostCommand | InstanceCommand | PanicCommand;

/** Looks at the road of a door, hop by hop. */
export interface WhyCommand {
  action: 'why';
  target: InstanceName;
  port: number;
  protocol: Protocol;
  publicAddress?: string;
  publicPort?: number;
  /** Whether these are let in; CIDRs in canonical form. Absent: nobody asks. */
  sources?: string[];
}

export type LookCommand =
  | WhyCommand
  | { action: 'list'; host?: string }
  | { action: 'logs'; target: InstanceName; lines?: number }
  | { action: 'info'; target: InstanceName }
  | { action: 'hosts' }
  /** `round` is how the worker's part is found again by whoever waits for it. */
  | { action: 'doctor'; round?: string }
  | { action: 'plan' | 'policy'; of: ChangeCommand };

export type RecordCommand =
  | AuditCommand
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
export interface Asked extends Place {
  id: string;
  command: ChangeCommand;
  /** Slack id. */
  requester: string;
  /** The user groups of the policy that the requester was in. */
  groups?: string[];
  /** What was typed, for the audit. */
  text: string;
  /** Milliseconds since 1970. */
  at: number;
  /** Drawbridge asks by itself, in the name of the requester: the end of a door has come, or a door is not as it should be. */
  byItself?: 'end' | 'difference';
  /** Which one that is. */
  difference?: DifferenceName;
  /** When that was to happen, milliseconds since 1970. */
  due?: number;
  /** Who is told how it ended beside the requester and whoever decided. Slack ids. */
  concerns?: string[];
}

/** True when the sources are the whole internet. */
export function isAnyone(sources: readonly string[]): boolean {
  return sources.includes('0.0.0.0/0');
}
