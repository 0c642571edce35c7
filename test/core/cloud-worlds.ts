/** Clouds to plan in: a server web1 on a routed network with DHCP, in which nothing of ours stands yet. */

import type {
  CloudWorld,
  FloatingIpWorld,
  GroupWorld,
  HostCloud,
  PortWorld,
  RuleWorld,
  ServerWorld,
} from '../../src/core/cloud-world.ts';
import type { DoorSpec, Step } from '../../src/core/plan.ts';
import { CARD_KEY, cardText, parseCard } from '../../src/core/tags/card.ts';
import type { CloudThing, LxdThing } from '../../src/core/thing.ts';
import type { ExposeWorld, HostWorld } from '../../src/core/world.ts';
import { exposeWorld, type WorldChanges } from './worlds.ts';

export const FIXED = '10.30.0.7';
export const FLOATING = '198.51.100.40';
export const SERVER = 'server-1';

export function portWorld(changes: Partial<PortWorld> = {}): PortWorld {
  return {
    id: 'port-web1',
    network: 'net-hosts',
    address: FIXED,
    mac: 'fa:16:3e:00:00:07',
    groups: ['group-default'],
    pairs: [],
    plugged: true,
    security: true,
    owners: [],
    ...changes,
  };
}

export function serverWorld(changes: Partial<ServerWorld> = {}): ServerWorld {
  return {
    id: SERVER,
    name: 'web1',
    status: 'ACTIVE',
    port: portWorld(),
    subnet: {
      cidr: '10.30.0.0/24',
      gateway: '10.30.0.1',
      dhcp: true,
      dhcpServers: ['10.30.0.2/32'],
      routed: true,
    },
    ...changes,
  };
}

export function floatingIp(changes: Partial<FloatingIpWorld> = {}): FloatingIpWorld {
  return {
    id: `fip-${changes.address ?? FLOATING}`,
    address: FLOATING,
    network: 'net-public',
    owners: [],
    ours: false,
    forwardings: [],
    ...changes,
  };
}

export function groupWorld(changes: Partial<GroupWorld> = {}): GroupWorld {
  return { id: 'group-default', name: 'default', ours: false, claims: [], rules: [], ...changes };
}

export function ruleWorld(changes: Partial<RuleWorld> = {}): RuleWorld {
  return {
    id: 'rule-1',
    protocol: 'tcp',
    ports: { from: 80, to: 80 },
    source: '0.0.0.0/0',
    ours: false,
    ...changes,
  };
}

export function cloudWorld(changes: Partial<CloudWorld> = {}): CloudWorld {
  return {
    cloud: 'public',
    can: { tags: true, addressPairs: true, portForwarding: true },
    external: { id: 'net-public', name: 'public' },
    quotas: {
      floatingIps: { limit: 50, used: 3 },
      ports: { limit: 500, used: 4 },
      groups: { limit: 10, used: 1 },
      rules: { limit: 100, used: 4 },
    },
    floatingIps: [],
    groups: [groupWorld()],
    ports: [],
    serverPorts: [],
    ...changes,
  };
}

export interface CloudChanges extends WorldChanges {
  cloud?: Partial<CloudWorld>;
  server?: Partial<ServerWorld>;
  /** undefined: LXD does not show it. */
  uplink?: string | undefined;
}

/** The world in which `blog` on web1, a server of the cloud `public`, listens on port 80. */
export function cloudExposeWorld(changes: CloudChanges = {}): ExposeWorld {
  const cloud: HostCloud = {
    cloud: cloudWorld(changes.cloud),
    server: serverWorld(changes.server),
    ...('uplink' in changes && changes.uplink === undefined ? {} : { uplink: changes.uplink ?? 'ens3' }),
  };
  const addresses = [
    { address: '10.11.0.1', interface: 'lxdbr0' },
    { address: FIXED, interface: 'ens3' },
  ];
  return exposeWorld({ ...changes, host: { publicAddress: FIXED, addresses, cloud, ...changes.host } });
}

/** The host after the steps, as it would be observed: things of the cloud and cards; those on LXD's bridges are left out. */
export function afterCloudSteps(host: HostWorld, door: DoorSpec, steps: readonly Step[]): HostWorld {
  return steps.reduce((world, { do: what, thing }) => {
    if ('cloud' in thing && thing.kind !== 'nic' && thing.kind !== 'known_host')
      return withCloud(world, (cloud) => afterThing(cloud, thing, what === 'put'));
    return thing.kind === 'nic' ? afterCard(world, door, thing, what === 'put') : world;
  }, host);
}

function withCloud(host: HostWorld, change: (cloud: HostCloud) => HostCloud): HostWorld {
  return host.cloud === undefined ? host : { ...host, cloud: change(host.cloud) };
}

