/** A request as it is kept and shown: what was asked and how far it is. */
import type { DoorSpec, Plan } from './plan.ts';
import type { Proof } from './proof.ts';
import type { Refusal } from './refusal.ts';
import type { Asked, RequestState } from './request.ts';
import type { Ruling } from './rules/ruling.ts';

export type StepState = 'waiting' | 'running' | 'done' | 'failed' | 'undone' | 'left';

export type DecisionVerdict = 'approved' | 'denied' | 'cancelled' | 'expired';

/** One person's yes to one plan. */
export interface Approval {
  /** Slack id. */
  by: string;
  /** The user groups of the policy that they were in. */
  groups: string[];
  /** Milliseconds since 1970. */
  at: number;
}

/** The first of approve, deny, cancel or expire on one plan. `by` is a Slack id; nobody for expired. */
export interface Decision {
  verdict: DecisionVerdict;
  by?: string;
  at: number;
  /** All that it took, where it was approved; the last is `by`. */
  approvals?: Approval[];
  /** What was said with it. */
  reason?: string;
}

/** How a request ended. `address` is the public one of a door that was opened. */
export type Outcome =
  | { kind: 'done'; proof: Proof; address?: string }
  /** Carried out, but the proof failed. Never called a success. */
  | { kind: 'unproven'; proof: Proof; address?: string }
  | Refusal
  | { kind: 'denied' | 'cancelled'; by: string }
  | { kind: 'expired' }
  /** `left` names what could not be taken back, in words. */
  | { kind: 'failed'; message: string; left: string[] };

export interface RequestRecord {
  asked: Asked;
  state: RequestState;
  plan?: Plan;
  /** What the policy asks for; absent when it needs no approval. */
  approval?: Extract<Ruling, { end: 'approve' }>;
  /** Those that are there while others are missing. */
  approvals?: Approval[];
  /** When waiting ends, milliseconds since 1970. */
  waitsUntil?: number;
  /** What differs from the plan that was approved before, when one was. */
  changed?: string[];
  decision?: Decision;
  steps?: StepState[];
  /** What the running step says of itself. */
  progress?: string;
  outcome?: Outcome;
  endedAt?: number;
}

/** A door as it is kept in the register. */
export interface Door extends DoorSpec {
  publicAddress: string;
  owner: string;
  approver?: string;
  reason?: string;
  request: string;
  /** Where it was asked for. */
  channel?: string;
  openedAt: number;
  proof: Proof;
}
