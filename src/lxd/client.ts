/** The LXD client of one host: verbs on LXD's nouns. Assembles; knows neither Slack nor plans. */
import { createCaller } from './caller.ts';
import { createInstances, type Instances } from './instances.ts';
import { createNetworks, type Networks } from './networks.ts';
import { type LxdServer, server } from './schemas.ts';
import { createTransport, type LxdTransportConfig } from './transport.ts';

export type {
  LxdAcl,
  LxdAclRule,
  LxdForward,
  LxdForwardPort,
  LxdInstance,
  LxdNetwork,
  LxdServer,
} from './schemas.ts';

export interface LxdClient extends Instances, Networks {
  getServer(signal?: AbortSignal): Promise<LxdServer>;
  close(): Promise<void>;
}

export interface LxdClientOptions {
  /** The host's name, for faults. */
  host: string;
  transport: LxdTransportConfig;
  project?: string;
  /** For one answer, milliseconds. */
  timeoutMs?: number;
}

/** Every verb throws faults with codes that begin with `lxd_`. */
export function createLxdClient({
  host,
  transport,
  project,
  timeoutMs = 10_000,
}: LxdClientOptions): LxdClient {
  const http = createTransport(transport);
  const caller = createCaller({ host, http, timeoutMs, ...(project !== undefined && { project }) });
  return {
    ...createInstances(caller),
    ...createNetworks(caller),
    async getServer(signal) {
      return (await caller.get('reading the server', '', server, signal)).value;
    },
    close: () => http.close(),
  };
}
