/**
 * Road `userspace`: a proxy device without nat. A process of LXD copies the bytes; slower, hides the client's address,
 * but reaches a service that listens on 127.0.0.1 or an instance that is on no bridge of LXD.
 */
import { isAnyone } from '../request.ts';
import { type Road, unfit } from './road.ts';

export const userspace: Road = {
  name: 'userspace',
  fit({ command, publicAddress, publicPort }, { host, instance }) {
    if (!host.can.proxy) return unfit('this LXD has no proxy devices');
    if (instance.type !== 'container') return unfit('LXD proxies without nat only into containers');
    if (!isAnyone(command.sources))
      return unfit('it hides the client’s address, so `from` cannot be enforced');
    const thing = {
      kind: 'proxy',
      host: host.host,
      instance: instance.name,
      listenAddress: publicAddress,
      listenPort: publicPort,
      protocol: command.protocol,
      connectAddress: '127.0.0.1',
      connectPort: command.port,
      nat: false,
    } as const;
    return { fits: true, why: 'a process of LXD copies the bytes into the container', things: [thing] };
  },
};
