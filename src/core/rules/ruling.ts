/** What the policy says of a request: it may go, it needs approval, or it is refused. Pure. */
import { has, type Policy } from '../policy.ts';
import { type Refusal, refuse } from '../refusal.ts';
import { isWithin, sourcesInWords } from '../sources.ts';
import { spanInWords, spanText } from '../span.ts';
import type { Facts } from './facts.ts';
import { LIKE_OPENING, matches } from './matches.ts';
import type { Need, Rule } from './rule.ts';
import { isAmong, portName } from './sensitive-ports.ts';

/** `rule` is the name of the rule that decided; absent: what holds where no rule applies. */
export type Ruling =
  | { end: 'allow'; why: string; rule?: string }
  /** `alarm`: not the policy refuses it, but that panic was called. */
  | { end: 'refuse'; why: string; rule?: string; alarm?: true }
  | { end: 'approve'; why: string; rule?: string; need: Need };

/** The first rule that applies decides. undefined: that is not known before there is a plan. */
export function rulingOf(policy: Policy, facts: Facts): Ruling | undefined {
  for (const rule of policy.rules) {
    const applies = matches(rule.when, facts, (role) => has(policy, facts.requester, [role]));
    if (applies === undefined) return undefined;
    if (applies) return tooLong(rule, facts) ?? endOf(rule);
  }
  return facts.planned ? usual(policy, facts) : undefined;
}

/** A ruling that refuses, as people read it. */
export function refusedBy({ why, rule, alarm }: Extract<Ruling, { end: 'refuse' }>): Refusal {
  if (alarm)
    return refuse(
      'panic',
      `${why}.`,
      '`/lxd panic off` shows what would be opened again, and asks for approval.',
    );
  const next =
    rule === undefined
      ? undefined
      : `The rule “${rule}” of the policy decides that; \`/lxd policy …\` shows what it says.`;
  const message =
    rule === undefined
      ? `${why.slice(0, 1).toUpperCase()}${why.slice(1)}.`
      : `The policy refuses it: ${why}.`;
  return refuse('not_permitted', message, next);
}

/** The ruling on a plan. */
export function rulingOn(policy: Policy, facts: Facts & { planned: true }): Ruling {
  return rulingOf(policy, facts) ?? { end: 'refuse', why: 'no rule could be applied to it' };
}

/** A door that would be open for longer than its rule lets it. */
function tooLong(rule: Rule, { lasts = 0 }: Facts): Ruling | undefined {
  if (rule.end === 'refuse' || rule.atMost === undefined || lasts <= rule.atMost) return undefined;
  const most = spanInWords(rule.atMost);
  const say = `\`for ${spanText(rule.atMost)}\``;
  const asked = Number.isFinite(lasts) ? '' : ', and this one would have no end';
  return {
    end: 'refuse',
    why: `a door may be open for ${most} at most${asked}: say ${say} or less`,
    rule: rule.name,
  };
}

function endOf(rule: Rule): Ruling {
  const named = { rule: rule.name };
  const why = rule.text ?? `the rule “${rule.name}” of the policy says so`;
  return rule.end === 'approve'
    ? { end: 'approve', why, ...named, need: rule.need }
    : { end: rule.end, why, ...named };
}

/** Where no rule applies: closing goes, and what is risky needs approval. Keeping a door open is like opening it. */
function usual(policy: Policy, facts: Facts): Ruling {
  const { action, risk, approvals = 1, sources = [], ports = [] } = facts;
  const need = needOf(policy);
  if (action === 'unexpose') return { end: 'allow', why: 'closing a door never needs approval' };
  if (!LIKE_OPENING.includes(action))
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
