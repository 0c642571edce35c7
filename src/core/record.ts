/** A request as it is kept and shown: what was asked and how far it is. */
import type { DoorSpec, Plan } from './plan.ts';
import type { Proof } from './proof.ts';
import type { Refusal } from './refusal.ts';
import type { Asked, RequestState } from './request.ts';
import type { Ruling } from './rules/ruling.ts';
import type { Thing } from './thing.ts';

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

/** Somebody's word that a request shall be cancelled while its steps run. `by` is a Slack id. */
export interface CancelWish {
  by: string;
  /** Milliseconds since 1970. */
  at: number;
}

/** How a request ended. `address` is the public one of a door that was opened. */
export type Outcome =
  | { kind: 'done'; proof: Proof; address?: string }
  /** Carried out, but the proof failed. Never called a success. */
  | { kind: 'unproven'; proof: Proof; address?: string }
  | Refusal
  | { kind: 'denied'; by: string }
  /** In words: what had been done and was taken back, and what could not be. Both absent where no step had begun. */
  | { kind: 'cancelled'; by: string; undone?: string[]; left?: string[] }
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
  /** How long it may still take, in words. */
  estimate?: string;
  /** The first wish to cancel it since its steps run; the worker obeys it. */
  cancelWish?: CancelWish;
  /** Why it cannot be cancelled any more, in words. It never has a wish beside it that came later. */
  sealed?: string;
  outcome?: Outcome;
  endedAt?: number;
}

/** A door as it is kept in the register. */
export interface Door extends DoorSpec {
  publicAddress: string;
  owner: string;
  /** Everybody whose approval opened it; absent where it needed none. */
  approvers?: string[];
  reason?: string;
  request: string;
  /** Where it was asked for. */
  channel?: string;
  openedAt: number;
  /** For how long it was opened, in seconds. */
  forSeconds?: number;
  /** When Drawbridge closes it, milliseconds since 1970; absent: when somebody asks for that. */
  endsAt?: number;
  /** What was put for it, innermost first: how the road should be. Absent where the register was made anew from the tags. */
  things?: Thing[];
  proof: Proof;
}
