/** What jobs are given to work with. Built once, in worker.ts. */
import type { Policy } from '../src/core/policy.ts';
import type { PortRange } from '../src/core/world.ts';
import type { Log } from '../src/log.ts';
import type { LxdClient } from '../src/lxd/client.ts';
import type { Metrics } from '../src/metrics.ts';
import type { Queues } from '../src/queues.ts';
import type { Records } from '../src/records/records.ts';

/** An LXD host with what the configuration says of it. */
export interface Host {
  name: string;
  client: LxdClient;
  publicAddress?: string;
  publicPorts: PortRange;
  /** Ports of the host's own services that no door may shadow. */
  sshPort: number;
}

export interface Tools {
  hosts: readonly Host[];
  policy: Policy;
  records: Records;
  queues: Queues;
  metrics: Metrics;
  log: Log;
}
