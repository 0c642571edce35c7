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

import type { AuditCommand } from './audit-query.ts';
import type { Place } from './place.ts';

export type Protocol = 'tcp' | 'udp';

export const ROAD_NAMES = [
  'forward',
  'proxy',
  'fip-port',
  'userspace',
  'routed',
  'port',
  'bridged',
  'lan',
  'server',
] as const;
export type RoadName = (typeof ROAD_NAMES)[number];

/**
 * An instance as people name it: `blog`, or `web1/blog` where the host matters. With `server` it is a server of a cloud,
 * `server:web` or `server:public/web`, and `host` is the cloud.
 */
export interface InstanceName {
  host?: string;
  instance: string;
  server?: true;
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
  expose?: { port: number; protocol: Protocol };
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

export type DoorCommand = ExposeCommand | UnexposeCommand;

export type ChangeCommand = DoorCommand | HostCommand | InstanceCommand;

export type LookCommand =
  | { action: 'list'; host?: string }
  | { action: 'logs'; target: InstanceName; lines?: number }
  | { action: 'info'; target: InstanceName }
  | { action: 'hosts' }
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
}

/** `blog`, `web1/blog` or `server:web`, as people type it. */
export function nameOf({ host, instance, server }: InstanceName): string {
  return `${server === true ? 'server:' : ''}${host === undefined ? '' : `${host}/`}${instance}`;
}

/** `80`, or `53/udp`: tcp is what people mean when they name none. */
export function portOf(port: number, protocol: Protocol): string {
  return protocol === 'tcp' ? String(port) : `${port}/${protocol}`;
}

/** True when the sources are the whole internet. */
export function isAnyone(sources: readonly string[]): boolean {
  return sources.includes('0.0.0.0/0');
}
