/** The part of the configuration file about people: roles, and the policy with its rules. */
import { z } from 'zod';
import { configName as name, weekHours } from './config-kinds.ts';
import { isChange } from './core/commands/grammar.ts';
import { ACTION_NAMES } from './core/commands/help.ts';
import type { Policy, Role } from './core/policy.ts';
import type { PortRange } from './core/port-range.ts';
import { ROAD_NAMES } from './core/request.ts';
import type { Hours } from './core/rules/hours.ts';
import type { ChangeAction, Conditions, Need, Rule } from './core/rules/rule.ts';
import { SENSITIVE_PORTS } from './core/rules/sensitive-ports.ts';
import type { Networks } from './core/sources.ts';

const slackUser = z
  .string()
  .regex(/^[UW][A-Z0-9_]+$/, 'a Slack user id looks like `U012AB3CD` (profile, “Copy member ID”)');
const slackGroup = z.string().regex(/^S[A-Z0-9]+$/, 'a Slack user group id looks like `S012AB3CD`');
const slackChannel = z.string().regex(/^[CGD][A-Z0-9_]+$/, 'a Slack channel id looks like `C012AB3CD`');
const seconds = z
  .string()
  .regex(/^\d+[smhd]$/, 'write it like `30m` or `2h`')
  .transform((text) => {
    const unit = { s: 1, m: 60, h: 3600, d: 86_400 }[text.slice(-1)] ?? 1;
    return Number(text.slice(0, -1)) * unit;
  })
  .refine((count) => count > 0, 'nobody could decide in no time');

const portWords = 'write a port or a range, like `22` or `5000-5999`';
const ports = z.union([z.int(), z.string()], { error: portWords }).transform((value, context): PortRange => {
  const [from = 0, to = from] = String(value).split('-').map(Number);
  if (from >= 1 && to <= 65_535 && from <= to) return { from, to };
  context.addIssue({ code: 'custom', message: portWords });
  return z.NEVER;
});

const CHANGES = ACTION_NAMES.filter(isChange) as ChangeAction[];
const some = <T extends z.ZodType>(of: T) => z.array(of).min(1, 'name at least one, or leave it out');

const when = z.strictObject({
  actions: some(
    z.enum(CHANGES, { error: `write commands like ${CHANGES.slice(0, 3).join(', ')}` }),
  ).optional(),
  by: some(z.string()).optional(),
  hosts: some(z.string()).optional(),
  labels: z.record(z.string(), z.string()).optional(),
  roads: some(z.enum(ROAD_NAMES, { error: `the roads are ${ROAD_NAMES.join(', ')}` })).optional(),
  beyond: some(z.string()).optional(),
  within: some(z.string()).optional(),
  ports: z
    .union([z.literal('sensitive'), some(ports)], { error: `${portWords}, each in a list; or \`sensitive\`` })
    .optional(),
  hours: weekHours.optional(),
  channels: some(slackChannel).optional(),
});

const escalate = z.strictObject({ to: some(z.string()), after: seconds });

const need = z.strictObject({
  by: some(z.string()).optional(),
  count: z.int('write a number of people').min(1, 'at least one has to approve').max(9).default(1),
  own_requests: z.boolean().optional(),
  within: seconds.optional(),
  escalate: escalate.optional(),
});

const rule = z
  .strictObject({
    name: z.string().min(1, 'people see the name: give it one').max(80),
    when: when.default({}),
    end: z.enum(['allow', 'approve', 'refuse'], { error: 'write allow, approve or refuse' }),
    approval: need.optional(),
    at_most: seconds.optional(),
    text: z.string().min(1).max(300).optional(),
  })
  .refine((each) => each.end !== 'refuse' || each.at_most === undefined, {
    path: ['at_most'],
    error: 'a rule that refuses opens no doors, so it has no longest time',
  })
  .refine((each) => each.end === 'approve' || each.approval === undefined, {
    path: ['approval'],
    error: 'only a rule with `end: approve` has it',
  })
  .refine((each) => each.end !== 'refuse' || each.text !== undefined, {
    path: ['text'],
    error: 'say why it is refused: people read it',
  });

export const rolesSection = z.record(
  name,
  z.strictObject({ users: z.array(slackUser).default([]), groups: z.array(slackGroup).default([]) }),
);

export const policySection = z.strictObject({
  look: z.array(z.string()).default([]),
  ask: z.array(z.string()).default([]),
  approve: z.array(z.string()).default([]),
  panic: z.array(z.string()).optional(),
  own_requests: z.boolean().default(false),
  private_networks: z.array(z.string()).default([]),
  wait_for_approval: seconds.default(3600),
  sensitive_ports: z.array(ports).optional(),
  rules: z.array(rule).default([]),
});

type Section = z.infer<typeof policySection>;

/** The policy with the names of networks resolved. */
export function policyOf(
  section: Section,
  roles: Readonly<Record<string, Role>>,
  networks: Networks,
): Policy {
  const { look, ask, approve, own_requests: ownRequests, wait_for_approval: approvalSeconds } = section;
  const sensitivePorts = section.sensitive_ports ?? SENSITIVE_PORTS;
  const usual = { by: approve, own: ownRequests, waitSeconds: approvalSeconds };
  return {
    roles,
    rights: { look, ask, approve, panic: section.panic ?? approve },
    ownRequests,
    privateNetworks: resolved(section.private_networks, networks),
    approvalSeconds,
    sensitivePorts,
    rules: section.rules.map((each) => ruleOf(each, usual, networks, sensitivePorts)),
  };
}

function ruleOf(
  { name: called, when: given, end, approval, at_most, text }: Section['rules'][number],
  usual: Pick<Need, 'by' | 'own' | 'waitSeconds'>,
  networks: Networks,
  sensitive: readonly PortRange[],
): Rule {
  const { beyond, within, ports: asked, hours: open, ...rest } = given;
  const conditions: Conditions = {
    ...present(rest),
    ...(beyond && { beyond: resolved(beyond, networks) }),
    ...(within && { within: resolved(within, networks) }),
    ...(asked !== undefined && { ports: asked === 'sensitive' ? sensitive : asked }),
    ...(open && { hours: open as Hours }),
  };
  const parts = { name: called, when: conditions, ...(text !== undefined && { text }) };
  if (end === 'refuse') return { ...parts, end };
  const most = at_most === undefined ? {} : { atMost: at_most };
  return end === 'approve'
    ? { ...parts, ...most, end, need: needOf(approval, usual) }
    : { ...parts, ...most, end };
}

function needOf(
  approval: z.infer<typeof need> | undefined,
  usual: Pick<Need, 'by' | 'own' | 'waitSeconds'>,
): Need {
  const { by = usual.by, count = 1, own_requests: own = usual.own, within, escalate: later } = approval ?? {};
  return {
    ...{ by, count, own, waitSeconds: within ?? usual.waitSeconds },
    ...(later && { escalate: { to: later.to, afterSeconds: later.after } }),
  };
}

function resolved(words: readonly string[], networks: Networks): string[] {
  return words.flatMap((each) => (Object.hasOwn(networks, each) ? (networks[each] ?? []) : [each]));
}

type Present<T> = { [K in keyof T]?: Exclude<T[K], undefined> };

function present<T extends object>(of: T): Present<T> {
  return Object.fromEntries(Object.entries(of).filter(([, value]) => value !== undefined)) as Present<T>;
}
