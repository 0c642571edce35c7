/**
 * Road `port`: a Neutron port of the instance's own, plugged into the host while it runs and handed to the container as its card. Neutron
 * knows it, so its DHCP answers, and it has a security group and a floating IP of its own.
 */
import { ownAddress } from './own-address.ts';
import { type Road, unfit } from './road.ts';

export const port: Road = {
  name: 'port',
  own: true,
  fit(ask, world) {
    const host = world.host.cloud;
    if (host !== undefined && !host.server.subnet.dhcp)
      return unfit(
        `the network of ${host.server.name} has no DHCP, so nothing would give ${world.instance.name} its address`,
      );
    return ownAddress(ask, world, {
      nictype: 'physical',
      group: `drawbridge-${ask.door}`,
      why: 'a port of the cloud becomes the instance’s card, with a group and a floating IP of its own',
      ground: (own, { server }) => [{ ...own, kind: 'plug', server: server.id }],
    });
  },
};