function afterThing(host: HostCloud, thing: CloudThing, put: boolean): HostCloud {
  const { cloud, server } = host;
  const { owner } = thing;
  switch (thing.kind) {
    case 'group': {
      const id = `group-${thing.name}`;
      const needed = cloud.groups.some((each) => each.id === id && each.claims.length > 0);
      const rest = cloud.groups.filter((each) => each.id !== id);
      const present =
        cloud.groups.find((each) => each.id === id) ?? groupWorld({ id, name: thing.name, ours: true });
      const keep = put || needed;
      const hung = thing.port !== undefined && 'id' in thing.port;
      const groups = [
        ...server.port.groups.filter((each) => each !== id),
        ...(keep && hung ? [id] : []),
      ].sort();
      return {
        ...host,
        cloud: { ...cloud, groups: keep ? [...rest, present] : rest },
        server: hung ? { ...server, port: { ...server.port, groups } } : server,
      };
    }
    case 'rule': {
      const claims = thing.sources.map((source) => ({
        owner,
        protocol: thing.protocol,
        port: thing.port,
        source,
      }));
      const groups = cloud.groups.map((each) => {
        if (each.name !== thing.group) return each;
        const others = each.claims.filter(
          (claim) => !claims.some((own) => JSON.stringify(own) === JSON.stringify(claim)),
        );
        const rules = others.concat(put ? claims : []).map(({ protocol, port, source }, index) => {
          const ports = { from: port, to: port };
          return ruleWorld({ id: `rule-${index}`, protocol, ports, source, ours: true });
        });
        return { ...each, claims: put ? [...others, ...claims] : others, rules };
      });
      return { ...host, cloud: { ...cloud, groups } };
    }
    case 'floating_ip': {
      const address = thing.address ?? '198.51.100.99';
      const ref = thing.port;
      const port = ref === undefined ? undefined : 'id' in ref ? ref.id : `port-${ref.owner}`;
      const rest = cloud.floatingIps.filter((each) => each.address !== address);
      const present =
        cloud.floatingIps.find((each) => each.address === address) ?? floatingIp({ address, ours: true });
      const owners = [...present.owners.filter((each) => each !== owner), ...(put ? [owner] : [])];
      const { port: _port, ...unpointed } = present;
      const now =
        owners.length === 0
          ? { ...unpointed, owners }
          : { ...present, owners, ...(port !== undefined && { port }) };
      return {
        ...host,
        cloud: { ...cloud, floatingIps: owners.length === 0 && present.ours ? rest : [...rest, now] },
      };
    }
    case 'port': {
      const rest = cloud.ports.filter((each) => !each.owners.includes(owner));
      const made = portWorld({
        id: `port-${owner}`,
        address: '10.30.0.55',
        mac: 'fa:16:3e:00:00:55',
        groups: thing.groups.map((name) => `group-${name}`),
        plugged: false,
        owners: [owner],
        about: thing.about,
      });
      return { ...host, cloud: { ...cloud, ports: put ? [...rest, made] : rest } };
    }
    case 'plug':
      return {
        ...host,
        cloud: {
          ...cloud,
          ports: cloud.ports.map((each) => (each.owners.includes(owner) ? { ...each, plugged: put } : each)),
        },
      };
    case 'pair': {
      const port = cloud.ports.find((each) => each.owners.includes(owner));
      const others = server.port.pairs.filter((each) => each.address !== port?.address);
      const pair = { address: port?.address ?? '', mac: thing.withMac ? (port?.mac ?? '') : server.port.mac };
      return {
        ...host,
        server: { ...server, port: { ...server.port, pairs: put ? [...others, pair] : others } },
      };
    }
    case 'port_forwarding': {
      const floatingIps = cloud.floatingIps.map((each) => {
        if (!each.owners.includes(owner)) return each;
        const others = each.forwardings.filter((forwarding) => forwarding.owner !== owner);
        const made = {
          id: `pf-${owner}`,
          protocol: thing.protocol,
          publicPort: thing.publicPort,
          port: thing.hostPort,
          address: thing.fixedAddress,
          targetPort: thing.port,
          owner,
        };
        return { ...each, forwardings: put ? [...others, made] : others };
      });
      return { ...host, cloud: { ...cloud, floatingIps } };
    }
    default:
      throw new Error(`no door is made of a ${thing.kind}`);
  }
}

function afterCard(
  host: HostWorld,
  door: DoorSpec,
  thing: Extract<LxdThing, { kind: 'nic' }>,
  put: boolean,
): HostWorld {
  const instances = host.instances.map((each) => {
    if (each.name !== thing.instance) return each;
    const { card: _card, ...bare } = each;
    if (!put) return bare;
    const made = {
      device: thing.device,
      road: door.road,
      doors: [{ door: door.id, protocol: door.protocol, port: door.port }],
      ...(thing.cloud !== undefined && { cloud: thing.cloud }),
    };
    const card = parseCard({ [CARD_KEY]: cardText(made) }[CARD_KEY]);
    return card === undefined ? bare : { ...bare, card };
  });
  return { ...host, instances };
}

/** Kinds of things in order, for short expectations; `about` is what a thing says that it is for. */
export function kindsOf(steps: readonly Step[]): string[] {
  return steps.map(({ do: what, thing }) => (what === 'put' ? thing.kind : `-${thing.kind}`));
}
