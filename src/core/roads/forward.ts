/** Road `forward`: an LXD network forward; the host's kernel rewrites the destination. The first choice. */
import type { ExposeWorld } from '../world.ts';
import { frontOf } from './front.ts';
import { cannotFilter, groundOf, type Road, reachOf, unfit } from './road.ts';

export const forward: Road = {
  name: 'forward',
  own: false,
  fit(ask, world) {
    if (!world.host.can.forward) return unfit('this LXD has no network forwards (they came with 4.18)');
    if (cannotFilter(ask, world)) return unfit('this LXD has no network ACLs to limit the sources with');
    if (ask.outside === undefined) return unfit('the host has no public side');
    const reach = reachOf(world);
    if ('fits' in reach) return reach;
    const front = frontOf(ask, world);
    if ('fits' in front) return front;
    const foreign = foreignForward(ask.outside.listenAddress, world, reach.bridge.network);
    if (foreign !== undefined) return unfit(foreign);
    const thing = {
      kind: 'forward',
      host: world.host.host,
      network: reach.bridge.network,
      listenAddress: ask.outside.listenAddress,
      listenPort: ask.outside.publicPort,
      protocol: ask.command.protocol,
      targetAddress: reach.nic.address,
      targetPort: ask.command.port,
    } as const;
    const why = 'the kernel forwards it: fastest, and the instance sees the client’s address';
    return { fits: true, why, ...front, things: [...groundOf(ask, world, reach), thing, ...front.things] };
  },
};

/** LXD allows one forward for an address; one that is not ours, or sits on another bridge, cannot take our port. */
function foreignForward(address: string, { host }: ExposeWorld, network: string): string | undefined {
  const there = host.forwards.find(({ listenAddress }) => listenAddress === address);
  if (there === undefined) return undefined;
  if (!there.ours) return `the forward of ${there.listenAddress} was made by somebody else and is left alone`;
  if (there.network !== network)
    return `${there.listenAddress} is forwarded into ${there.network}, not ${network}`;
  return undefined;
}
