/**
 * Road `lan`: the instance sits on the host's own network, on its bridge or by macvlan, and gets its address from the DHCP there. For
 * physical hosts: a cloud's DHCP answers only ports that it knows.
 */
import { isAnyone } from '../request.ts';
import { deviceOf } from './own-address.ts';
import { type Road, unfit } from './road.ts';

export const lan: Road = {
  name: 'lan',
  own: true,
  fit({ command, door }, { host, instance }) {
    if (host.cloud !== undefined)
      return unfit(`${host.host} is a server of a cloud, whose DHCP answers only ports that it knows`);
    if (host.uplink === undefined) return unfit(`${host.host} shows no interface with its public address`);
    if (instance.type !== 'container')
      return unfit(`${instance.name} is a virtual machine; this is for containers`);
    if (!isAnyone(command.sources))
      return unfit('the LAN reaches the instance itself, and nothing on the way could enforce `from`');
    if (command.publicAddress !== undefined) return unfit('the address comes from the DHCP of the LAN');
    if (command.publicPort !== undefined && command.publicPort !== command.port)
      return unfit(
        `${instance.name} would have the address to itself, so the public port is its own, ${command.port}`,
      );
    if (instance.card !== undefined)
      return unfit(
        `${instance.name} has an address of its own for ${instance.card.doors.map((each) => each.door).join(', ')} already`,
      );
    const { bridge, interface: parent } = host.uplink;
    const device = deviceOf(instance);
    const nictype = bridge ? 'bridged' : 'macvlan';
    return {
      fits: true,
      why: `a card on ${parent} of ${host.host}, with an address from the DHCP of the LAN`,
      things: [
        { kind: 'nic', host: host.host, instance: instance.name, device, nictype, parent, owner: door },
      ],
      publicPort: command.port,
      warnings: [
        `${instance.name} is stopped and started with a new ${device}; closing does the same`,
        `all ports of ${instance.name} can be reached from the LAN, not only ${command.port}`,
        ...(bridge
          ? []
          : [`${host.host} itself cannot reach ${instance.name} this way: macvlan keeps the two apart`]),
      ],
    };
  },
};
