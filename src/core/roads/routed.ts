/**
 * Road `routed`: the instance has an address of the cloud's network, and the host routes it (LXD, "Type: routed"). The host answers
 * ARP with its own hardware address, so the pair on its port names the address alone. A reservation port keeps the address from
 * being given to others and takes the floating IP. The card stands beside what the instance has: LXD sets its address from outside,
 * and a DHCP client inside would take it off again from a device that it manages.
 */
import { ownAddress, pairObstacle } from './own-address.ts';
import { type Road, unfit } from './road.ts';

export const routed: Road = {
  name: 'routed',
  own: true,
  fit(ask, world) {
    if (!world.host.can.routed) return unfit('this LXD has no routed cards (they came with 3.18)');
    if (world.host.cloud !== undefined && world.host.cloud.uplink === undefined)
      return unfit(`LXD on ${world.host.host} does not show the interface behind its port`);
    return ownAddress(ask, world, {
      nictype: 'routed',
      added: 'door0',
      why: 'the host routes an address of the instance’s own, with a floating IP of its own',
      ground: (own, host) => {
        const obstacle = pairObstacle(host);
        if (obstacle !== undefined) return unfit(obstacle);
        if (!host.server.port.security) return [];
        return [{ ...own, kind: 'pair', hostPort: host.server.port.id, withMac: false }];
      },
    });
  },
};
