/** The configuration file: hosts, named networks, roles and policy. Checked whole; knows no environment. */
import { isIPv4 } from 'node:net';
import { parseDocument } from 'yaml';
import { z } from 'zod';
import type { Policy } from './core/policy.ts';
import { canonicalCidr, type Networks } from './core/sources.ts';
import type { PortRange } from './core/world.ts';

const name = z
  .string()
  .regex(/^[a-z]([a-z0-9-]{0,61}[a-z0-9])?$/i, 'names are letters, digits and dashes, like `web1`');
const slackUser = z
  .string()
  .regex(/^[UW][A-Z0-9_]+$/, 'a Slack user id looks like `U012AB3CD` (profile, “Copy member ID”)');
const slackGroup = z.string().regex(/^S[A-Z0-9]+$/, 'a Slack user group id looks like `S012AB3CD`');
const cidr = z.string().transform((word, context) => {
  const found = canonicalCidr(word);
  if (typeof found === 'string') return found;
  context.addIssue({ code: 'custom', message: `${found.message} ${found.next ?? ''}`.trim() });
  return z.NEVER;
});
const portRange = z
  .string()
  .regex(/^\d+-\d+$/, 'write it like `1024-65535`')
  .transform((text, context): PortRange => {
    const [from = 0, to = 0] = text.split('-').map(Number);
    if (from < 1 || to > 65_535 || from > to)
      context.addIssue({ code: 'custom', message: 'ports go from 1 to 65535, the smaller first' });
    return { from, to };
  });
const seconds = z
  .string()
  .regex(/^\d+[smhd]$/, 'write it like `30m` or `2h`')
  .transform((text) => {
    const unit = { s: 1, m: 60, h: 3600, d: 86_400 }[text.slice(-1)] ?? 1;
    return Number(text.slice(0, -1)) * unit;
  });
const ipv4 = z.string().refine(isIPv4, 'write an IPv4 address');

const host = z
  .strictObject({
    unix: z.string().optional(),
    ssh: z
      .strictObject({
        address: z.string().min(1),
        port: z.int().min(1).max(65_535).default(22),
        user: z.string().min(1),
        key_file: z.string().min(1),
        host_key: z
          .string()
          .regex(/^SHA256:[A-Za-z0-9+/]{43}=?$/, 'write it like `SHA256:…`, as `ssh-keygen -lf` prints it')
          .optional(),
        socket: z.string().default('/var/lib/lxd/unix.socket'),
      })
      .optional(),
    https: z
      .strictObject({
        url: z.url({ protocol: /^https$/ }),
        certificate_file: z.string(),
        key_file: z.string(),
        server_fingerprint: z
          .string()
          .regex(/^[0-9a-f]{64}$/i, '64 hex digits, as `lxc info` prints them')
          .optional(),
      })
      .optional(),
    project: z.string().optional(),
    public_address: ipv4.optional(),
    public_ports: portRange.default({ from: 1, to: 65_535 }),
    ssh_port: z.int().min(1).max(65_535).default(22),
  })
  .refine((each) => [each.unix, each.ssh, each.https].filter((way) => way !== undefined).length === 1, {
    error: 'give it exactly one of `unix`, `ssh` and `https`',
  });

export type HostConfig = z.infer<typeof host>;

const role = z.strictObject({
  users: z.array(slackUser).default([]),
  groups: z.array(slackGroup).default([]),
});

const file = z
  .strictObject({
    hosts: z.record(name, host).default({}),
    networks: z.record(name, z.array(cidr).min(1)).default({}),
    roles: z.record(name, role).default({}),
    policy: z
      .strictObject({
        look: z.array(z.string()).default([]),
        ask: z.array(z.string()).default([]),
        approve: z.array(z.string()).default([]),
        own_requests: z.boolean().default(false),
        private_networks: z.array(z.string()).default([]),
        wait_for_approval: seconds.default(3600),
      })
      .prefault({}),
  })
  .superRefine((config, context) => {
    for (const right of ['look', 'ask', 'approve'] as const) {
      for (const each of config.policy[right].filter((role) => !Object.hasOwn(config.roles, role))) {
        context.addIssue({
          code: 'custom',
          path: ['policy', right],
          message: `there is no role \`${each}\` under \`roles\``,
        });
      }
    }
    for (const each of config.policy.private_networks) {
      if (!Object.hasOwn(config.networks, each) && typeof canonicalCidr(each) !== 'string') {
        context.addIssue({
          code: 'custom',
          path: ['policy', 'private_networks'],
          message: `\`${each}\` is neither under \`networks\` nor a network`,
        });
      }
    }
  });

export interface FileConfig {
  hosts: Readonly<Record<string, HostConfig>>;
  networks: Networks;
  policy: Policy;
}

/** The configuration in a file's text, or every problem in it, a line each with its place and remedy. */
export function parseConfigFile(text: string): { config: FileConfig } | { problems: string[] } {
  const document = parseDocument(text, { prettyErrors: true });
  if (document.errors.length > 0)
    return { problems: document.errors.map(({ message }) => message.split('\n')[0] ?? message) };
  const parsed = file.safeParse(document.toJS({ maxAliasCount: 20 }) ?? {});
  if (!parsed.success) {
    return {
      problems: parsed.error.issues.map(({ path, message }) => `${path.join('.') || 'the file'}: ${message}`),
    };
  }
  const { hosts, networks, roles, policy } = parsed.data;
  const privateNetworks = policy.private_networks.flatMap((each) =>
    Object.hasOwn(networks, each) ? (networks[each] ?? []) : [each],
  );
  const rights = { look: policy.look, ask: policy.ask, approve: policy.approve };
  return {
    config: {
      hosts,
      networks,
      policy: {
        roles,
        rights,
        ownRequests: policy.own_requests,
        privateNetworks,
        approvalSeconds: policy.wait_for_approval,
      },
    },
  };
}
