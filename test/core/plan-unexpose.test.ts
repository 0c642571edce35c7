/** Plans that close a door, and the doors that stand on a host. */
import { describe, expect, test } from 'vitest';
import type { DoorPlan } from '../../src/core/plan.ts';
import { planExpose } from '../../src/core/plans/plan-expose.ts';
import { planUnexpose } from '../../src/core/plans/plan-unexpose.ts';
import type { ExposeCommand, UnexposeCommand } from '../../src/core/request.ts';
import { standingDoors } from '../../src/core/tags/standing-doors.ts';
import type { HostWorld } from '../../src/core/world.ts';
import {
  afterSteps,
  DROPS_BUT_OFFICE,
  exposeCommand,
  exposeWorld,
  filterWorld,
  foreignForward,
  forwardWorld,
  hostWorld,
  INSIDE,
  instanceWorld,
  nicWorld,
  onHost,
  PUBLIC,
  planned,
  proxyWorld,
  REQUEST,
  refused,
  thingsOf,
  unexposeCommand,
} from './worlds.ts';

const OFFICE = ['192.0.2.0/24'];

/** A host on which one door after the other was opened. */
function withDoors(...commands: Partial<ExposeCommand>[]): { host: HostWorld; plans: DoorPlan[] } {
  const plans: DoorPlan[] = [];
  let host = hostWorld();
  for (const [index, command] of commands.entries()) {
    const world = onHost(exposeWorld(), host);
    const plan = planned(planExpose(`req-${index + 1}`, exposeCommand(command), world));
    plans.push(plan);
    host = afterSteps(host, plan.door, plan.steps);
  }
  return { host, plans };
}

function close(hosts: HostWorld[], command: Partial<UnexposeCommand> = {}): DoorPlan {
  return planned(planUnexpose(unexposeCommand(command), hosts));
}

describe('closing takes back, from the outside in, what opening put', () => {
  test.each<[string, Partial<ExposeCommand>]>([
    ['forward', {}],
    ['forward for some', { sources: OFFICE }],
    ['forward at another port', { publicPort: 8080 }],
    ['proxy', { road: 'proxy' }],
    ['proxy for some', { road: 'proxy', sources: OFFICE }],
    ['userspace', { road: 'userspace' }],
    ['udp', { protocol: 'udp', sources: OFFICE }],
  ])('%s', (_, command) => {
    const { host, plans } = withDoors(command);
    const [opened] = plans;
    const plan = close([host], { protocol: command.protocol ?? 'tcp' });
    expect(plan.action).toBe('close');
    expect(plan.door).toEqual(opened?.door);
    expect(thingsOf(plan)).toEqual(thingsOf(opened ?? plan).reverse());
    expect(plan.steps.every((step) => step.do === 'remove')).toBe(true);
    expect(afterSteps(host, plan.door, plan.steps)).toEqual(hostWorld());
  });

  test('with words on why, and a warning that open connections live on', () => {
    const { host } = withDoors({});
    expect(close([host])).toMatchObject({
      why: ['closing goes from the outside in'],
      warnings: ['connections that are open now live on until they end: LXD does not cut them'],
    });
  });

  test('the same world gives the same plan, another door another one', () => {
    const { host } = withDoors({}, { publicPort: 8080 });
    const first = close([host], { publicPort: 80 });
    expect(close([host], { publicPort: 80 })).toEqual(first);
    expect(close([host], { publicPort: 8080 }).fingerprint).not.toBe(first.fingerprint);
  });

  test('an opening and its closing are two plans', () => {
    const { host, plans } = withDoors({});
    expect(close([host]).fingerprint).not.toBe(plans[0]?.fingerprint);
  });
});

