/** What the policy asks for, made for tests. */
import type { Need } from '../../src/core/rules/rule.ts';
import type { Ruling } from '../../src/core/rules/ruling.ts';

type Approve = Extract<Ruling, { end: 'approve' }>;

/** One approval by an approver within an hour, unless told otherwise. */
export function approvalFor(why: string, need: Partial<Need> = {}, rule?: string): Approve {
  const usual = { by: ['approvers'], count: 1, own: false, waitSeconds: 3_600 };
  return { end: 'approve', why, need: { ...usual, ...need }, ...(rule !== undefined && { rule }) };
}
