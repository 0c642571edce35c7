/** What a look at the world answers: data, turned into words and blocks by the Slack room. */
import type { Finding } from './findings/finding.ts';
import type { DoorLook } from './hops/look-at-door.ts';
import type { Plan } from './plan.ts';
import type { Refusal } from './refusal.ts';
import type { Ruling } from './rules/ruling.ts';
import type { Listener } from './world.ts';

export interface InstanceLine {
  host: string;
  name: string;
  status: string;
  addresses: string[];
}

export interface HostLine {
  host: string;
  answers: boolean;
  /** `LXD 5.0.2`, or why it does not answer. */
  says: string;
  publicAddress?: string;
  instances?: number;
  /** Milliseconds. */
  took?: number;
  /** The cloud whose server it is. */
  cloud?: string;
  /** Nothing new is placed on it. */
  drained?: boolean;
}

export interface CloudLine {
  cloud: string;
  answers: boolean;
  /** What it has left, or why it does not answer. */
  says: string;
  /** Milliseconds. */
  took?: number;
}

/** A snapshot of an instance, newest first where several are told. */
export interface SnapshotLine {
  name: string;
  /** Milliseconds since 1970. */
  at: number;
}

export type Answer =
  | { kind: 'instances'; instances: InstanceLine[]; silent: { host: string; why: string }[] }
  | { kind: 'hosts'; hosts: HostLine[]; clouds: CloudLine[] }
  | {
      kind: 'instance';
      instance: InstanceLine;
      listeners?: readonly Listener[];
      doors: string[];
      snapshots: SnapshotLine[];
    }
  /** `lines` are the last ones, oldest first, with secrets cut out; `source` says where they come from. */
  | { kind: 'logs'; instance: string; source: string; lines: string[] }
  | { kind: 'dry_run'; command: string; plan: Plan; ruling: Ruling }
  /** `approvers` are Slack mentions. */
  | { kind: 'policy'; command: string; plan: Plan; ruling: Ruling; approvers: string }
  /** `asked` is the command; `opening` what would open a door where there is none; `more` doors are left out. */
  | {
      kind: 'why';
      asked: string;
      about: string;
      doors: DoorLook[];
      more: number;
      opening: string;
      /** Hosts or clouds that may have a door, too, and could not be asked. */
      silent: { host: string; why: string }[];
    }
  | { kind: 'findings'; findings: Finding[] }
  | Refusal
  | { kind: 'trouble'; message: string };
