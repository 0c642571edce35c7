/** Doors against the road as it is: a door that stands as it was put differs in nothing, and each thing that is not so has its name. */
import { describe, expect, test } from 'vitest';
import { difference, differenceInWords, keyOfDifference } from '../../src/core/differences/difference.ts';
import { DIFFERENCE_NAMES, type DifferenceName } from '../../src/core/differences/difference-name.ts';
import {
  type Beside,
  differencesOf,
  serverDifferencesOf,
} from '../../src/core/differences/differences-of.ts';
import { isSameDoor, ownAccord } from '../../src/core/differences/own-accord.ts';
import type { DoorPlan, DoorSpec, Step } from '../../src/core/plan.ts';
import { planExpose } from '../../src/core/plans/plan-expose.ts';
import { planServer } from '../../src/core/plans/plan-server.ts';
import { planUnexpose } from '../../src/core/plans/plan-unexpose.ts';
import type { Door } from '../../src/core/record.ts';
import type { RoadName } from '../../src/core/request.ts';
import { remainingThings } from '../../src/core/tags/remaining-things.ts';
import type { Thing } from '../../src/core/thing.ts';
import type { HostWorld, InstanceWorld, NicWorld } from '../../src/core/world.ts';
import { afterCloudSteps, cloudExposeWorld, floatingIp, portWorld } from './cloud-worlds.ts';
import {
  afterSteps,
  DOOR,
  exposeCommand,
  exposeWorld,
  foreignForward,
  forwardWorld,
  INSIDE,
  instanceWorld,
  nicWorld,
  PUBLIC,
  planned,
  proxyWorld,
  REQUEST,
  unexposeCommand,
} from './worlds.ts';

const NOW = 1_000_000;
const NOWHERE: Beside = { elsewhere: () => [], isKnown: (id) => id === DOOR };

function doorOf({ door, steps }: DoorPlan, changes: Partial<Door> = {}): Door {
  return {
    ...door,
    publicAddress: door.publicAddress ?? PUBLIC,
    owner: 'U0ALICE',
    request: REQUEST,
    openedAt: 1,
    things: steps.map(({ thing }) => thing),
    proof: { state: 'proven', seen: 'it answered' },
    ...changes,
  };
}

/** A door by that road, and its host as it stands then. */
function standing(road: RoadName, sources = ['192.0.2.0/24']) {
  const world = exposeWorld();
  const plan = planned(planExpose(REQUEST, exposeCommand({ road, sources }), world));
  return { door: doorOf(plan), host: afterSteps(world.host, plan.door, plan.steps) };
}

const names = (door: Door, host: HostWorld, beside = NOWHERE): DifferenceName[] =>
  differencesOf([door], host, beside, NOW).map(({ name }) => name);

function withInstance(
  host: HostWorld,
  changes: Partial<InstanceWorld>,
  nic: Partial<NicWorld> = {},
): HostWorld {
  const instances = host.instances.map((each) => ({
    ...each,
    nics: each.nics.map((own) => ({ ...own, ...nic })),
    ...changes,
  }));
  return { ...host, instances };
}