describe('every door takes itself off the pin', () => {
  const kinds = (plan: DoorPlan) => plan.steps.map(({ thing }) => thing.kind);
  const pinnedFor = (host: HostWorld) => host.instances[0]?.nics[0]?.pinnedFor;

  test('the first of two leaves it to the other, the last takes it along', () => {
    const { host } = withDoors({}, { port: 443 });
    expect(pinnedFor(host)).toEqual(['door-1', 'door-2']);
    const first = close([host]);
    const left = afterSteps(host, first.door, first.steps);
    expect(pinnedFor(left)).toEqual(['door-2']);
    const last = close([left], { port: 443 });
    expect(kinds(last)).toEqual(['forward', 'pin']);
    expect(afterSteps(left, last.door, last.steps)).toEqual(hostWorld());
  });

  test('a plan to close does not change when another door is closed before', () => {
    const { host } = withDoors({}, { port: 443 });
    const before = close([host], { port: 443 });
    const first = close([host]);
    const left = afterSteps(host, first.door, first.steps);
    expect(close([left], { port: 443 }).fingerprint).toBe(before.fingerprint);
  });

  test('a door in userspace is not on the pin', () => {
    const { host } = withDoors({}, { publicPort: 8080, road: 'userspace' });
    expect(kinds(close([host], { publicPort: 80 }))).toEqual(['forward', 'pin']);
    expect(kinds(close([host], { publicPort: 8080 }))).toEqual(['proxy']);
  });

  test('a pin for another door is not this door’s', () => {
    const instances = [instanceWorld({ nics: [nicWorld({ pinned: INSIDE, pinnedFor: ['door-x'] })] })];
    const host = hostWorld({ instances, forwards: [forwardWorld([{}])] });
    expect(kinds(close([host]))).toEqual(['forward']);
  });

  test('an address that people pinned stays', () => {
    const instances = [instanceWorld({ nics: [nicWorld({ pinned: INSIDE })] })];
    const host = hostWorld({ instances, forwards: [forwardWorld([{}])] });
    expect(kinds(close([host]))).toEqual(['forward']);
  });

  test('the filter of another door stays', () => {
    const { host, plans } = withDoors({ sources: OFFICE }, { sources: OFFICE, publicPort: 8080 });
    const plan = close([host], { publicPort: 80 });
    expect(kinds(plan)).toEqual(['forward', 'filter', 'pin']);
    const left = afterSteps(host, plan.door, plan.steps);
    expect(left.filters.map(({ door }) => door)).toEqual([plans[1]?.door.id]);
  });
});

describe('of an instance that is gone', () => {
  test('the forward and the filter are closed all the same', () => {
    const { host, plans } = withDoors({ sources: OFFICE });
    const gone: HostWorld = { ...host, instances: [] };
    const plan = close([gone]);
    expect(plan.door).toEqual(plans[0]?.door);
    expect(plan.steps.map(({ thing }) => thing.kind)).toEqual(['forward', 'filter']);
  });

  test('a proxy went with it', () => {
    expect(refused(planUnexpose(unexposeCommand(), [hostWorld({ instances: [] })])).reason).toBe('not_found');
  });
});

describe('which door', () => {
  const { host: web1 } = withDoors({}, { publicPort: 8080 }, { port: 53, protocol: 'udp' });
  const web2: HostWorld = { ...withDoors({}).host, host: 'web2', publicAddress: '198.51.100.12' };

  test.each<[string, Partial<UnexposeCommand>, number]>([
    ['by its public port', { publicPort: 8080 }, 8080],
    ['by its public address and port', { publicAddress: PUBLIC, publicPort: 80 }, 80],
    ['by its protocol', { port: 53, protocol: 'udp' }, 53],
    ['by its host', { target: { host: 'web1', instance: 'blog' }, publicPort: 80 }, 80],
  ])('is told %s', (_, command, publicPort) => {
    expect(close([web1], command).door.publicPort).toBe(publicPort);
  });

  test('is told by the host where two hosts have one', () => {
    const command = { target: { host: 'web2', instance: 'blog' } };
    expect(close([web1, web2], command).door.host).toBe('web2');
  });

  test('is asked for when there are several, each in words that close it', () => {
    const refusal = refused(planUnexpose(unexposeCommand(), [web1, web2]));
    expect(refusal).toEqual({
      kind: 'refused',
      reason: 'ambiguous',
      message: 'blog:80 has 3 doors.',
      next: 'Say which: `unexpose web1/blog 80 as 198.51.100.11:80`, `unexpose web1/blog 80 as 198.51.100.11:8080`, `unexpose web2/blog 80 as 198.51.100.11:80`.',
    });
  });
});

