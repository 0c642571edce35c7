/** The configuration file: clouds, hosts, named networks, roles and policy. Checked whole; knows no environment. */
import { isIPv4 } from 'node:net';
import { z } from 'zod';
import {
  type CloudConfig,
  cloudNamesThatLeadNowhere,
  cloudSection,
  hostServer,
  imagesServer,
  withNetworks,
} from './clouds-file.ts';
import { ALL_PORTS, auditSection, configName as name, portRange, slackRole } from './config-kinds.ts';
import type { Policy } from './core/policy.ts';
import { canonicalCidr, type Networks } from './core/sources.ts';
import { readYaml } from './read-yaml.ts';

const cidr = z.string().transform((word, context) => {
  const found = canonicalCidr(word);
  if (typeof found === 'string') return found;
  context.addIssue({ code: 'custom', message: `${found.message} ${found.next ?? ''}`.trim() });
  return z.NEVER;
});
const seconds = z
  .string()
  .regex(/^\d+[smhd]$/, 'write it like `30m` or `2h`')
  .transform((text) => {
    const unit = { s: 1, m: 60, h: 3600, d: 86_400 }[text.slice(-1)] ?? 1;
    return Number(text.slice(0, -1)) * unit;
  })
  .refine((count) => count > 0, 'nobody could decide in no time');
const ipv4 = z.string().refine(isIPv4, 'write an IPv4 address');

const portWords = 'write a port from 1 to 65535';
const port = z.int(portWords).min(1, portWords).max(65_535, portWords);

const host = z
  .strictObject({
    unix: z.string().optional(),
    ssh: z
      .strictObject({
        address: z.string().min(1),
        port: port.default(22),
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
        url: z.url({ protocol: /^https$/, error: 'write https://…:8443' }),
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
    public_ports: portRange.default(ALL_PORTS),
    ssh_port: port.default(22),
    server: hostServer.optional(),
    images_server: imagesServer,
  })
  .refine((each) => [each.unix, each.ssh, each.https].filter((way) => way !== undefined).length === 1, {
    error: 'give it exactly one of `unix`, `ssh` and `https`',
  });

export type HostConfig = z.infer<typeof host>;

/** The file as it is written. */
export const configFile = z.strictObject({
  clouds: z.record(name, cloudSection).default({}),
  hosts: z.record(name, host).default({}),
  adopt: z
    .strictObject({
      key_file: z.string().min(1),
      user: z.string().min(1).default('drawbridge'),
      socket: z.string().min(1).optional(),
    })
    .optional(),
  audit: auditSection,
  networks: z.record(name, z.array(cidr).min(1)).default({}),
  roles: z.record(name, slackRole).default({}),
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
});

/** Only the names, whatever else is wrong: so that a name that leads nowhere is told together with the rest. */
const names = z
  .looseObject({
    roles: z.record(z.string(), z.unknown()).catch({}),
    networks: z.record(z.string(), z.unknown()).catch({}),
    policy: z
      .looseObject({
        look: z.array(z.string()).catch([]),
        ask: z.array(z.string()).catch([]),
        approve: z.array(z.string()).catch([]),
        private_networks: z.array(z.string()).catch([]),
      })
      .catch({ look: [], ask: [], approve: [], private_networks: [] }),
  })
  .catch({ roles: {}, networks: {}, policy: { look: [], ask: [], approve: [], private_networks: [] } });

export interface FileConfig {
  clouds: Readonly<Record<string, CloudConfig>>;
  hosts: Readonly<Record<string, HostConfig>>;
  /** How Drawbridge gets into hosts that people adopt; absent: none can be. */
  adopt?: { key_file: string; user: string; socket?: string | undefined };
  audit?: { channel: string };
  networks: Networks;
  policy: Policy;
}

/** The configuration in a file's text, or every problem in it, a line each with its place and remedy. */
export function parseConfigFile(text: string): { config: FileConfig } | { problems: string[] } {
  const content = readYaml(text);
  if ('problems' in content) return content;
  const parsed = configFile.safeParse(content.of, { error: inWords });
  const problems = [
    ...(parsed.error?.issues ?? []).map(
      (issue) => `${issue.path.join('.') || 'the file'}: ${remedyOf(issue)}`,
    ),
    ...namesThatLeadNowhere(content.of),
    ...cloudNamesThatLeadNowhere(content.of),
  ];
  if (!parsed.success || problems.length > 0) return { problems };
  const { adopt, audit, clouds, hosts, networks, roles, policy } = parsed.data;
  const privateNetworks = policy.private_networks.flatMap((each) =>
    Object.hasOwn(networks, each) ? (networks[each] ?? []) : [each],
  );
  const rights = { look: policy.look, ask: policy.ask, approve: policy.approve };
  return {
    config: {
      clouds: withNetworks(clouds, networks),
      hosts,
      ...(adopt && { adopt }),
      ...(audit && { audit }),
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

function namesThatLeadNowhere(content: unknown): string[] {
  const { roles, networks, policy } = names.parse(content);
  const unknownRoles = (['look', 'ask', 'approve'] as const).flatMap((right) =>
    policy[right]
      .filter((role) => !Object.hasOwn(roles, role))
      .map((role) => `policy.${right}: there is no role \`${role}\` under \`roles\``),
  );
  const unknownNetworks = policy.private_networks
    .filter((each) => !Object.hasOwn(networks, each) && typeof canonicalCidr(each) !== 'string')
    .map((each) => `policy.private_networks: \`${each}\` is neither under \`networks\` nor a network`);
  return [...unknownRoles, ...unknownNetworks];
}

/** Words for what zod finds by itself; the schema's own words come before these. */
function inWords({ code, input, keys, expected }: z.core.$ZodRawIssue): string | undefined {
  if (code === 'unrecognized_keys') {
    return `there is no setting ${keys.map((key) => `\`${key}\``).join(', ')} here; docs/drawbridge.example.yaml has them all`;
  }
  if (input === undefined) return 'it is missing';
  if (input === null) return 'nothing stands behind it: fill it or leave it out';
  if (code === 'invalid_type')
    return `write a ${expected === 'record' || expected === 'object' ? 'map, `name: value`' : expected}`;
  return undefined;
}

function remedyOf(issue: z.core.$ZodIssue): string {
  return issue.code === 'invalid_key' ? (issue.issues[0]?.message ?? issue.message) : issue.message;
}
