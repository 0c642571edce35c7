/** Reads the state of a host's interfaces. Those of instances come and go, so one may be gone before it is read. */
import { isFault } from '../../src/errors.ts';
import type { LxdClient, LxdNetwork, LxdNetworkState } from '../../src/lxd/client.ts';

export interface InterfaceState {
  name: string;
  state: LxdNetworkState;
}

/** Those that are still there, in the order of `networks`. */
export async function interfaceStates(
  client: LxdClient,
  networks: readonly LxdNetwork[],
  signal?: AbortSignal,
): Promise<InterfaceState[]> {
  const seen = await Promise.all(
    networks.map(async ({ name }) => {
      try {
        return [{ name, state: await client.getNetworkState(name, signal) }];
      } catch (error) {
        if (isFault(error, 'lxd_not_found')) return [];
        throw error;
      }
    }),
  );
  return seen.flat();
}
