/** Road `proxy`: a proxy device with `nat=true`; kernel rules that belong to the instance. */
import { frontOf } from './front.ts';
import { cannotFilter, groundOf, type Road, reachOf, unfit } from './road.ts';

export const proxy: Road = {
  name: 'proxy',
  own: false,
  fit(ask, world) {
    if (!world.host.can.proxyNat) return unfit('this LXD has no proxy devices with nat (they came with 3.3)');
    if (cannotFilter(ask, world)) return unfit('this LXD has no network ACLs to limit the sources with');
    if (ask.outside === undefined) return unfit('the host has no public side');
    const reach = reachOf(world);
    if ('fits' in reach) return reach;
    const front = frontOf(ask, world);
    if ('fits' in front) return front;
    const thing = {
      kind: 'proxy',
      host: world.host.host,
      instance: world.instance.name,
      listenAddress: ask.outside.listenAddress,
      listenPort: ask.outside.publicPort,
      protocol: ask.command.protocol,
      connectAddress: reach.nic.address,
      connectPort: ask.command.port,
      nat: true,
    } as const;
    const why = 'kernel rules that come and go with the instance';
    return { fits: true, why, ...front, things: [...groundOf(ask, world, reach), thing, ...front.things] };
  },
};
