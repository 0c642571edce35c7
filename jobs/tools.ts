/** What jobs are given to work with. Built once, in worker.ts. */

import type { ReconcileSettings } from '../src/core/differences/own-accord.ts';
import type { Notices } from '../src/core/notices.ts';
import type { Policy } from '../src/core/policy.ts';
import type { PortRange } from '../src/core/port-range.ts';
import type { HostAccess } from '../src/core/thing.ts';
import type { Log } from '../src/log.ts';
import type { LxdClient } from '../src/lxd/client.ts';
import type { Guard } from '../src/lxd/guard.ts';
import type { Metrics } from '../src/metrics.ts';
import type { CloudClient } from '../src/openstack/client.ts';
import type { Queues } from '../src/queues.ts';
import type { Quarantined } from '../src/records/quarantine.ts';
import type { Records } from '../src/records/records.ts';
import type { Secret } from '../src/secret.ts';

/** An LXD host with what the configuration, or its own making, says of it. */
export interface Host {
  name: string;
  client: LxdClient;
  publicAddress?: string;
  publicPorts: PortRange;
  /** Where the host itself can end doors. */
  guard?: Guard;
  /** Ports of the host's own services that no door may shadow. */
  sshPort: number;
  /** The cloud whose server it is, and the server's name or id there. */
  server?: { cloud: string; server: string };
  /** It was made or adopted by Drawbridge; the configuration does not name it. */
  registered: boolean;
  /** Nothing new is placed on it. */
  drained: boolean;
  /** Addresses on its bridges that were a deleted instance's. */
  quarantined?: readonly Quarantined[];
  /** Where `launch` finds images that the host does not have. */
  imagesServer?: string;
  /** Its own, without those of its cloud. */
  labels?: Readonly<Record<string, string>>;
  /** The file of the key to it, where it has one of its own. */
  keyFile?: string;
  /** How its identity is known; absent for a socket of this machine. */
  identity?: 'pinned' | 'authority' | 'nothing';
}

/** The hosts that are known now: those of the configuration, and those that were made or adopted. */
export interface Hosts {
  /** The user of machines that are adopted, where none is named. */
  adoptUser: string;
  /** The file of the key to them. */
  adoptKeyFile?: string;
  /** Where LXD’s socket may be on machines that are made or adopted. */
  sockets: readonly string[];
  list(): Promise<readonly Host[]>;
  /**
   * A client for a host that is not in any list yet; the caller closes it.
   * @throws Fault config_invalid where there is no key for it
   */
  connect(name: string, access: HostAccess, cloud: string | undefined): LxdClient;
  /** Likewise, its guard, whether it has one or not. */
  connectGuard(name: string, access: HostAccess, cloud: string | undefined): Guard;
  close(): Promise<void>;
}

/** A cloud with what the configuration says of it. */
export interface Cloud {
  name: string;
  client: CloudClient;
  /** Defaults for new hosts, each absent where none is set. */
  externalNetwork?: string;
  network?: string;
  image?: string;
  flavor?: string;
  /** The user that new hosts get for Drawbridge. */
  user: string;
  /** The key with which Drawbridge logs in to hosts there: its private part, and its public part as a line of authorized_keys. */
  privateKey: Secret;
  publicKey: string;
  /** The file of the private part. */
  keyFile?: string;
  /** From where the workers reach new hosts, CIDRs. */
  sshFrom: readonly string[];
  publicPorts: PortRange;
  /** It has config drives. */
  configDrive: boolean;
  imagesServer?: string;
  labels?: Readonly<Record<string, string>>;
}

export interface Tools {
  hosts: Hosts;
  clouds: readonly Cloud[];
  /** As it is now. */
  policy: () => Policy;
  notices: Notices;
  reconcile: ReconcileSettings;
  records: Records;
  queues: Queues;
  metrics: Metrics;
  log: Log;
}

/** What planning needs: it looks, and changes nothing. */
export type PlanTools = Pick<Tools, 'hosts' | 'clouds' | 'records' | 'policy'>;
