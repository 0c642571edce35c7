/** Worlds to plan in: one host with one instance that a door can be opened into, and ways to change them. */

import type { DoorPlan, Step } from '../../src/core/plan.ts';
import type { Refusal } from '../../src/core/refusal.ts';
import type { ExposeCommand, UnexposeCommand } from '../../src/core/request.ts';
import { doorIdOf } from '../../src/core/tags/door-tag.ts';
import type { Thing } from '../../src/core/thing.ts';
import type {
  ExposeWorld,
  FilterWorld,
  ForwardWorld,
  HostWorld,
  InstanceWorld,
  NicWorld,
  ProxyWorld,
} from '../../src/core/world.ts';

export const REQUEST = 'req-a1';
export const DOOR = doorIdOf(REQUEST);
export const PUBLIC = '198.51.100.11';
export const INSIDE = '10.11.0.10';

/** What everybody but 192.0.2.0/24, the bridge and the host itself comes from, as LXD takes it. */
export const DROPS_BUT_OFFICE = [
  '0.0.0.0-10.10.255.255',
  '10.11.1.0-192.0.1.255',
  '192.0.3.0-198.51.100.10',
  '198.51.100.12-255.255.255.255',
];

export function nicWorld(changes: Partial<NicWorld> = {}): NicWorld {
  return { device: 'eth0', network: 'lxdbr0', address: INSIDE, pinnedFor: [], ...changes };
}

export function instanceWorld(changes: Partial<InstanceWorld> = {}): InstanceWorld {
  return { name: 'blog', status: 'Running', type: 'container', nics: [nicWorld()], ...changes };
}

/** web1: LXD can do everything, nothing is forwarded, our ACL hangs on the bridge. */
export function hostWorld(changes: Partial<HostWorld> = {}): HostWorld {
  return {
    host: 'web1',
    publicAddress: PUBLIC,
    publicPorts: { from: 1, to: 65_535 },
    ownPorts: [
      { port: 22, what: 'its ssh port' },
      { port: 8443, what: 'its LXD port' },
    ],
    can: { forward: true, proxy: true, proxyNat: true, filter: true, routed: true },
    drained: false,
    addresses: [
      { address: '10.11.0.1', interface: 'lxdbr0' },
      { address: PUBLIC, interface: 'eth0' },
    ],
    bridges: [{ network: 'lxdbr0', ipv4: '10.11.0.1/24', filtered: true }],
    forwards: [],
    proxies: [],
    filters: [],
    instances: [instanceWorld()],
    ...changes,
  };
}

export interface WorldChanges {
  host?: Partial<HostWorld>;
  instance?: Partial<InstanceWorld>;
  listeners?: ExposeWorld['listeners'] | 'unseen';
  answersAlready?: boolean;
  silentHosts?: string[];
}

/** The world in which `blog` listens on 0.0.0.0:80. */
export function exposeWorld(changes: WorldChanges = {}): ExposeWorld {
  const instance = instanceWorld(changes.instance);
  const host = hostWorld({ instances: [instance], ...changes.host });
  const listeners = changes.listeners ?? [{ protocol: 'tcp', address: '0.0.0.0', port: 80 }];
  return {
    host,
    instance,
    ...(listeners !== 'unseen' && { listeners }),
    answersAlready: changes.answersAlready ?? false,
    silentHosts: changes.silentHosts ?? [],
  };
}

export function exposeCommand(changes: Partial<ExposeCommand> = {}): ExposeCommand {
  return {
    action: 'expose',
    target: { instance: 'blog' },
    port: 80,
    protocol: 'tcp',
    sources: ['0.0.0.0/0'],
    ...changes,
  };
}

export function unexposeCommand(changes: Partial<UnexposeCommand> = {}): UnexposeCommand {
  return { action: 'unexpose', target: { instance: 'blog' }, port: 80, protocol: 'tcp', ...changes };
}

type ForwardPort = ForwardWorld['ports'][number];

/** A forward of ours from 198.51.100.11 into lxdbr0 with these ports, each like a door to blog:80. */
export function forwardWorld(
  ports: Partial<ForwardPort>[],
  changes: Partial<ForwardWorld> = {},
): ForwardWorld {
  const like: ForwardPort = {
    protocol: 'tcp',
    listenPort: '80',
    targetAddress: INSIDE,
    targetPort: '80',
    door: 'door-other',
    instance: 'blog',
  };
  return {
    network: 'lxdbr0',
    listenAddress: PUBLIC,
    ours: true,
    ports: ports.map((port) => ({ ...like, ...port })),
    ...changes,
  };
}

/** A forward that somebody else made. */
export function foreignForward(listenPort: string, targetPort: string = listenPort): ForwardWorld {
  const port: ForwardPort = { protocol: 'tcp', listenPort, targetAddress: INSIDE, targetPort };
  return { network: 'lxdbr0', listenAddress: PUBLIC, ours: false, ports: [port] };
}

