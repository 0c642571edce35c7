/** LXD's nouns as its API spells them. Unknown fields pass through, so that what is read can be written back whole. */
import { z } from 'zod';

const strings = z.record(z.string(), z.string());
const devices = z.record(z.string(), strings);

/** The envelope of every answer (LXD, "REST API", return values). 5.0.2 leaves status_code 0 on errors. */
export const envelope = z.looseObject({
  type: z.enum(['sync', 'async', 'error']),
  metadata: z.unknown().optional(),
  operation: z.string().optional(),
  error: z.string().optional(),
  error_code: z.number().optional(),
});

export const server = z.looseObject({
  api_extensions: z.array(z.string()),
  auth: z.string(),
  config: z.looseObject({ 'core.https_address': z.string().optional() }).nullish(),
  environment: z.looseObject({
    server: z.string().optional(),
    server_version: z.string(),
    server_name: z.string().optional(),
  }),
});
export type LxdServer = z.infer<typeof server>;

const address = z.looseObject({ family: z.string(), address: z.string(), scope: z.string() });
const networkInterface = z.looseObject({
  addresses: z
    .array(address)
    .nullish()
    .transform((all) => all ?? []),
  hwaddr: z.string(),
});
export const instanceState = z.looseObject({
  status: z.string(),
  network: z.record(z.string(), networkInterface).nullish(),
});
export type LxdInstanceState = z.infer<typeof instanceState>;

export const instance = z.looseObject({
  name: z.string(),
  type: z.string(),
  status: z.string(),
  config: strings,
  devices,
  expanded_devices: devices,
  state: instanceState.nullish(),
});
export type LxdInstance = z.infer<typeof instance>;

export const network = z.looseObject({
  name: z.string(),
  type: z.string(),
  managed: z.boolean(),
  config: strings.nullish().transform((config) => config ?? {}),
});
export type LxdNetwork = z.infer<typeof network>;

export const networkState = z.looseObject({
  addresses: z
    .array(address)
    .nullish()
    .transform((all) => all ?? []),
});
export type LxdNetworkState = z.infer<typeof networkState>;

const forwardPort = z.looseObject({
  description: z.string().default(''),
  protocol: z.string(),
  listen_port: z.string(),
  target_address: z.string(),
  target_port: z.string().default(''),
});
export type LxdForwardPort = z.infer<typeof forwardPort>;
export const forward = z.looseObject({
  listen_address: z.string(),
  description: z.string().default(''),
  config: strings.nullish().transform((config) => config ?? {}),
  ports: z
    .array(forwardPort)
    .nullish()
    .transform((ports) => ports ?? []),
});
export type LxdForward = z.infer<typeof forward>;

const aclRule = z.looseObject({
  action: z.string(),
  state: z.string(),
  description: z.string().optional(),
  source: z.string().optional(),
  destination: z.string().optional(),
  protocol: z.string().optional(),
  destination_port: z.string().optional(),
});
export type LxdAclRule = z.infer<typeof aclRule>;
const rules = z
  .array(aclRule)
  .nullish()
  .transform((all) => all ?? []);
export const acl = z.looseObject({
  name: z.string(),
  description: z.string().default(''),
  config: strings.nullish().transform((config) => config ?? {}),
  ingress: rules,
  egress: rules,
});
export type LxdAcl = z.infer<typeof acl>;

export const operation = z.looseObject({
  id: z.string(),
  status: z.string(),
  status_code: z.number(),
  err: z.string().default(''),
  metadata: z.record(z.string(), z.unknown()).nullish(),
});
export type LxdOperation = z.infer<typeof operation>;