describe('on a host', () => {
  test.each(['forward', 'proxy', 'userspace'] as const)(
    '%s that stands as it was put differs in nothing',
    (road) => {
      const { door, host } = standing(road, road === 'userspace' ? ['0.0.0.0/0'] : undefined);
      expect(differencesOf([door], host, NOWHERE, NOW)).toEqual([]);
      const { things: _things, ...bare } = door;
      expect(differencesOf([bare], host, NOWHERE, NOW)).toEqual([]);
    },
  );

  test.each(['forward', 'proxy'] as const)('%s: whatever is taken away of it is missed', (road) => {
    const { door, host } = standing(road);
    for (const thing of door.things ?? []) {
      const without = afterSteps(host, door, [{ do: 'remove', thing }]);
      expect(names(door, without), thing.kind).toEqual(['rule_removed']);
    }
  });

  test('a filter that hangs on its bridge no more filters nobody', () => {
    const { door, host } = standing('forward');
    const bridges = host.bridges.map((each) => ({ ...each, filtered: false }));
    expect(differencesOf([door], { ...host, bridges }, NOWHERE, NOW)).toMatchObject([
      { name: 'rule_removed', detail: expect.stringContaining('hangs on lxdbr0 no more') },
    ]);
  });

  test.each([
    ['listens at another port', { listenPort: '81' }],
    ['leads to another port', { targetPort: '8080' }],
    ['leads to another address', { targetAddress: '10.11.0.99' }],
    ['takes another protocol', { protocol: 'udp' as const }],
  ])('a forward that %s was edited', (_, changes) => {
    const { door, host } = standing('forward', ['0.0.0.0/0']);
    const forwards = [forwardWorld([{ door: DOOR, ...changes }])];
    expect(names(door, { ...host, forwards })).toContain('rule_edited');
  });

  test.each([
    ['lets others in', { sources: ['192.0.2.0/25'] }],
    ['drops fewer', { drops: ['0.0.0.0-10.10.255.255'] }],
    ['guards another port', { port: 81 }],
    ['guards another address', { address: '10.11.0.99' }],
  ])('a source filter that %s was edited', (_, changes) => {
    const { door, host } = standing('forward');
    const filters = host.filters.map((each) => ({ ...each, ...changes }));
    expect(names(door, { ...host, filters })).toEqual(['rule_edited']);
  });

  test('a proxy device that leads elsewhere, or in another way, was edited', () => {
    const { door, host } = standing('proxy');
    const edit = (changes: object) => ({
      ...host,
      proxies: host.proxies.map((each) => ({ ...each, ...changes })),
    });
    expect(names(door, edit({ connectPort: '81' }))).toEqual(['rule_edited']);
    expect(names(door, edit({ nat: false }))).toContain('rule_edited');
  });

  test('what somebody else put in its place is in the way', () => {
    const { door, host } = standing('forward', ['0.0.0.0/0']);
    const where = `at ${PUBLIC}:80 there is`;
    const seen = (changes: Partial<HostWorld>) =>
      differencesOf([door], { ...host, ...changes }, NOWHERE, NOW);
    const foreign = { name: 'foreign_in_the_way' };
    expect(seen({ forwards: [foreignForward('80')] })).toMatchObject([
      { ...foreign, detail: `${where} a forward to ${INSIDE}:80` },
    ]);
    expect(seen({ forwards: [foreignForward('443')] })).toMatchObject([
      { ...foreign, detail: `${where} a forward of ${PUBLIC} that somebody else made` },
    ]);
    expect(seen({ forwards: [], proxies: [proxyWorld()] })).toMatchObject([
      { ...foreign, detail: `${where} the proxy device web of blog` },
    ]);
    expect(names(door, { ...host, forwards: [], proxies: [proxyWorld({ listenPort: '81' })] })).toEqual([
      'rule_removed',
    ]);
  });

  test('an instance that is gone from everywhere is deleted, whatever else is missing', () => {
    const { door, host } = standing('forward');
    const found = differencesOf([door], { ...host, instances: [], forwards: [] }, NOWHERE, NOW);
    expect(found.map(({ name }) => name)).toEqual(['instance_deleted']);
    expect(found[0]).not.toHaveProperty('unsure');
  });

  test('one that may be on a host that did not answer is not surely deleted', () => {
    const { door, host } = standing('forward');
    const beside = { ...NOWHERE, elsewhere: () => undefined };
    const [found] = differencesOf([door], { ...host, instances: [] }, beside, NOW);
    expect(found).toMatchObject({ name: 'instance_deleted', unsure: true });
    expect(found && ownAccord(found, undefined, { follow: true })).toBeUndefined();
  });

  test('one that another host has was moved', () => {
    const { door, host } = standing('forward');
    const beside = { ...NOWHERE, elsewhere: () => ['web2'] };
    expect(differencesOf([door], { ...host, instances: [] }, beside, NOW)).toMatchObject([
      { name: 'moved', detail: 'blog is no longer on web1; web2 has it' },
    ]);
  });

  test('a stopped instance is stopped, and not without an address', () => {
    const { door, host } = standing('forward');
    const { address: _address, ...nic } = nicWorld({ pinned: INSIDE, pinnedFor: [DOOR] });
    expect(names(door, withInstance(host, { status: 'Stopped', nics: [nic] }))).toEqual(['stopped']);
    expect(names(door, withInstance(host, { nics: [nic] }))).toEqual([]);
  });

  test('an instance with another address is readdressed, and the heir of its address is named', () => {
    const { door, host } = standing('forward');
    const other = { address: '10.11.0.77', pinned: '10.11.0.77' };
    expect(names(door, withInstance(host, {}, other))).toEqual(['readdressed']);
    const heir = instanceWorld({ name: 'shop', nics: [nicWorld()] });
    const both = withInstance(host, {}, other);
    expect(
      differencesOf([door], { ...both, instances: [...both.instances, heir] }, NOWHERE, NOW),
    ).toMatchObject([{ detail: `blog has 10.11.0.77, and the door leads to ${INSIDE}, which shop has now` }]);
  });

  test('a guard that lets nobody in before the end has lost the door', () => {
    const { door, host } = standing('forward');
    const kept = { door: DOOR, address: PUBLIC, protocol: 'tcp' as const, port: 80 };
    const guard = (sources: string[]) => ({ ...host, guard: { doors: [{ ...kept, sources }] } });
    expect(names(door, guard(['192.0.2.0/24']))).toEqual([]);
    expect(names(door, guard([]))).toEqual(['guard_lost']);
    expect(names({ ...door, endsAt: NOW + 1 }, guard([]))).toEqual(['guard_lost']);
    expect(names({ ...door, endsAt: NOW }, guard([]))).toEqual([]);
  });

  test('a guard that does not know a door, lets in others or for too long', () => {
    const { door, host } = standing('forward');
    const place = { address: PUBLIC, protocol: 'tcp' as const, port: 80 };
    const thing = { kind: 'guard' as const, host: 'web1', ...place, sources: ['192.0.2.0/24'] };
    const guarded = { ...door, things: [...(door.things ?? []), thing] };
    const guard = (changes: object = {}) => ({
      ...host,
      guard: { doors: [{ door: DOOR, ...place, sources: ['192.0.2.0/24'], ...changes }] },
    });
    expect(names(guarded, guard())).toEqual([]);
    expect(names(guarded, guard({ sources: [] }))).toEqual(['guard_lost']);
    expect(names(guarded, { ...host, guard: { doors: [] } })).toEqual(['guard_lost']);
    expect(names(guarded, host)).toEqual([]);
    expect(names(guarded, guard({ sources: ['0.0.0.0/0'] }))).toEqual(['rule_edited']);
    const ends = { ...guarded, endsAt: NOW + 600_000 };
    expect(names(ends, guard({ endsInSeconds: 600 }))).toEqual([]);
    expect(names(ends, guard({ endsInSeconds: 900 }))).toEqual(['rule_edited']);
    expect(names(ends, guard())).toEqual(['rule_edited']);
  });

  test('what stands without an entry is an orphan, also where only a part of it is left', () => {
    const { door, host } = standing('forward');
    const beside = { ...NOWHERE, isKnown: () => false };
    expect(differencesOf([], host, beside, NOW)).toMatchObject([{ name: 'orphan', door: { id: DOOR } }]);
    expect(differencesOf([], { ...host, forwards: [] }, beside, NOW)).toMatchObject([
      { name: 'orphan', door: { id: DOOR, instance: 'blog' } },
    ]);
    expect(differencesOf([], host, NOWHERE, NOW)).toEqual([]);
    expect(
      differencesOf(
        [],
        exposeWorld({ host: { forwards: [foreignForward('80')], proxies: [proxyWorld()] } }).host,
        beside,
        NOW,
      ),
    ).toEqual([]);
    expect(remainingThings(door.id, { ...host, forwards: [] })?.things.map(({ kind }) => kind)).toEqual([
      'pin',
      'filter',
    ]);
    const command = unexposeCommand({ door: DOOR });
    expect(
      planned(planUnexpose(command, [{ ...host, forwards: [] }])).steps.map(({ do: does, thing }) => [
        does,
        thing.kind,
      ]),
    ).toEqual([
      ['remove', 'filter'],
      ['remove', 'pin'],
    ]);
  });
});