/** A proxy device that somebody else made, unless `door` is set. */
export function proxyWorld(changes: Partial<ProxyWorld> = {}): ProxyWorld {
  return {
    instance: 'blog',
    device: 'web',
    protocol: 'tcp',
    listenAddress: PUBLIC,
    listenPort: '80',
    connectAddress: INSIDE,
    connectPort: '80',
    nat: true,
    ...changes,
  };
}

/** The filter of a door to blog:80 that only 192.0.2.0/24 may use. */
export function filterWorld(changes: Partial<FilterWorld> = {}): FilterWorld {
  return {
    door: 'door-other',
    protocol: 'tcp',
    address: INSIDE,
    port: 80,
    sources: ['192.0.2.0/24'],
    drops: DROPS_BUT_OFFICE,
    ...changes,
  };
}

/** The plan, or an error that says why there is none. */
export function planned(result: DoorPlan | Refusal): DoorPlan {
  if (result.kind === 'plan') return result;
  throw new Error(`no plan but ${result.reason}: ${result.message}`);
}

/** The refusal, or an error that says that there is none. */
export function refused(result: DoorPlan | Refusal): Refusal {
  if (result.kind === 'refused') return result;
  throw new Error(`no refusal but a plan: ${JSON.stringify(result.steps)}`);
}

/** The things of a plan's steps. */
export function thingsOf(plan: DoorPlan): Thing[] {
  return plan.steps.map(({ thing }) => thing);
}

/** The host after the steps of a plan were carried out, as it would be observed. */
export function afterSteps(
  host: HostWorld,
  { id, instance }: DoorPlan['door'],
  steps: readonly Step[],
): HostWorld {
  return steps.reduce((world, step) => afterStep(world, id, instance, step), host);
}

function afterStep(host: HostWorld, door: string, instance: string, { do: what, thing }: Step): HostWorld {
  const put = what === 'put';
  switch (thing.kind) {
    case 'pin':
      return withPin(host, thing, door, put);
    case 'filter': {
      const others = host.filters.filter((each) => each.door !== door);
      const { protocol, address, port, sources, drops } = thing;
      const bridges = host.bridges.map((each) =>
        put && each.network === thing.network ? { ...each, filtered: true } : each,
      );
      return {
        ...host,
        bridges,
        filters: put ? [...others, { door, protocol, address, port, sources, drops }] : others,
      };
    }
    case 'guard': {
      const others = (host.guard?.doors ?? []).filter((each) => each.door !== door);
      const { address, protocol, port, sources } = thing;
      return {
        ...host,
        guard: { doors: put ? [...others, { door, address, protocol, port, sources }] : others },
      };
    }
    case 'forward': {
      const before = host.forwards.find(({ listenAddress }) => listenAddress === thing.listenAddress);
      const others = host.forwards.filter((each) => each !== before);
      const ports = (before?.ports ?? []).filter((each) => each.door !== door);
      const port = {
        protocol: thing.protocol,
        listenPort: String(thing.listenPort),
        targetAddress: thing.targetAddress,
        targetPort: String(thing.targetPort),
        door,
        instance,
      };
      const now = put ? [...ports, port] : ports;
      const { network, listenAddress } = thing;
      const forwards =
        now.length === 0 ? others : [...others, { network, listenAddress, ours: true, ports: now }];
      return { ...host, forwards };
    }
    case 'proxy': {
      const others = host.proxies.filter((each) => each.door !== door);
      const proxy = {
        ...thing,
        device: `drawbridge-${door}`,
        listenPort: String(thing.listenPort),
        connectPort: String(thing.connectPort),
        door,
      };
      return { ...host, proxies: put ? [...others, proxy] : others };
    }
    default:
      throw new Error(`nothing here knows what ${thing.kind} does`);
  }
}

/** The pin with one door more or less; the last door takes the address along. */
function withPin(
  host: HostWorld,
  thing: Extract<Thing, { kind: 'pin' }>,
  door: string,
  put: boolean,
): HostWorld {
  const instances = host.instances.map((each) => {
    if (each.name !== thing.instance) return each;
    const nics = each.nics.map((nic): NicWorld => {
      if (nic.device !== thing.nic) return nic;
      const { pinned: _, ...free } = nic;
      const others = nic.pinnedFor.filter((other) => other !== door);
      const pinnedFor = put ? [...others, door] : others;
      return pinnedFor.length === 0 ? { ...free, pinnedFor } : { ...nic, pinned: thing.address, pinnedFor };
    });
    return { ...each, nics };
  });
  return { ...host, instances };
}

/** The world to plan in again on a host that has changed. */
export function onHost(world: ExposeWorld, host: HostWorld): ExposeWorld {
  const instance = host.instances.find(({ name }) => name === world.instance.name) ?? world.instance;
  return { ...world, host, instance };
}
