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
import { ALL_PORTS, auditSection, labels, configName as name, portRange, timeZone } from './config-kinds.ts';
import type { ReconcileSettings } from './core/differences/own-accord.ts';
import type { Notices } from './core/notices.ts';
import type { Policy } from './core/policy.ts';
import { canonicalCidr, type Networks } from './core/sources.ts';
import { noticesOf, noticesSection } from './notices-file.ts';
import { policyOf, policySection, rolesSection } from './policy-file.ts';
import { policyNamesThatLeadNowhere } from './policy-names.ts';
import { readYaml } from './read-yaml.ts';
import { reconcileOf, reconcileSection } from './reconcile-file.ts';

const cidr = z.string().transform((word, context) => {
  const found = canonicalCidr(word);
  if (typeof found === 'string') return found;
  context.addIssue({ code: 'custom', message: `${found.message} ${found.next ?? ''}`.trim() });
  return z.NEVER;
});
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
    labels,
    guard: z.boolean('write `true` where the host has a guard').optional(),
  })
  .refine((each) => each.guard !== true || each.ssh !== undefined, {
    path: ['guard'],
    error: 'the guard is reached through SSH: give the host `ssh`, or leave `guard` out',
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
  notices: noticesSection,
  reconcile: reconcileSection,
  zone: timeZone,
  takeover: z
    .string()
    .regex(/^\d+s$/, 'write it like `10s`')
    .transform((text) => Number(text.slice(0, -1)) * 1_000)
    .refine((ms) => ms >= 2_000 && ms <= 120_000, 'from 2s to 120s')
    .optional(),
  networks: z.record(name, z.array(cidr).min(1)).default({}),
  roles: rolesSection.default({}),
  policy: policySection.prefault({}),
});

export interface FileConfig {
  clouds: Readonly<Record<string, CloudConfig>>;
  hosts: Readonly<Record<string, HostConfig>>;
  /** How Drawbridge gets into hosts that people adopt; absent: none can be. */
  adopt?: { key_file: string; user: string; socket?: string | undefined };
  audit?: { channel: string };
  notices?: Notices;
  reconcile?: ReconcileSettings;
  /** Of the clock on the wall, for `until 18:00`; UTC where none is named. */
  zone?: string;
  /** How long after the death of a worker its jobs and locks go to others, in milliseconds; 10 s where nothing is said. */
  takeoverMs?: number;
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
    ...policyNamesThatLeadNowhere(content.of),
    ...cloudNamesThatLeadNowhere(content.of),
  ];
  if (!parsed.success || problems.length > 0) return { problems };
  const { adopt, audit, notices, reconcile, zone, takeover, clouds, hosts, networks, roles, policy } =
    parsed.data;
  return {
    config: {
      clouds: withNetworks(clouds, networks),
      hosts,
      ...(adopt && { adopt }),
      ...(audit && { audit }),
      ...(notices && { notices: noticesOf(notices) }),
      ...(reconcile && { reconcile: reconcileOf(reconcile) }),
      zone,
      ...(takeover !== undefined && { takeoverMs: takeover }),
      networks,
      policy: policyOf(policy, roles, networks),
    },
  };
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
