/** Whether approvals are enough by the policy as it is now. */
import { expect, test } from 'vitest';
import { approvalsHold } from '../../jobs/rule-on.ts';
import { parseConfigFile } from '../../src/config-file.ts';
import type { RequestRecord } from '../../src/core/record.ts';
import { approvalFor } from '../core/rulings.ts';

const parsed = parseConfigFile('roles: { ops: { users: [U0BOB] }, leads: { users: [U0DAVE] } }');
if ('problems' in parsed) throw new Error(parsed.problems.join());
const tools = { policy: () => parsed.config.policy, hosts: undefined as never, clouds: [] };

const ESCALATE = { by: ['ops'], escalate: { to: ['leads'], afterSeconds: 600 } };

/** Held for an hour from 0 on, and approved by the lead after so many seconds. */
function approvedAfter(seconds: number): RequestRecord {
  const at = seconds * 1_000;
  const command = { action: 'host delete', name: 'web9' } as const;
  return {
    asked: { id: 'req-abc', command, requester: 'U0ALICE', channel: 'C0', text: '', at: 0 },
    state: 'waiting',
    approval: approvalFor('it is gone', { ...ESCALATE, waitSeconds: 3_600 }),
    waitsUntil: 3_600_000,
    decision: { verdict: 'approved', by: 'U0DAVE', at, approvals: [{ by: 'U0DAVE', groups: [], at }] },
  };
}

test.each([60, 3_600, 86_400])(
  'an escalation counts from when it was held, also where the policy now waits %d s',
  (waitSeconds) => {
    const { need } = approvalFor('it is gone', { ...ESCALATE, waitSeconds });
    expect(approvalsHold(approvedAfter(599), need, tools)).toBe(false);
    expect(approvalsHold(approvedAfter(600), need, tools)).toBe(true);
  },
);
