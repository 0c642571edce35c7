/** Compares one thing of a door with what stands in its cloud. Pure. */
import type { CloudWorld, GroupWorld, PortWorld } from '../cloud-world.ts';
import type { CloudThing, PortRef } from '../thing.ts';
import type { Flaw } from './compare-lxd-thing.ts';

type Of<Kind extends CloudThing['kind']> = Extract<CloudThing, { kind: Kind }>;

/** undefined: it stands as it was put. @param hostPort the port of the server that is the host, where there is one */
export function compareCloudThing(
  thing: CloudThing,
  cloud: CloudWorld,
  hostPort?: PortWorld,
): Flaw | undefined {
  switch (thing.kind) {
    case 'floating_ip':
      return compareFloatingIp(thing, cloud);
    case 'group':
      return compareGroup(thing, cloud, hostPort);
    case 'rule':
      return compareRule(thing, cloud);
    case 'pair':
      return comparePair(thing, cloud, hostPort);
    case 'port':
    case 'plug':
      return comparePort(thing, cloud);
    case 'port_forwarding':
      return compareForwarding(thing, cloud);
    case 'key_pair':
    case 'server':
      return undefined;
  }
}

function compareFloatingIp(thing: Of<'floating_ip'>, cloud: CloudWorld): Flaw | undefined {
  const { owner, address } = thing;
  const own = cloud.floatingIps.find(({ owners }) => owners.includes(owner));
  const found = own ?? cloud.floatingIps.find((each) => address !== undefined && each.address === address);
  const name = address ?? 'its floating IP';
  if (found === undefined)
    return { name: 'floating_ip_gone', detail: `${name} is no longer in ${cloud.cloud}` };
  const wanted = thing.port === undefined ? undefined : idOf(thing.port, cloud);
  if (thing.port === undefined || (wanted !== undefined && found.port === wanted)) return undefined;
  const where = found.port === undefined ? 'nowhere' : `the port ${found.port}`;
  return { name: 'floating_ip_moved', detail: `${found.address} leads to ${where}` };
}

function compareGroup(thing: Of<'group'>, cloud: CloudWorld, hostPort?: PortWorld): Flaw | undefined {
  const group = groupNamed(thing.name, cloud);
  if (group === undefined)
    return { name: 'group_off', detail: `the security group ${thing.name} is gone from ${cloud.cloud}` };
  if (thing.port === undefined) return undefined;
  const port = portOf(thing.port, cloud, hostPort);
  // All ports on which a group of ours hangs are listed: one that is not has none.
  if (port === undefined && !('id' in thing.port)) return undefined;
  if (port?.groups.includes(group.id) === true) return undefined;
  return {
    name: 'group_off',
    detail: `${thing.name} hangs on the port ${port?.address ?? ''} no more`.trim(),
  };
}

function compareRule(thing: Of<'rule'>, cloud: CloudWorld): Flaw | undefined {
  const { protocol, port, sources } = thing;
  const rules = groupNamed(thing.group, cloud)?.rules ?? [];
  const missing = sources.filter(
    (source) =>
      !rules.some(
        (rule) =>
          (rule.protocol === undefined || rule.protocol === protocol) &&
          (rule.ports === undefined || (rule.ports.from <= port && port <= rule.ports.to)) &&
          rule.source === source,
      ),
  );
  if (missing.length === 0) return undefined;
  return {
    name: 'rule_gone',
    detail: `${thing.group} does not let ${missing.join(', ')} in at ${protocol} ${port}`,
  };
}

function comparePair(thing: Of<'pair'>, cloud: CloudWorld, hostPort?: PortWorld): Flaw | undefined {
  const own = ownPort(thing.owner, cloud);
  const host = portOf({ id: thing.hostPort }, cloud, hostPort);
  if (own === undefined || host === undefined) return undefined;
  if (host.pairs.some(({ address }) => address === own.address)) return undefined;
  return { name: 'pair_missing', detail: `the port ${host.address} may not carry ${own.address}` };
}

function comparePort(thing: Of<'port' | 'plug'>, cloud: CloudWorld): Flaw | undefined {
  const own = ownPort(thing.owner, cloud);
  if (own === undefined) return { name: 'rule_removed', detail: `its port is gone from ${cloud.cloud}` };
  if (thing.kind === 'port' || own.plugged) return undefined;
  return { name: 'rule_removed', detail: `its port ${own.address} is no longer plugged into the server` };
}

function compareForwarding(thing: Of<'port_forwarding'>, cloud: CloudWorld): Flaw | undefined {
  const all = cloud.floatingIps.flatMap(({ forwardings }) => forwardings);
  const found = all.find(({ owner }) => owner === thing.owner);
  const { protocol, publicPort, fixedAddress, port } = thing;
  if (found === undefined)
    return { name: 'rule_removed', detail: `the port forwarding of ${protocol} ${publicPort} is gone` };
  const same =
    found.protocol === protocol &&
    found.publicPort === publicPort &&
    found.address === fixedAddress &&
    found.targetPort === port;
  if (same) return undefined;
  const is = `${found.protocol} ${found.publicPort} to ${found.address}:${found.targetPort}`;
  return { name: 'rule_edited', detail: `its port forwarding leads from ${is}` };
}

function groupNamed(name: string, { groups }: CloudWorld): GroupWorld | undefined {
  return groups.find((each) => each.ours && each.name === name);
}

function ownPort(owner: string, { ports }: CloudWorld): PortWorld | undefined {
  return ports.find(({ owners }) => owners.includes(owner));
}

function idOf(port: PortRef, cloud: CloudWorld): string | undefined {
  return 'id' in port ? port.id : ownPort(port.owner, cloud)?.id;
}

/** undefined: it cannot be seen from here, which says nothing about it. */
function portOf(ref: PortRef, cloud: CloudWorld, hostPort?: PortWorld): PortWorld | undefined {
  if (!('id' in ref)) return ownPort(ref.owner, cloud);
  if (hostPort?.id === ref.id) return hostPort;
  return [...cloud.ports, ...cloud.serverPorts].find(({ id }) => id === ref.id);
}
