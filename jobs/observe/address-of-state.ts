/** The IPv4 address by which an instance is reached, out of what LXD says of its network. */
import type { LxdInstanceState } from '../../src/lxd/client.ts';

/** The first global one that is not on a bridge of its own, like Docker's inside of it. */
export function addressOfState({ network }: LxdInstanceState): string | undefined {
  const all = Object.values(network ?? {}).flatMap(({ addresses, host_name }) =>
    addresses
      .filter(({ family, scope }) => family === 'inet' && scope === 'global')
      .map(({ address }) => ({ address, outward: host_name !== undefined && host_name !== '' })),
  );
  return (all.find(({ outward }) => outward) ?? all[0])?.address;
}
