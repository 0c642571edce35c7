/**
 * Road `userspace`: a proxy device without nat. A process of LXD copies the bytes; slower, hides the client's address,
 * but reaches a service that listens on 127.0.0.1 or an instance that is on no bridge of LXD.
 */
import { isAnyone } from '../request.ts';
import { frontOf } from './front.ts';
import { cloudFilters, type Road, unfit } from './road.ts';

export const userspace: Road = {
  name: 'userspace',
  own: false,
  fit(ask, world) {
    const { command, outside } = ask;
    const { host, instance } = world;
    if (outside === undefined) return unfit('the host has no public side');
    if (!host.can.proxy) return unfit('this LXD has no proxy devices');
    if (instance.type !== 'container') return unfit('LXD proxies without nat only into containers');
    if (!isAnyone(command.sources) && !cloudFilters(world) && host.guard === undefined)
      return unfit('it hides the client’s address, so `from` cannot be enforced');
    const front = frontOf(ask, world);
    if ('fits' in front) return front;
    const thing = {
      kind: 'proxy',
      host: host.host,
      instance: instance.name,
      listenAddress: outside.listenAddress,
      listenPort: outside.publicPort,
      protocol: command.protocol,
      connectAddress: '127.0.0.1',
      connectPort: command.port,
      nat: false,
    } as const;
    const why =
      'a process of LXD copies the bytes into the container, which does not see the client’s address';
    return { fits: true, why, ...front, things: [thing, ...front.things] };
  },
};
