/**
 * Road `bridged`: the card shares the host's interface (macvlan) under the hardware address of a port that was made first, so that Neutron
 * knows it. The pair on the host's port names address and hardware address. Neutron's DHCP answers, but its reply would die at the
 * host's group, which knows only the host's own address (measured on Neutron's iptables firewall): a rule for udp/68 lets it in.
 */

import { groupNameOf } from '../tags/cloud-tag.ts';
import { ownAddress, pairObstacle } from './own-address.ts';
import { type Road, unfit } from './road.ts';

export const bridged: Road = {
  name: 'bridged',
  own: true,
  fit(ask, world) {
    const cloud = world.host.cloud;
    if (cloud !== undefined && cloud.uplink === undefined)
      return unfit(`LXD on ${world.host.host} does not show the interface behind its port`);
    if (cloud !== undefined && !cloud.server.subnet.dhcp)
      return unfit(
        `the network of ${cloud.server.name} has no DHCP, so nothing would give ${world.instance.name} its address`,
      );
    return ownAddress(ask, world, {
      nictype: 'macvlan',
      why: 'the instance sits on the cloud’s network itself, with a floating IP of its own',
      ground: (own, host) => {
        const obstacle = pairObstacle(host);
        if (obstacle !== undefined) return unfit(obstacle);
        const { port, name, subnet } = host.server;
        if (!port.security) return [];
        const group = groupNameOf(name);
        return [
          { ...own, kind: 'group', name: group, port: { id: port.id } },
          { ...own, kind: 'rule', group, protocol: 'udp', port: 68, sources: [...subnet.dhcpServers] },
          { ...own, kind: 'pair', hostPort: port.id, withMac: true },
        ];
      },
    });
  },
};
