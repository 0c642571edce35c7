/** A rule of the policy: when it applies, and how it ends. Pure. */
import type { PortRange } from '../port-range.ts';
import type { ChangeCommand, RoadName } from '../request.ts';
import type { Hours } from './hours.ts';

export type ChangeAction = ChangeCommand['action'];

/** All that are given have to hold; of the values in one list a single one is enough. */
export interface Conditions {
  actions?: readonly ChangeAction[];
  /** Roles of whoever asks. */
  by?: readonly string[];
  /** Names of hosts; for servers of a cloud the name of the cloud. */
  hosts?: readonly string[];
  /** All of these labels of the host or of its cloud. */
  labels?: Readonly<Record<string, string>>;
  roads?: readonly RoadName[];
  /** The door lets in somebody outside of these. Canonical CIDRs. */
  beyond?: readonly string[];
  /** The door lets in nobody outside of these. */
  within?: readonly string[];
  /** The instance's port or the public one. */
  ports?: readonly PortRange[];
  /** The moment of asking. */
  hours?: Hours;
  /** Slack ids. */
  channels?: readonly string[];
}

/** Whose approval is needed, of how many, and for how long it is waited for. */
export interface Need {
  /** Names of roles. */
  by: readonly string[];
  /** Different people. */
  count: number;
  /** May the requester be one of them? */
  own: boolean;
  waitSeconds: number;
  /** After so long without a decision these roles may decide as well. */
  escalate?: { to: readonly string[]; afterSeconds: number };
}

interface RuleParts {
  /** What people see of it. */
  name: string;
  when: Conditions;
  /** Why, in words for people. */
  text?: string;
}

export type Rule = RuleParts &
  (
    | { end: 'refuse' }
    /** `atMost`: how long a door may be open in all, in seconds. */
    | { end: 'allow'; atMost?: number }
    | { end: 'approve'; atMost?: number; need: Need }
  );
