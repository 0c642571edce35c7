/** The client of one LXD host: the verbs of every noun over one transport. The door of this room. */
import { type AclVerbs, aclVerbs } from './acls.ts';
import { createTransport } from './create-transport.ts';
import { type ExecVerbs, execVerbs } from './exec.ts';
import { type FollowVerbs, followVerbs } from './follow.ts';
import { type ForwardVerbs, forwardVerbs } from './forwards.ts';
import { createHttp } from './http.ts';
import { type ImageVerbs, imageVerbs } from './images.ts';
import { type InstanceVerbs, instanceVerbs } from './instances.ts';
import { type LifeVerbs, lifeVerbs } from './life.ts';
import { type LogVerbs, logVerbs } from './logs.ts';
import { type NetworkVerbs, networkVerbs } from './networks.ts';
import { type ResourceVerbs, resourceVerbs } from './resources.ts';
import { createRest } from './rest.ts';
import { type ServerVerbs, serverVerbs } from './server.ts';
import { type SnapshotVerbs, snapshotVerbs } from './snapshots.ts';
import type { LxdTransportConfig } from './transport.ts';

export type { ExecResult } from './exec.ts';
export type { LxdEvent } from './follow.ts';
export type * from './types.ts';

export interface LxdClientOptions {
  /** The host's name in messages. */
  host: string;
  transport: LxdTransportConfig;
  /** LXD's project; its default one when absent. */
  project?: string;
  /** Most that one call may take; 10 s by default. */
  timeoutMs?: number;
  /** Most that LXD may take for what it does in the background; 60 s by default. */
  operationTimeoutMs?: number;
}

/**
 * Verbs on LXD's nouns. Every one throws Fault with a code `lxd_*`, its message saying what was being done and why that ended,
 * and the reason of `signal` where that ends it; a change that was under way may still happen then. Nothing is tried twice but
 * a GET whose kept-alive connection turned out to be closed, and updates that met a change (412).
 */
export interface LxdClient
  extends ServerVerbs,
    ResourceVerbs,
    ImageVerbs,
    InstanceVerbs,
    LifeVerbs,
    SnapshotVerbs,
    LogVerbs,
    ExecVerbs,
    NetworkVerbs,
    ForwardVerbs,
    AclVerbs,
    FollowVerbs {
  /** Ends all connections; calls under way end with lxd_unreachable. */
  close(): Promise<void>;
}

/** Nothing connects before the first verb. */
export function createLxdClient({
  host,
  transport,
  project,
  timeoutMs = 10_000,
  operationTimeoutMs = 60_000,
}: LxdClientOptions): LxdClient {
  const http = createHttp(createTransport(transport));
  const rest = createRest({ http, host, project, timeoutMs, operationTimeoutMs });
  return {
    ...serverVerbs(rest),
    ...resourceVerbs(rest),
    ...imageVerbs(rest),
    ...instanceVerbs(rest),
    ...lifeVerbs(rest),
    ...snapshotVerbs(rest),
    ...logVerbs(rest),
    ...execVerbs(rest),
    ...networkVerbs(rest),
    ...forwardVerbs(rest),
    ...aclVerbs(rest),
    ...followVerbs({ http, host, project }),
    close: () => http.close(),
  };
}
