/** What clients may write to the pretended LXD. Parts that are left out are empty, as the real one takes them. */
import { z } from 'zod';

export const strings = z.record(z.string(), z.string());
const text = z.string().default('');
const map = strings.nullish().transform((given) => given ?? {});

export const writtenInstance = z.object({
  /** Instead of everything else: the name of a snapshot. */
  restore: z.string().exactOptional(),
  description: text,
  config: map,
  devices: z
    .record(z.string(), strings)
    .nullish()
    .transform((given) => given ?? {}),
});

export const writtenNewInstance = z.object({
  name: text,
  profiles: z.array(z.string()).nullish(),
  config: map,
  source: z.object({
    type: z.string(),
    alias: z.string().exactOptional(),
    fingerprint: z.string().exactOptional(),
    server: z.string().exactOptional(),
    protocol: z.string().exactOptional(),
  }),
});

export const writtenPower = z.object({
  action: z.enum(['start', 'stop', 'restart', 'freeze', 'unfreeze']),
  force: z.boolean().default(false),
});

export const writtenSnapshot = z.object({ name: text });

export const writtenNetwork = z.object({ description: text, config: map });

const port = z.object({
  description: text,
  protocol: text,
  listen_port: text,
  target_port: text,
  target_address: text,
});
export type SandboxForward = z.infer<typeof writtenForward>;
export type SandboxForwardPort = z.infer<typeof port>;
export const writtenForward = z.object({
  listen_address: text,
  description: text,
  config: map,
  ports: z
    .array(port)
    .nullish()
    .transform((given) => given ?? []),
});

/** Order and absence of empty parts as the real one answers. */
const rule = z.object({
  action: text,
  source: z.string().exactOptional(),
  destination: z.string().exactOptional(),
  protocol: z.string().exactOptional(),
  source_port: z.string().exactOptional(),
  destination_port: z.string().exactOptional(),
  description: z.string().exactOptional(),
  state: text,
});
const rules = z
  .array(rule)
  .nullish()
  .transform((given) => given ?? []);
export type SandboxAcl = z.infer<typeof writtenAcl>;
export type SandboxAclRule = z.infer<typeof rule>;
export const writtenAcl = z.object({
  name: text,
  description: text,
  egress: rules,
  ingress: rules,
  config: map,
});

export const writtenExec = z.object({ command: z.array(z.string()).min(1) });