describe('in a cloud', () => {
  const ON_BRIDGES = ['pin', 'filter', 'forward', 'proxy'];

  function carriedOut(host: HostWorld, door: DoorSpec, steps: readonly Step[]): HostWorld {
    const isHere = ({ thing }: Step) => ON_BRIDGES.includes(thing.kind);
    const cards = steps.flatMap(({ thing }) =>
      thing.kind === 'nic' ? [nicWorld({ device: thing.device })] : [],
    );
    const world = afterSteps(host, door, steps.filter(isHere));
    return afterCloudSteps(
      withCards(world, cards),
      door,
      steps.filter((step) => !isHere(step)),
    );
  }

  function withCards(host: HostWorld, cards: NicWorld[]): HostWorld {
    const others = (nics: readonly NicWorld[]) =>
      nics.filter(({ device }) => !cards.some((card) => card.device === device));
    const instances = host.instances.map((each) => ({ ...each, nics: [...others(each.nics), ...cards] }));
    return { ...host, instances };
  }

  /** As somebody does it by hand, whoever else needs it. */
  function without(host: HostWorld, door: Door, thing: Thing): HostWorld {
    if (thing.kind !== 'group' || host.cloud === undefined)
      return carriedOut(host, door, [{ do: 'remove', thing }]);
    const groups = host.cloud.cloud.groups.filter(({ name }) => name !== thing.name);
    return { ...host, cloud: { ...host.cloud, cloud: { ...host.cloud.cloud, groups } } };
  }

  function inCloud(road: RoadName, changes = {}) {
    const world = cloudExposeWorld(changes);
    const plan = planned(planExpose(REQUEST, exposeCommand({ road }), world));
    return { door: doorOf(plan), host: carriedOut(world.host, plan.door, plan.steps) };
  }

  test.each(['forward', 'routed', 'port', 'fip-port'] as const)(
    '%s as it was put differs in nothing',
    (road) => {
      const { door, host } = inCloud(road);
      expect(differencesOf([door], host, NOWHERE, NOW)).toEqual([]);
    },
  );

  test.each(['forward', 'routed', 'port', 'fip-port'] as const)(
    '%s: whatever is taken away of it is missed',
    (road) => {
      const { door, host } = inCloud(road);
      for (const thing of door.things ?? []) {
        expect(names(door, without(host, door, thing)), thing.kind).toContain(
          NAMES[thing.kind] ?? 'rule_removed',
        );
      }
    },
  );

  const NAMES: Record<string, DifferenceName> = {
    floating_ip: 'floating_ip_gone',
    group: 'group_off',
    rule: 'rule_gone',
    pair: 'pair_missing',
  };

  test('a floating IP that leads elsewhere was moved', () => {
    const { door, host } = inCloud('forward');
    const cloud = host.cloud?.cloud;
    const floatingIps = (cloud?.floatingIps ?? []).map((each) => ({ ...each, port: 'port-of-others' }));
    const moved = { ...host, cloud: { ...host.cloud, cloud: { ...cloud, floatingIps } } } as HostWorld;
    expect(names(door, moved)).toEqual(['floating_ip_moved']);
  });

  test('a group that hangs on the port no more is off', () => {
    const { door, host } = inCloud('forward');
    const server = { ...host.cloud?.server, port: portWorld() };
    const off = { ...host, cloud: { ...host.cloud, server } } as HostWorld;
    expect(names(door, off)).toEqual(['group_off']);
  });

  test('a door to a server has its differences, too', () => {
    const world = cloudExposeWorld({ cloud: { floatingIps: [floatingIp()] } });
    const command = exposeCommand({ target: { instance: 'web1', server: true } });
    if (world.host.cloud === undefined) throw new Error('no cloud');
    const plan = planned(planServer(REQUEST, command, world.host.cloud));
    const door = doorOf(plan);
    const { cloud, server } = afterCloudSteps(world.host, plan.door, plan.steps).cloud ?? world.host.cloud;
    const seen = { ...cloud, serverPorts: [server.port] };
    expect(serverDifferencesOf([door], seen, () => true)).toEqual([]);
    expect(serverDifferencesOf([door], { ...seen, serverPorts: [] }, () => true)).toMatchObject([
      { name: 'group_off' },
    ]);
    expect(serverDifferencesOf([], seen, () => false)).toMatchObject([
      { name: 'orphan', door: { id: DOOR } },
    ]);
  });
});

