/** What LXD's answers must look like to be believed. Loose: fields that are not named here stay on the objects. */
import { z } from 'zod';
import type {
  LxdAcl,
  LxdForward,
  LxdImage,
  LxdInstance,
  LxdInstanceState,
  LxdNetwork,
  LxdNetworkState,
  LxdOperation,
  LxdProfile,
  LxdServer,
  LxdSnapshot,
} from './types.ts';

const text = z.string();
const texts = z.record(text, text);
/** Go writes empty maps, lists and texts as null or leaves them out. */
const map = texts.nullish().transform((value) => value ?? {});
const textOrEmpty = text.nullish().transform((value) => value ?? '');
const devices = z
  .record(text, texts)
  .nullish()
  .transform((value) => value ?? {});

function list<T>(of: z.ZodType<T>) {
  return z
    .array(of)
    .nullish()
    .transform((value) => value ?? []);
}

/** The frame around every JSON answer (LXD REST API, "Return values"). */
export const envelope = z.looseObject({
  type: z.enum(['sync', 'async', 'error']),
  operation: textOrEmpty,
  error: textOrEmpty,
  metadata: z.unknown(),
});

export const trust = z.looseObject({ auth: text });

export const server: z.ZodType<LxdServer> = z.looseObject({
  api_extensions: z.array(text),
  auth: text,
  environment: z.looseObject({ server: text, server_version: text, server_name: text.exactOptional() }),
  // Mostly texts, but core.trust_password comes as `true`.
  config: z.record(text, z.unknown().transform(String)).exactOptional(),
});

const address = z.looseObject({ family: text, address: text, netmask: text, scope: text });

export const instanceState: z.ZodType<LxdInstanceState> = z.looseObject({
  status: text,
  network: z
    .record(
      text,
      z.looseObject({ addresses: list(address), hwaddr: textOrEmpty, host_name: text.exactOptional() }),
    )
    .nullish()
    .transform((value) => value ?? null),
});

export const instance: z.ZodType<LxdInstance> = z.looseObject({
  name: text,
  type: text,
  status: text,
  description: textOrEmpty,
  profiles: list(text),
  config: map,
  devices,
  expanded_config: map,
  expanded_devices: devices,
  state: instanceState.nullable().exactOptional(),
});

export const instances = z.array(instance);

export const snapshots: z.ZodType<LxdSnapshot[]> = list(
  z.looseObject({ name: text, created_at: text, config: map, devices }),
);

export const images: z.ZodType<LxdImage[]> = list(
  z.looseObject({
    fingerprint: text,
    aliases: list(z.looseObject({ name: text })),
    type: text,
    properties: map,
  }),
);

export const profiles: z.ZodType<LxdProfile[]> = list(z.looseObject({ name: text, devices }));

const space = z.looseObject({ total: z.number(), used: z.number() });
export const resources = z.looseObject({ memory: space });
export const poolResources = z.looseObject({ space });
export const paths = list(text);

export const network: z.ZodType<LxdNetwork> = z.looseObject({
  name: text,
  type: text,
  managed: z.boolean(),
  description: textOrEmpty,
  config: map,
});

export const networks = z.array(network);

export const networkState: z.ZodType<LxdNetworkState> = z.looseObject({
  addresses: z.array(address).nullable(),
  hwaddr: textOrEmpty,
  state: text,
});

const forwardPort = z.looseObject({
  description: textOrEmpty,
  protocol: text,
  listen_port: text,
  target_address: text,
  target_port: text.exactOptional(),
});

export const forward: z.ZodType<LxdForward> = z.looseObject({
  listen_address: text,
  description: textOrEmpty,
  config: map,
  ports: list(forwardPort),
});

export const forwards = z.array(forward);

const aclRule = z.looseObject({
  action: text,
  state: text,
  description: text.exactOptional(),
  source: text.exactOptional(),
  destination: text.exactOptional(),
  protocol: text.exactOptional(),
  source_port: text.exactOptional(),
  destination_port: text.exactOptional(),
});

export const acl: z.ZodType<LxdAcl> = z.looseObject({
  name: text,
  description: textOrEmpty,
  config: map,
  ingress: list(aclRule),
  egress: list(aclRule),
});

export const operation: z.ZodType<LxdOperation> = z.looseObject({
  id: text,
  status: text,
  status_code: z.number(),
  err: textOrEmpty,
  metadata: z
    .record(text, z.unknown())
    .nullish()
    .transform((value) => value ?? null),
  resources: z
    .record(text, list(text))
    .nullish()
    .transform((value) => value ?? {}),
});

/** By their state: `{running: [...], success: [...]}`. */
export const operations: z.ZodType<Record<string, LxdOperation[]>> = z
  .record(text, list(operation))
  .nullish()
  .transform((value) => value ?? {});

/** What an operation says about a command that was run with its output recorded. */
export const recorded = z.looseObject({
  return: z.int(),
  output: z
    .record(text, text)
    .nullish()
    .transform((value) => value ?? {}),
});
