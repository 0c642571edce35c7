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
/**
 * What LXD or the kernel of its host makes up or checks: names, states, addresses, ports. It is shown as it is, so a host in which something else
 * stands is not believed. Not for what users of LXD may choose, like names of snapshots: one of them would hide the whole host.
 */
const PLAIN = /^[^\p{C}\p{Zl}\p{Zp}<>&`]{0,255}$/u;
const word = text.regex(PLAIN, 'no name or value that LXD would give');
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

/** What users of LXD name. LXD lets them take almost any name; one that chat would not show as it is, is not seen by Drawbridge. */
function named<T extends { name: string }>(of: z.ZodType<T>) {
  return list(of).transform((all) => all.filter(({ name }) => PLAIN.test(name)));
}

/** The frame around every JSON answer (LXD REST API, "Return values"). */
export const envelope = z.looseObject({
  type: z.enum(['sync', 'async', 'error']),
  operation: textOrEmpty,
  error: textOrEmpty,
  metadata: z.unknown(),
});

export const trust = z.looseObject({ auth: word });

export const server: z.ZodType<LxdServer> = z.looseObject({
  api_extensions: z.array(text),
  auth: word,
  environment: z.looseObject({ server: word, server_version: word, server_name: word.exactOptional() }),
  // Mostly texts, but core.trust_password comes as `true`.
  config: z.record(text, z.unknown().transform(String)).exactOptional(),
});

const address = z.looseObject({ family: word, address: word, netmask: word, scope: word });

export const instanceState: z.ZodType<LxdInstanceState> = z.looseObject({
  status: word,
  network: z
    .record(
      text,
      z.looseObject({ addresses: list(address), hwaddr: textOrEmpty, host_name: text.exactOptional() }),
    )
    .nullish()
    .transform((value) => value ?? null),
});

export const instance: z.ZodType<LxdInstance> = z.looseObject({
  name: word,
  type: word,
  status: word,
  description: textOrEmpty,
  profiles: list(text),
  config: map,
  devices,
  expanded_config: map,
  expanded_devices: devices,
  state: instanceState.nullable().exactOptional(),
});

export const instances = z.array(instance);

export const snapshots: z.ZodType<LxdSnapshot[]> = named(
  z.looseObject({ name: text, created_at: text, config: map, devices }),
);

export const images: z.ZodType<LxdImage[]> = list(
  z.looseObject({
    fingerprint: text,
    aliases: named(z.looseObject({ name: text })),
    type: text,
    properties: map,
  }),
);

export const profiles: z.ZodType<LxdProfile[]> = named(z.looseObject({ name: text, devices }));

const space = z.looseObject({ total: z.number(), used: z.number() });
export const resources = z.looseObject({ memory: space });
export const poolResources = z.looseObject({ space });
export const paths = list(text);

export const network: z.ZodType<LxdNetwork> = z.looseObject({
  name: word,
  type: word,
  managed: z.boolean(),
  description: textOrEmpty,
  config: map,
});

export const networks = z.array(network);

export const networkState: z.ZodType<LxdNetworkState> = z.looseObject({
  addresses: z.array(address).nullable(),
  hwaddr: textOrEmpty,
  state: word,
});

const forwardPort = z.looseObject({
  description: textOrEmpty,
  protocol: word,
  listen_port: word,
  target_address: word,
  target_port: word.exactOptional(),
});

export const forward: z.ZodType<LxdForward> = z.looseObject({
  listen_address: word,
  description: textOrEmpty,
  config: map,
  ports: list(forwardPort),
});

export const forwards = z.array(forward);

const aclRule = z.looseObject({
  action: word,
  state: word,
  description: text.exactOptional(),
  source: text.exactOptional(),
  destination: text.exactOptional(),
  protocol: word.exactOptional(),
  source_port: word.exactOptional(),
  destination_port: word.exactOptional(),
});

export const acl: z.ZodType<LxdAcl> = z.looseObject({
  name: word,
  description: textOrEmpty,
  config: map,
  ingress: list(aclRule),
  egress: list(aclRule),
});

export const operation: z.ZodType<LxdOperation> = z.looseObject({
  id: word,
  status: word,
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
