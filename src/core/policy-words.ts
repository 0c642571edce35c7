/** A policy in lines, for the audit: what it says, and what of it changed. */
import { canonicalJson } from './audit/canonical-json.ts';
import type { Policy } from './policy.ts';

/** A line for each role and each rule, in an order that does not depend on the file's. */
export function policyInLines(policy: Policy): string[] {
  const { roles, rights, ownRequests, privateNetworks, approvalSeconds, sensitivePorts, rules } = policy;
  const listed = (names: readonly string[]): string => [...names].sort().join(', ') || 'nobody';
  const sorted = Object.entries(roles).sort(([a], [b]) => (a < b ? -1 : 1));
  return [
    ...sorted.map(([name, { users, groups }]) => `role ${name}: ${listed([...users, ...groups])}`),
    ...(['look', 'ask', 'approve'] as const).map((right) => `${right}: ${listed(rights[right])}`),
    `own requests: ${ownRequests ? 'yes' : 'no'}`,
    `without approval: ${listed(privateNetworks)}`,
    `sensitive ports: ${sensitivePorts.map(({ from, to }) => `${from}-${to}`).join(', ') || 'none'}`,
    `wait for approval: ${approvalSeconds} s`,
    ...rules.map(({ name, ...rest }, index) => `rule ${index + 1}, ${name}: ${canonicalJson(rest)}`),
  ];
}

/** What was taken away and what is new; empty when nothing changed. */
export function policyDifference(before: readonly string[], now: readonly string[]): string[] {
  return [
    ...before.filter((line) => !now.includes(line)).map((line) => `no longer: ${line}`),
    ...now.filter((line) => !before.includes(line)).map((line) => `new: ${line}`),
  ];
}
