/** Who may ask, who may look, who may approve, and what needs approval. Everything unlisted is refused. Pure. */
import type { PortRange } from './port-range.ts';
import { type Refusal, refuse } from './refusal.ts';
import type { ActionName } from './request.ts';
import type { Person } from './rules/facts.ts';
import type { Need, Rule } from './rules/rule.ts';

export type { Person } from './rules/facts.ts';

export interface Role {
  users: readonly string[];
  groups: readonly string[];
}

export type Right = 'look' | 'ask' | 'approve' | 'panic';

export interface Policy {
  roles: Readonly<Record<string, Role>>;
  /** For each right the names of the roles that have it. */
  rights: Readonly<Record<Right, readonly string[]>>;
  /** May people decide on what they asked for themselves? */
  ownRequests: boolean;
  /** Doors open to no more than these need no approval. Canonical CIDRs. */
  privateNetworks: readonly string[];
  /** How long a request waits for a decision, in seconds. */
  approvalSeconds: number;
  /** Doors to or at these ports need approval whoever they let in. */
  sensitivePorts: readonly PortRange[];
  /** The first that applies decides; where none does, the rest of the policy. */
  rules: readonly Rule[];
}

const RIGHT_OF: Readonly<Record<ActionName, Right | 'none'>> = {
  expose: 'ask',
  unexpose: 'ask',
  extend: 'ask',
  repair: 'ask',
  adopt: 'ask',
  launch: 'ask',
  start: 'ask',
  stop: 'ask',
  restart: 'ask',
  delete: 'ask',
  snapshot: 'ask',
  restore: 'ask',
  'host create': 'ask',
  'host adopt': 'ask',
  'host drain': 'ask',
  'host delete': 'ask',
  panic: 'panic',
  cancel: 'ask',
  why: 'look',
  plan: 'look',
  policy: 'look',
  doors: 'look',
  list: 'look',
  info: 'look',
  logs: 'look',
  hosts: 'look',
  doctor: 'look',
  requests: 'look',
  audit: 'look',
  help: 'none',
};

/** True when the person may use the command. */
export function mayUse(policy: Policy, person: Person, action: ActionName): boolean {
  const right = RIGHT_OF[action];
  return right === 'none' || has(policy, person, policy.rights[right]);
}

/** The refusal for a person who may not use the command; undefined for one who may. */
export function refusedTo(policy: Policy, person: Person, action: ActionName): Refusal | undefined {
  if (mayUse(policy, person, action)) return undefined;
  return refuse('not_permitted', refusalOf(policy, action), 'Whoever keeps the policy can add you.');
}

export type Verdict = { may: true } | { may: false; why: string };

/**
 * Whether a person may decide on a request.
 * @param waitedSeconds how long it has been waiting, for an escalation
 */
export function mayDecide(
  policy: Policy,
  person: Person,
  requester: string,
  need: Need,
  waitedSeconds = 0,
): Verdict {
  const roles = rolesNow(need, waitedSeconds);
  if (!has(policy, person, roles)) {
    return {
      may: false,
      why: `Deciding is for ${roles.join(', ') || 'nobody yet'}; you are not among them.`,
    };
  }
  if (person.user === requester && !need.own) {
    return { may: false, why: 'This is your own request; somebody else has to decide on it.' };
  }
  return { may: true };
}

/** The roles that may decide by now. */
export function rolesNow({ by, escalate }: Need, waitedSeconds: number): readonly string[] {
  return escalate !== undefined && waitedSeconds >= escalate.afterSeconds
    ? [...new Set([...by, ...escalate.to])]
    : by;
}

/** Names of all user groups that the policy mentions. */
export function groupsOf(policy: Policy): string[] {
  return [...new Set(Object.values(policy.roles).flatMap(({ groups }) => groups))];
}

/** The people and groups in these roles, as Slack mentions. @param except people who are left out */
export function mentionsOf(policy: Policy, names: readonly string[], except: readonly string[] = []): string {
  const roles = names.map((name) => roleOf(policy, name)).filter((role) => role !== undefined);
  const mentions = roles.flatMap(({ users, groups }) => [
    ...groups.map((id) => `<!subteam^${id}>`),
    ...users.filter((id) => !except.includes(id)).map((id) => `<@${id}>`),
  ]);
  return [...new Set(mentions)].join(', ');
}

/** How many people can ever approve what somebody asked for; undefined where groups are among them, whose size nobody here knows. */
export function approversInAll(policy: Policy, requester: string, need: Need): number | undefined {
  const names = [...need.by, ...(need.escalate?.to ?? [])];
  const roles = names.map((name) => roleOf(policy, name)).filter((role) => role !== undefined);
  if (roles.some(({ groups }) => groups.length > 0)) return undefined;
  const people = new Set(roles.flatMap(({ users }) => users));
  if (!need.own) people.delete(requester);
  return people.size;
}

/** Everybody who asks, looks or approves has some right; the rest is told whom to ask. */
export function refusalOf(policy: Policy, action: ActionName): string {
  const right = RIGHT_OF[action];
  const roles = right === 'none' ? [] : policy.rights[right];
  return `\`${action}\` is for ${roles.join(', ') || 'nobody yet'}; you are not among them.`;
}

/** Whether a person has one of these roles. */
export function has(policy: Policy, { user, groups }: Person, names: readonly string[]): boolean {
  return names.some((name) => {
    const role = roleOf(policy, name);
    return (
      role !== undefined && (role.users.includes(user) || role.groups.some((group) => groups.includes(group)))
    );
  });
}

function roleOf({ roles }: Policy, name: string): Role | undefined {
  return Object.hasOwn(roles, name) ? roles[name] : undefined;
}