describe('there is no door', () => {
  const { host } = withDoors({}, { port: 53, protocol: 'udp' });
  const rows: [string, HostWorld, Partial<UnexposeCommand>, object][] = [
    [
      'at all',
      hostWorld(),
      {},
      {
        reason: 'not_found',
        message: 'There is no door to blog:80.',
        next: '`/lxd doors` shows what is open.',
      },
    ],
    [
      'to that port, but to others',
      host,
      { port: 443 },
      {
        reason: 'not_found',
        message: 'There is no door to blog:443.',
        next: 'Open are: `unexpose web1/blog 80 as 198.51.100.11:80`, `unexpose web1/blog 53/udp as 198.51.100.11:53`.',
      },
    ],
    [
      'with that protocol',
      host,
      { protocol: 'udp' },
      { reason: 'not_found', message: 'There is no door to blog:80/udp.' },
    ],
    ['at that public port', host, { publicPort: 8080 }, { reason: 'not_found' }],
    ['at that public address', host, { publicAddress: '198.51.100.12' }, { reason: 'not_found' }],
    [
      'on that host',
      host,
      { target: { host: 'web2', instance: 'blog' } },
      { reason: 'not_found', message: 'There is no door to web2/blog:80.' },
    ],
    [
      'of ours but a forward of somebody else',
      hostWorld({ forwards: [foreignForward('8080', '80')] }),
      {},
      {
        reason: 'not_ours',
        message: '198.51.100.11:8080 leads to blog:80, but Drawbridge did not open it and leaves it alone.',
        next: 'Remove it with `lxc`, if nobody needs it.',
      },
    ],
    [
      'of ours but a range of somebody else',
      hostWorld({ forwards: [foreignForward('80-90')] }),
      { port: 85 },
      {
        reason: 'not_ours',
        message: '198.51.100.11:80-90 leads to blog:85, but Drawbridge did not open it and leaves it alone.',
      },
    ],
    [
      'of ours but a port of somebody else in a forward of ours',
      hostWorld({ forwards: [forwardWorld([{ door: undefined as never, instance: undefined as never }])] }),
      {},
      { reason: 'not_ours' },
    ],
    [
      'of ours but a proxy of somebody else',
      hostWorld({ proxies: [proxyWorld()] }),
      {},
      { reason: 'not_ours' },
    ],
    [
      'of ours, and a proxy of the other protocol does not count',
      hostWorld({ proxies: [proxyWorld()] }),
      { protocol: 'udp' },
      { reason: 'not_found' },
    ],
    [
      'of ours, and a forward to another instance does not count',
      hostWorld({
        forwards: [foreignForward('80')],
        instances: [instanceWorld({ nics: [nicWorld({ address: '10.11.0.11' })] })],
      }),
      {},
      { reason: 'not_found' },
    ],
  ];
  test.each(rows)('%s', (_, world, command, refusal) => {
    expect(planUnexpose(unexposeCommand(command), [world])).toMatchObject({ kind: 'refused', ...refusal });
  });
});

describe('the doors that stand', () => {
  test('none on a host without our tags', () => {
    const host = hostWorld({ forwards: [foreignForward('80')], proxies: [proxyWorld({ listenPort: '81' })] });
    expect(standingDoors(host)).toEqual([]);
  });

  test('each with its sources, its road and its things, innermost first', () => {
    const { host } = withDoors({ sources: OFFICE }, { port: 8000, road: 'userspace' });
    const [byForward, byProxy, more] = standingDoors(host);
    expect(more).toBeUndefined();
    expect(byForward).toEqual({
      door: {
        id: 'door-1',
        host: 'web1',
        instance: 'blog',
        port: 80,
        protocol: 'tcp',
        publicAddress: PUBLIC,
        publicPort: 80,
        road: 'forward',
        sources: OFFICE,
      },
      things: [
        { kind: 'pin', host: 'web1', instance: 'blog', nic: 'eth0', address: INSIDE },
        {
          kind: 'filter',
          host: 'web1',
          network: 'lxdbr0',
          protocol: 'tcp',
          address: INSIDE,
          port: 80,
          sources: OFFICE,
          drops: DROPS_BUT_OFFICE,
        },
        {
          kind: 'forward',
          host: 'web1',
          network: 'lxdbr0',
          listenAddress: PUBLIC,
          listenPort: 80,
          protocol: 'tcp',
          targetAddress: INSIDE,
          targetPort: 80,
        },
      ],
    });
    expect(byProxy?.door).toMatchObject({ id: 'door-2', road: 'userspace', sources: ['0.0.0.0/0'] });
  });

  test('the words of an opened door and of the standing one are the same', () => {
    const { host, plans } = withDoors(
      { sources: OFFICE },
      { port: 443, road: 'proxy' },
      { port: 53, protocol: 'udp' },
    );
    const byId = (a: { id: string }, b: { id: string }) => a.id.localeCompare(b.id);
    expect(
      standingDoors(host)
        .map(({ door }) => door)
        .sort(byId),
    ).toEqual(plans.map(({ door }) => door).sort(byId));
  });

  test('a filter on a bridge that is gone is closed with what is known', () => {
    const host = hostWorld({ bridges: [], forwards: [forwardWorld([{}])], filters: [filterWorld()] });
    expect(standingDoors(host)[0]?.things.map(({ kind }) => kind)).toEqual(['filter', 'forward']);
  });

  test(`the door of ${REQUEST} is found again whatever else stands there`, () => {
    const { host } = withDoors({ publicPort: 8080 });
    const crowded = {
      ...host,
      forwards: [...host.forwards, { ...foreignForward('80'), listenAddress: '198.51.100.12' }],
    };
    expect(standingDoors(crowded).map(({ door }) => door.publicPort)).toEqual([8080]);
  });
});
