/** Road `proxy`: a proxy device with `nat=true`; kernel rules that belong to the instance. */
import { cannotFilter, groundOf, type Road, reachOf, unfit } from './road.ts';

export const proxy: Road = {
  name: 'proxy',
  fit(ask, world) {
    if (!world.host.can.proxyNat) return unfit('this LXD has no proxy devices with nat (they came with 3.3)');
    if (cannotFilter(ask, world)) return unfit('this LXD has no network ACLs to limit the sources with');
    const reach = reachOf(world);
    if ('fits' in reach) return reach;
    const thing = {
      kind: 'proxy',
      host: world.host.host,
      instance: world.instance.name,
      listenAddress: ask.publicAddress,
      listenPort: ask.publicPort,
      protocol: ask.command.protocol,
      connectAddress: reach.nic.address,
      connectPort: ask.command.port,
      nat: true,
    } as const;
    const why = 'kernel rules that come and go with the instance';
    return { fits: true, why, things: [...groundOf(ask, world, reach), thing] };
  },
};
