/** Tells the audit when the policy is another than the last one that was noted: at the start of a process, or when its file changes. */
import type { Policy } from './core/policy.ts';
import { policyDifference, policyInLines } from './core/policy-words.ts';
import type { PolicyNews } from './live-policy.ts';
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

/** Tells what came of a change of the file. */
export async function notePolicyNews(news: PolicyNews, policy: Policy, records: Records): Promise<void> {
  if (news.kind === 'changed') return notePolicy(policy, records);
  const what = `the configuration file does not fit, the policy before it holds: ${news.problems.join('; ')}`;
  await records.audit.add({ kind: 'policy_broken', what });
}
