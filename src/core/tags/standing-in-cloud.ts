/** What stands in a cloud for a door, read from marks and tags. */

import type { CloudWorld, GroupWorld, HostCloud, PortWorld, RuleClaim } from '../cloud-world.ts';
import { ANYONE } from '../sources.ts';
import type { CloudThing } from '../thing.ts';
import { groupNameOf } from './cloud-tag.ts';

/** The things of a door, innermost first. Each is removed harmlessly where it is gone already. */
export function thingsInCloud(owner: string, { cloud, server }: HostCloud): CloudThing[] {
  const port = cloud.ports.find(({ owners }) => owners.includes(owner));
  const base = { cloud: cloud.cloud, owner, about: port?.about ?? aboutOf(owner, cloud) };
  const own = port === undefined ? [] : portThings(base, port, server);
  const claimed = cloud.groups.filter(({ claims }) => claims.some((claim) => claim.owner === owner));
  const groups = claimed.map((group) => groupThing(base, group, server.port));
  const rules = claimed.flatMap((group) => ruleThings(base, group));
  const address = cloud.floatingIps.find(({ owners }) => owners.includes(owner));
  const addresses: CloudThing[] =
    address === undefined
      ? []
      : [{ ...base, kind: 'floating_ip', network: address.network, address: address.address }];
  const forwardings = cloud.floatingIps.flatMap(({ forwardings: all }) =>
    all
      .filter((each) => each.owner === owner)
      .map(({ protocol, publicPort, port: hostPort, address: fixedAddress, targetPort }): CloudThing => {
        return {
          ...base,
          kind: 'port_forwarding',
          protocol,
          publicPort,
          hostPort,
          fixedAddress,
          port: targetPort,
        };
      }),
  );
  // A group of the door's own can only go when its port has gone.
  const [mine, hosts] = [groups.filter(isOwn), groups.filter((group) => !isOwn(group))];
  return [...mine, ...own, ...hosts, ...addresses, ...forwardings, ...rules];

  function isOwn(thing: CloudThing): boolean {
    return thing.kind === 'group' && thing.name !== groupNameOf(server.name);
  }
}

type Base = Pick<CloudThing, 'cloud' | 'owner' | 'about'>;

function portThings(base: Base, port: PortWorld, server: HostCloud['server']): CloudThing[] {
  const paired = server.port.pairs.find(({ address }) => address === port.address);
  const use = paired === undefined && port.groups.length > 0 && port.plugged ? 'card' : 'reservation';
  const made: CloudThing = { ...base, kind: 'port', network: port.network, use, groups: [] };
  if (use === 'card') return [made, { ...base, kind: 'plug', server: server.id }];
  if (paired === undefined) return [made];
  return [
    made,
    {
      ...base,
      kind: 'pair',
      hostPort: server.port.id,
      withMac: paired.mac !== undefined && paired.mac !== server.port.mac,
    },
  ];
}

function groupThing(base: Base, { name, id }: GroupWorld, hostPort: PortWorld): CloudThing {
  const hung = hostPort.groups.includes(id);
  return { ...base, kind: 'group', name, ...(hung && { port: { id: hostPort.id } }) };
}

function ruleThings(base: Base, { name, claims }: GroupWorld): CloudThing[] {
  const own = claims.filter(({ owner }) => owner === base.owner);
  const services = new Map<string, RuleClaim[]>();
  for (const claim of own) {
    const key = `${claim.protocol}:${claim.port}`;
    services.set(key, [...(services.get(key) ?? []), claim]);
  }
  return [...services.values()].flatMap((same): CloudThing[] => {
    const [first] = same;
    if (first === undefined) return [];
    const sources = same.map(({ source }) => source);
    return [{ ...base, kind: 'rule', group: name, protocol: first.protocol, port: first.port, sources }];
  });
}

/** The public address of a door: of the floating IP that it needs, or of the one that leads to the host anyhow. */
export function addressOf(owner: string, { cloud, server }: HostCloud): string | undefined {
  const own = cloud.floatingIps.find(({ owners }) => owners.includes(owner));
  const port = cloud.ports.find(({ owners }) => owners.includes(owner))?.id ?? server.port.id;
  return (own ?? cloud.floatingIps.find((each) => each.port === port))?.address;
}

/** Who may come through a door, by its claims; without any it is what other rules let in. */
export function sourcesOf(owner: string, { groups }: CloudWorld): string[] {
  const claims = groups.flatMap((group) =>
    group.claims.filter((claim) => claim.owner === owner && !isDhcp(claim)),
  );
  const sources = [...new Set(claims.map(({ source }) => source))].sort();
  return sources.length === 0 ? [ANYONE] : sources;
}

function isDhcp({ protocol, port }: RuleClaim): boolean {
  return protocol === 'udp' && port === 68;
}

function aboutOf(owner: string, { floatingIps }: CloudWorld): string {
  return floatingIps.some(({ owners }) => owners.includes(owner)) ? owner : '';
}
