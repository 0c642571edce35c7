/** Doors that stand: opened by their plans in worlds, as the register keeps them and as they would be observed. */
import type { HostCloud } from '../../src/core/cloud-world.ts';
import type { DoorWay, RoadSeen } from '../../src/core/hops/door-way.ts';
import { findWays } from '../../src/core/hops/find-ways.ts';
import { type DoorLook, type Knocked, lookAtDoor } from '../../src/core/hops/look-at-door.ts';
import type { DoorPlan } from '../../src/core/plan.ts';
import { planExpose } from '../../src/core/plans/plan-expose.ts';
import { planServer } from '../../src/core/plans/plan-server.ts';
import type { Door } from '../../src/core/record.ts';
import type { RoadName, WhyCommand } from '../../src/core/request.ts';
import type { ExposeWorld, HostWorld, InstanceWorld, Listener } from '../../src/core/world.ts';
import { afterCloudSteps, cloudExposeWorld, cloudWorld, FLOATING, serverWorld } from './cloud-worlds.ts';
import { afterSteps, exposeCommand, exposeWorld, nicWorld, planned, REQUEST } from './worlds.ts';

export const NOW = Date.UTC(2026, 10, 26, 12);

export interface OpenDoor {
  door: Door;
  host?: HostWorld;
  cloud?: HostCloud;
  listeners: readonly Listener[];
}

const ON_LXD = ['pin', 'filter', 'forward', 'proxy'];

/** A door to blog:80 that is as it should be. @param inCloud on a server of a cloud */
export function openDoor(road: RoadName, inCloud: boolean, sources = ['0.0.0.0/0']): OpenDoor {
  if (road === 'server') return serverDoor(sources);
  const world = worldFor(road, inCloud);
  const plan = planned(planExpose(REQUEST, exposeCommand({ road, sources }), world));
  const lxd = plan.steps.filter(({ thing }) => ON_LXD.includes(thing.kind));
  const rest = plan.steps.filter((step) => !lxd.includes(step));
  const after = afterCloudSteps(afterSteps(world.host, plan.door, lxd), plan.door, rest);
  const { cloud, ...host } = withCard(after);
  const listeners = world.listeners ?? [];
  if (cloud === undefined)
    return { door: registered(plan, leaseOf(host) ?? world.host.publicAddress), host, listeners };
  const letIn = withRules(cloud);
  const address = letIn.cloud.floatingIps.find(
    ({ owners, forwardings }) => owners.length + forwardings.length > 0,
  )?.address;
  return { door: registered(plan, address), host, cloud: letIn, listeners };
}

/** What is said of it. @param changes of what is seen; `undefined` for what is not there */
export function lookAt(open: OpenDoor, changes: Partial<RoadSeen> = {}, knocked?: Knocked): DoorLook {
  return lookAtDoor(...roadOf(open, changes), knocked);
}

/** The way to a door, and what is seen on it. */
export function roadOf(open: OpenDoor, changes: Partial<RoadSeen> = {}): [DoorWay, RoadSeen] {
  const { door, host, cloud, listeners } = open;
  const seen: RoadSeen = {
    ...(host && { host: { seen: host } }),
    ...(cloud && { cloud: { seen: cloud } }),
    listeners,
    now: NOW,
    ...changes,
  };
  const [way] = findWays(whyCommand(door.road), [door], seen);
  if (way === undefined) throw new Error('no door is found');
  return [way, seen];
}

export function whyCommand(road: RoadName = 'forward', changes: Partial<WhyCommand> = {}): WhyCommand {
  const target = road === 'server' ? { instance: 'web1', server: true as const } : { instance: 'blog' };
  return { action: 'why', target, port: 80, protocol: 'tcp', ...changes };
}

/** Replaces the instance in a world. */
export function withInstance(open: OpenDoor, change: (instance: InstanceWorld) => InstanceWorld): OpenDoor {
  if (open.host === undefined) return open;
  return { ...open, host: { ...open.host, instances: open.host.instances.map(change) } };
}

function worldFor(road: RoadName, inCloud: boolean): ExposeWorld {
  if (inCloud) return cloudExposeWorld();
  return exposeWorld(road === 'lan' ? { host: { uplink: { interface: 'eth0', bridge: false } } } : {});
}

function serverDoor(sources: string[]): OpenDoor {
  const host: HostCloud = { cloud: cloudWorld(), server: serverWorld() };
  const command = exposeCommand({ target: { instance: 'web1', server: true }, sources });
  const plan = planned(planServer(REQUEST, command, host));
  const base = { ...exposeWorld().host, cloud: host };
  const { cloud = host } = afterCloudSteps(base, plan.door, plan.steps);
  const letIn = withRules(cloud);
  return {
    door: registered(plan, letIn.cloud.floatingIps[0]?.address),
    cloud: { ...letIn, cloud: { ...letIn.cloud, serverPorts: [letIn.server.port] } },
    listeners: [],
  };
}

function registered({ door, steps }: DoorPlan, publicAddress = FLOATING): Door {
  return {
    ...door,
    publicAddress,
    owner: 'U0ALICE',
    request: REQUEST,
    openedAt: NOW - 3_600_000,
    things: steps.map(({ thing }) => thing),
    proof: { state: 'proven', seen: 'answered 200 in 3 ms' },
  };
}

/** The rules that the claims on the groups call for. */
function withRules(host: HostCloud): HostCloud {
  const groups = host.cloud.groups.map((group) => ({
    ...group,
    rules: group.claims.map(({ protocol, port, source }, index) => ({
      ...{ id: `rule-${index}`, protocol, source, ours: true },
      ports: { from: port, to: port },
    })),
  }));
  return { ...host, cloud: { ...host.cloud, groups } };
}

/** The card as LXD shows it, with the address that it has by then. */
function withCard(host: HostWorld): HostWorld {
  const address = host.cloud === undefined ? '198.51.100.77' : host.cloud.cloud.ports[0]?.address;
  const instances = host.instances.map((each): InstanceWorld => {
    if (each.card === undefined || address === undefined) return each;
    const { device } = each.card;
    const { network: _, ...nic } = nicWorld({ device, address });
    return { ...each, nics: [...each.nics.filter((other) => other.device !== device), nic] };
  });
  return { ...host, instances };
}

function leaseOf({ instances }: HostWorld): string | undefined {
  const [instance] = instances;
  return instance?.nics.find(({ device }) => device === instance.card?.device)?.address;
}
