/** Verbs on networks: the bridges that LXD manages and the interfaces of the host. */
import type { Rest } from './call.ts';
import { pathOf } from './rest.ts';
import { network, networkState, networks } from './schemas.ts';
import type { LxdNetwork, LxdNetworkChange, LxdNetworkState } from './types.ts';
import { updateWithEtag } from './update-with-etag.ts';

export interface NetworkVerbs {
  /** Managed ones and the host's own interfaces. */
  listNetworks(signal?: AbortSignal): Promise<LxdNetwork[]>;
  /** Addresses and link of the host's interface behind a network. */
  getNetworkState(name: string, signal?: AbortSignal): Promise<LxdNetworkState>;
  /**
   * Reads, changes and writes back, up to 5 times when somebody else was faster. That does not replace a lock: LXD compares the
   * ETag before it writes, not while, and of three writers at once half of the changes were lost (measured on 5.0.2).
   * @param change gives whole parts; undefined: nothing to do
   */
  updateNetwork(
    name: string,
    change: (current: LxdNetwork) => LxdNetworkChange | undefined,
    signal?: AbortSignal,
  ): Promise<void>;
}

export function networkVerbs(rest: Rest): NetworkVerbs {
  return {
    listNetworks: async (signal) => {
      const query = { recursion: '1' };
      const { value } = await rest.get(networks, {
        doing: 'listing networks',
        path: pathOf('networks'),
        query,
        signal,
      });
      return value;
    },
    getNetworkState: async (name, signal) => {
      const path = pathOf('networks', name, 'state');
      const { value } = await rest.get(networkState, {
        doing: `reading the state of network ${name}`,
        path,
        signal,
      });
      return value;
    },
    updateNetwork: (name, change, signal) => {
      const path = pathOf('networks', name);
      return updateWithEtag(
        () => rest.get(network, { doing: `reading network ${name}`, path, signal }),
        change,
        (current, next, etag) =>
          rest.change({
            doing: `changing network ${name}`,
            method: 'PUT',
            path,
            body: { ...current, ...next },
            etag,
            signal,
          }),
      );
    },
  };
}
