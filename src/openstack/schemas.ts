/** What the services' answers must look like to be believed. Strict about what is read; the rest is left out. */
import { z } from 'zod';
import type {
  OsComputeLimits,
  OsFlavor,
  OsFloatingIp,
  OsImage,
  OsKeypair,
  OsNetwork,
  OsNetworkQuotas,
  OsPort,
  OsPortForwarding,
  OsRouter,
  OsRule,
  OsSecurityGroup,
  OsServer,
  OsSubnet,
} from './types.ts';

const text = z.string();
const texts = z.array(text);
const count = z.int();
/** Absent without the extension that brings them. */
const tags = texts.default([]);
const description = text.nullish().transform((value) => value ?? '');

/** The answer with one thing under its name: `{port: {…}}`. */
export function under<T>(key: string, schema: z.ZodType<T>): z.ZodType<T> {
  return z.object({ [key]: schema }).transform((value) => value[key] as T);
}

export const made = z.object({ id: text });

export const server: z.ZodType<OsServer> = z.object({
  id: text,
  name: text,
  status: text,
  'OS-EXT-STS:task_state': text.nullable().default(null),
  addresses: z.record(
    text,
    z.array(z.object({ addr: text, version: count, 'OS-EXT-IPS:type': text.exactOptional() })),
  ),
  metadata: z.record(text, text),
  key_name: text.nullable(),
  fault: z.object({ message: text }).exactOptional(),
});

export const flavor: z.ZodType<OsFlavor> = z.object({
  id: text,
  name: text,
  ram: count,
  disk: count,
  vcpus: count,
});

export const limits: z.ZodType<OsComputeLimits> = z.object({
  maxTotalInstances: count,
  totalInstancesUsed: count,
  maxTotalCores: count,
  totalCoresUsed: count,
  maxTotalRAMSize: count,
  totalRAMUsed: count,
});

export const keypair: z.ZodType<OsKeypair> = z.object({ name: text, public_key: text, fingerprint: text });

export const image: z.ZodType<OsImage> = z.object({
  id: text,
  name: text.nullable().transform((value) => value ?? ''),
  status: text,
  min_ram: count.default(0),
  min_disk: count.default(0),
});

export const network: z.ZodType<OsNetwork> = z.object({
  id: text,
  name: text,
  'router:external': z.boolean().default(false),
  shared: z.boolean().default(false),
  mtu: count.exactOptional(),
  subnets: texts,
  port_security_enabled: z.boolean().exactOptional(),
});

export const subnet: z.ZodType<OsSubnet> = z.object({
  id: text,
  name: text,
  network_id: text,
  cidr: text,
  ip_version: count,
  gateway_ip: text.nullable(),
  enable_dhcp: z.boolean(),
  dns_nameservers: texts,
});

export const router: z.ZodType<OsRouter> = z.object({
  id: text,
  name: text,
  external_gateway_info: z
    .object({ network_id: text })
    .nullish()
    .transform((value) => value ?? null),
});

export const port: z.ZodType<OsPort> = z.object({
  id: text,
  name: text,
  network_id: text,
  device_id: text,
  device_owner: text,
  mac_address: text,
  fixed_ips: z.array(z.object({ subnet_id: text, ip_address: text })),
  security_groups: texts,
  allowed_address_pairs: z
    .array(z.object({ ip_address: text, mac_address: text.exactOptional() }))
    .default([]),
  port_security_enabled: z.boolean().exactOptional(),
  status: text,
  description,
  tags,
  revision_number: count,
});

export const floatingIp: z.ZodType<OsFloatingIp> = z.object({
  id: text,
  floating_ip_address: text,
  floating_network_id: text,
  fixed_ip_address: text.nullable(),
  port_id: text.nullable(),
  status: text,
  description,
  tags,
  revision_number: count,
});

export const portForwarding: z.ZodType<OsPortForwarding> = z.object({
  id: text,
  protocol: text,
  internal_ip_address: text,
  internal_port: count,
  internal_port_id: text,
  external_port: count,
  description: text.exactOptional(),
});

export const rule: z.ZodType<OsRule> = z.object({
  id: text,
  security_group_id: text,
  direction: text,
  ethertype: text,
  protocol: text.nullable(),
  port_range_min: count.nullable(),
  port_range_max: count.nullable(),
  remote_ip_prefix: text.nullable(),
  remote_group_id: text.nullable(),
  description,
});

export const securityGroup: z.ZodType<OsSecurityGroup> = z.object({
  id: text,
  name: text,
  description,
  tags,
  security_group_rules: z.array(rule),
});

export const extension = z.object({ alias: text });

export const quotas: z.ZodType<OsNetworkQuotas> = z.record(
  text,
  z.object({ limit: count, used: count, reserved: count }),
);