describe('what is done about it', () => {
  const { door } = standing('forward');
  const settings = { follow: false };

  test('a door without instance is closed, and a guard that was lost is put again', () => {
    expect(ownAccord(difference('instance_deleted', door, ''), undefined, settings)).toBe('close');
    expect(ownAccord(difference('guard_lost', door, ''), undefined, settings)).toBe('repair');
  });

  test('an orphan is closed only where it is known that it should not stand', () => {
    const orphan = difference('orphan', door, '');
    expect(ownAccord(orphan, undefined, settings)).toBeUndefined();
    expect(ownAccord(orphan, { state: 'applying' }, settings)).toBeUndefined();
    expect(ownAccord(orphan, { state: 'ended' }, settings)).toBe('close');
  });

  test('a door follows its instance on its host only where the configuration says so, and never to another host', () => {
    const readdressed = difference('readdressed', door, '');
    expect(ownAccord(readdressed, undefined, settings)).toBeUndefined();
    expect(ownAccord(readdressed, undefined, { follow: true })).toBe('repair');
    expect(ownAccord(difference('moved', door, ''), undefined, { follow: true })).toBeUndefined();
  });

  test('nothing else is done without a word, and each can be closed', () => {
    const quiet = DIFFERENCE_NAMES.filter(
      (name) => !['instance_deleted', 'guard_lost', 'orphan', 'readdressed'].includes(name),
    );
    for (const name of quiet)
      expect(
        ownAccord(difference(name, door, ''), { state: 'ended' }, { follow: true }),
        name,
      ).toBeUndefined();
    for (const name of DIFFERENCE_NAMES) {
      expect(difference(name, door, '').remedies, name).toContain('close');
      expect(differenceInWords(name), name).not.toBe('');
    }
    expect(keyOfDifference({ name: 'stopped', door })).toBe(`${DOOR}:stopped`);
  });

  test('the same door lets in the same people at the same place', () => {
    expect(isSameDoor(door, { ...door, sources: [...door.sources] })).toBe(true);
    for (const change of [{ publicPort: 81 }, { sources: ['0.0.0.0/0'] }, { host: 'web2' }, { port: 81 }])
      expect(isSameDoor(door, { ...door, ...change })).toBe(false);
  });
});

test('no road leads to the address of a deleted instance, but its own namesake may have it again', () => {
  const quarantined = [{ address: INSIDE, instance: 'shop', until: Date.UTC(2026, 10, 27, 8) }];
  const world = exposeWorld({ host: { quarantined } });
  expect(planExpose(REQUEST, exposeCommand({ road: 'forward' }), world)).toMatchObject({
    kind: 'refused',
    message: expect.stringContaining(`${INSIDE} was the address of shop, which was deleted`),
  });
  const own = exposeWorld({ host: { quarantined: [{ address: INSIDE, instance: 'blog', until: 1 }] } });
  expect(planExpose(REQUEST, exposeCommand(), own)).toMatchObject({ kind: 'plan' });
});
