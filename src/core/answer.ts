/** What a look at the world answers: data, turned into words and blocks by the Slack room. */
import type { Plan } from './plan.ts';
import type { Refusal } from './refusal.ts';
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
}

export type Answer =
  | { kind: 'instances'; instances: InstanceLine[]; silent: { host: string; why: string }[] }
  | { kind: 'hosts'; hosts: HostLine[] }
  | { kind: 'instance'; instance: InstanceLine; listeners?: readonly Listener[]; doors: string[] }
  | { kind: 'dry_run'; command: string; plan: Plan; approval?: string }
  | Refusal
  | { kind: 'trouble'; message: string };
