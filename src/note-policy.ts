/** Tells the audit when a process starts with another policy than the last one that was noted. */
import type { Policy } from './core/policy.ts';
import { policyDifference, policyInLines } from './core/policy-words.ts';
import type { Records } from './records/records.ts';

/** Told before it is noted: a change may be told twice, and is never lost. */
export async function notePolicy(policy: Policy, { audit, locks }: Records): Promise<void> {
  const now = policyInLines(policy);
  await locks.hold('policy', async () => {
    const changes = policyDifference((await audit.notedPolicy()) ?? [], now);
    if (changes.length === 0) return;
    await audit.add({ kind: 'policy_changed', what: changes.join('; ') });
    await audit.setNotedPolicy(now);
  });
}
