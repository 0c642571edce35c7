/** What the policy says of a request: it may go, it needs approval, or it is refused. Pure. */
import { has, type Policy } from '../policy.ts';
import { type Refusal, refuse } from '../refusal.ts';
import { isWithin, sourcesInWords } from '../sources.ts';
import type { Facts } from './facts.ts';
import { matches } from './matches.ts';
import type { Need, Rule } from './rule.ts';
import { isAmong, portName } from './sensitive-ports.ts';

/** `rule` is the name of the rule that decided; absent: what holds where no rule applies. */
export type Ruling =
  | { end: 'allow'; why: string; rule?: string }
  | { end: 'refuse'; why: string; rule?: string }
  | { end: 'approve'; why: string; rule?: string; need: Need };

/** The first rule that applies decides. undefined: that is not known before there is a plan. */
export function rulingOf(policy: Policy, facts: Facts): Ruling | undefined {
  for (const rule of policy.rules) {
    const applies = matches(rule.when, facts, (role) => has(policy, facts.requester, [role]));
    if (applies === undefined) return undefined;
    if (applies) return endOf(rule);
  }
  return facts.planned ? usual(policy, facts) : undefined;
}

/** A ruling that refuses, as people read it. */
export function refusedBy({ why, rule }: Extract<Ruling, { end: 'refuse' }>): Refusal {
  const next =
    rule === undefined
      ? undefined
      : `The rule “${rule}” of the policy decides that; \`/lxd policy …\` shows what it says.`;
  return refuse('not_permitted', `The policy refuses it: ${why}.`, next);
}

/** The ruling on a plan. */
export function rulingOn(policy: Policy, facts: Facts & { planned: true }): Ruling {
  return rulingOf(policy, facts) ?? { end: 'refuse', why: 'no rule could be applied to it' };
}

function endOf(rule: Rule): Ruling {
  const named = { rule: rule.name };
  const why = rule.text ?? `the rule “${rule.name}” of the policy says so`;
  return rule.end === 'approve'
    ? { end: 'approve', why, ...named, need: rule.need }
    : { end: rule.end, why, ...named };
}

/** Where no rule applies: closing goes, and what is risky needs approval. */
function usual(policy: Policy, facts: Facts): Ruling {
  const { action, risk, approvals = 1, sources = [], ports = [] } = facts;
  const need = needOf(policy);
  if (action === 'unexpose') return { end: 'allow', why: 'closing a door never needs approval' };
  if (action !== 'expose')
    return risk === undefined
      ? { end: 'allow', why: 'nothing is at risk' }
      : { end: 'approve', why: risk, need: { ...need, count: Math.max(need.count, approvals) } };
  const wide = sources.filter((source) => !isWithin(source, policy.privateNetworks));
  const sensitive = ports.filter((port) => isAmong(port, policy.sensitivePorts));
  const reasons = [
    ...(wide.length === 0
      ? []
      : [`it lets in ${sourcesInWords(wide)}, which is more than the private networks`]),
    ...(sensitive.length === 0
      ? []
      : [`port ${[...new Set(sensitive)].map(portName).join(' and ')} is a sensitive one`]),
  ];
  return reasons.length === 0
    ? { end: 'allow', why: 'it lets in private networks only, at a port that is not sensitive' }
    : { end: 'approve', why: reasons.join(', and '), need };
}

/** The approval that is asked for where no rule says another. */
export function needOf({ rights, ownRequests, approvalSeconds }: Policy): Need {
  return { by: rights.approve, count: 1, own: ownRequests, waitSeconds: approvalSeconds };
}
