/** Who may ask, who may look, who may approve, and what needs approval. Everything unlisted is refused. Pure. */
import { isDoorPlan, type Plan } from './plan.ts';
import type { ActionName } from './request.ts';
import { isWithin, sourcesInWords } from './sources.ts';

export interface Role {
  users: readonly string[];
  groups: readonly string[];
}

export type Right = 'look' | 'ask' | 'approve';

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
}

/** A person with the user groups among the policy's that they are in. */
export interface Person {
  user: string;
  groups: readonly string[];
}

const RIGHT_OF: Readonly<Record<ActionName, Right | 'none'>> = {
  expose: 'ask',
  unexpose: 'ask',
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
  cancel: 'ask',
  plan: 'look',
  doors: 'look',
  list: 'look',
  info: 'look',
  logs: 'look',
  hosts: 'look',
  requests: 'look',
  audit: 'look',
  help: 'none',
};

/** True when the person may use the command. */
export function mayUse(policy: Policy, person: Person, action: ActionName): boolean {
  const right = RIGHT_OF[action];
  return right === 'none' || has(policy, person, right);
}

export type Verdict = { may: true } | { may: false; why: string };

/** Whether a person may decide on a request. */
export function mayDecide(policy: Policy, person: Person, requester: string): Verdict {
  if (!has(policy, person, 'approve')) {
    return {
      may: false,
      why: `Deciding is for ${policy.rights.approve.join(', ') || 'nobody yet'}; you are not among them.`,
    };
  }
  if (person.user === requester && !policy.ownRequests) {
    return { may: false, why: 'This is your own request; somebody else has to decide on it.' };
  }
  return { may: true };
}

/** Why a plan needs approval, or undefined when it needs none. Closing a door never does. */
export function approvalReason(policy: Policy, plan: Plan): string | undefined {
  if (!isDoorPlan(plan)) return plan.risk;
  if (plan.action === 'close') return undefined;
  const wide = plan.door.sources.filter((source) => !isWithin(source, policy.privateNetworks));
  if (wide.length === 0) return undefined;
  return `it lets in ${sourcesInWords(wide)}, which is more than the private networks`;
}

/** Names of all user groups that the policy mentions. */
export function groupsOf(policy: Policy): string[] {
  return [...new Set(Object.values(policy.roles).flatMap(({ groups }) => groups))];
}

/** The people and groups who may approve, as Slack mentions. */
export function approversOf(policy: Policy): string {
  const roles = policy.rights.approve
    .map((name) => roleOf(policy, name))
    .filter((role) => role !== undefined);
  const mentions = roles.flatMap(({ users, groups }) => [
    ...groups.map((id) => `<!subteam^${id}>`),
    ...users.map((id) => `<@${id}>`),
  ]);
  return [...new Set(mentions)].join(', ');
}

/** Everybody who asks, looks or approves has some right; the rest is told whom to ask. */
export function refusalOf(policy: Policy, action: ActionName): string {
  const right = RIGHT_OF[action];
  const roles = right === 'none' ? [] : policy.rights[right];
  return `\`${action}\` is for ${roles.join(', ') || 'nobody yet'}; you are not among them.`;
}

function has(policy: Policy, { user, groups }: Person, right: Right): boolean {
  return policy.rights[right].some((name) => {
    const role = roleOf(policy, name);
    return (
      role !== undefined && (role.users.includes(user) || role.groups.some((group) => groups.includes(group)))
    );
  });
}

function roleOf({ roles }: Policy, name: string): Role | undefined {
  return Object.hasOwn(roles, name) ? roles[name] : undefined;
}
