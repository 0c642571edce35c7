/** The road of a door hop by hop: whatever is broken on it is named, with what mends it, on every road that there is. */
import { describe, expect, it } from 'vitest';
import type { HostCloud, PortWorld } from '../../src/core/cloud-world.ts';
import { findWays } from '../../src/core/hops/find-ways.ts';
import type { HopName } from '../../src/core/hops/hop.ts';
import { lookAtDoor } from '../../src/core/hops/look-at-door.ts';
import type { RoadName } from '../../src/core/request.ts';
import type { Thing } from '../../src/core/thing.ts';
import type { HostWorld } from '../../src/core/world.ts';
import { cloudWorld, floatingIp, groupWorld, portWorld, ruleWorld, serverWorld } from './cloud-worlds.ts';
import { lookAt, NOW, type OpenDoor, openDoor, whyCommand, withInstance } from './open-doors.ts';
import {
  DOOR,
  filterWorld,
  foreignForward,
  forwardWorld,
  hostWorld,
  INSIDE,
  instanceWorld,
  nicWorld,
  PUBLIC,
  proxyWorld,
} from './worlds.ts';

const OFFICE = ['192.0.2.0/24'];
const ANSWERED = { seen: { kind: 'http', status: 200, ms: 3 } } as const;
const SILENT = { seen: { kind: 'silent' }, from: '192.0.2.9' } as const;

const onHost: RoadName[] = ['forward', 'proxy', 'userspace', 'lan'];
const inCloud: RoadName[] = [
  'forward',
  'proxy',
  'userspace',
  'fip-port',
  'routed',
  'port',
  'bridged',
  'server',
];
const ROADS = [
  ...onHost.map((road) => [road, false] as const),
  ...inCloud.map((road) => [road, true] as const),
];

const host = (open: OpenDoor, changes: Partial<HostWorld>): OpenDoor =>
  open.host === undefined ? open : { ...open, host: { ...open.host, ...changes } };
const cloud = (open: OpenDoor, change: (cloud: HostCloud) => HostCloud): OpenDoor =>
  open.cloud === undefined ? open : { ...open, cloud: change(open.cloud) };
const cloudOnly = (open: OpenDoor, changes: Partial<HostCloud['cloud']>): OpenDoor =>
  cloud(open, (each) => ({ ...each, cloud: { ...each.cloud, ...changes } }));
const hostPort = (open: OpenDoor, changes: Partial<PortWorld>): OpenDoor =>
  cloud(open, (each) => ({ ...each, server: { ...each.server, port: { ...each.server.port, ...changes } } }));
const floating = (open: OpenDoor, port: string | undefined): OpenDoor => {
  const all = (open.cloud?.cloud.floatingIps ?? []).map(({ port: _, ...each }) => ({
    ...each,
    ...(port !== undefined && { port }),
  }));
  return cloudOnly(open, { floatingIps: all });
};

describe('a road that is as it should be', () => {
  it.each(ROADS)(
    '%s (in a cloud: %s) has no hop that is broken, and works when it answers',
    (road, isCloud) => {
      const look = lookAt(openDoor(road, isCloud), {}, ANSWERED);
      expect(look.hops.filter(({ state }) => state !== 'ok' && state !== 'skipped')).toEqual([]);
      expect(look.verdict).toEqual({ state: 'works', says: 'it answered 200 in 3 ms' });
      expect(look.broken).toBeUndefined();
    },
  );

  it.each([
    ['forward', false, 'public_address host outer address instance listener'],
    ['forward', true, 'public_address group rule server host outer address instance listener'],
    [
      'fip-port',
      true,
      'public_address port_forwarding group rule server host outer address instance listener',
    ],
    ['routed', true, 'public_address group rule cloud_port pair server host outer address instance listener'],
    ['port', true, 'public_address group rule cloud_port server host outer address instance listener'],
    ['userspace', false, 'public_address host outer instance listener'],
    ['lan', false, 'public_address host outer instance listener'],
    ['server', true, 'public_address group rule server listener'],
  ] as const)('%s (in a cloud: %s) is looked at from outside in', (road, isCloud, hops) => {
    expect(
      lookAt(openDoor(road, isCloud))
        .hops.map(({ hop }) => hop)
        .join(' '),
    ).toBe(hops);
  });
});

type Break = [
  what: string,
  road: RoadName,
  isCloud: boolean,
  change: (open: OpenDoor) => OpenDoor,
  hop: HopName,
  says: RegExp,
  remedy: 'command' | 'by_hand',
];

const BREAKS: Break[] = [
  [
    'the floating IP is gone',
    'forward',
    true,
    (open) => cloudOnly(open, { floatingIps: [] }),
    'public_address',
    /198\.51\.100\.99 is not in this project/,
    'command',
  ],
  [
    'the floating IP leads nowhere',
    'forward',
    true,
    (open) => floating(open, undefined),
    'public_address',
    /leads nowhere/,
    'command',
  ],
  [
    'the floating IP was moved',
    'routed',
    true,
    (open) => floating(open, 'port-web1'),
    'public_address',
    /leads to another port, that of web1/,
    'command',
  ],
  [
    'a shared floating IP was given to a port',
    'fip-port',
    true,
    (open) => floating(open, 'port-web1'),
    'public_address',
    /leads to a port as a whole/,
    'command',
  ],
  [
    'the port forwarding is gone',
    'fip-port',
    true,
    (open) =>
      cloudOnly(open, {
        floatingIps: (open.cloud?.cloud.floatingIps ?? []).map((each) => ({ ...each, forwardings: [] })),
      }),
    'port_forwarding',
    /is gone/,
    'command',
  ],
  [
    'the group is off the port',
    'server',
    true,
    (open) => hostPort(open, { groups: ['group-default'] }),
    'group',
    /drawbridge-server-web1 does not hang on the port of web1/,
    'command',
  ],
  [
    'the group is gone',
    'forward',
    true,
    (open) => cloudOnly(open, { groups: [groupWorld()] }),
    'group',
    /is gone from public/,
    'command',
  ],
  [
    'the group is off the instance’s own port',
    'port',
    true,
    (open) =>
      cloudOnly(open, { ports: (open.cloud?.cloud.ports ?? []).map((each) => ({ ...each, groups: [] })) }),
    'group',
    /does not hang on the port of blog/,
    'command',
  ],
  [
    'the rule is gone',
    'forward',
    true,
    (open) =>
      cloudOnly(open, { groups: (open.cloud?.cloud.groups ?? []).map((each) => ({ ...each, rules: [] })) }),
    'rule',
    /is gone: nobody is let in to 80/,
    'command',
  ],
  [
    'the rule lets in others',
    'routed',
    true,
    (open) =>
      cloudOnly(open, {
        groups: (open.cloud?.cloud.groups ?? []).map((each) => ({
          ...each,
          rules: [ruleWorld({ source: '10.0.0.0/8' })],
        })),
      }),
    'rule',
    /lacks anyone: only 10\.0\.0\.0\/8 let in/,
    'command',
  ],
  [
    'the reserved port is gone',
    'routed',
    true,
    (open) => cloudOnly(open, { ports: [], floatingIps: [] }),
    'public_address',
    /is not in this project/,
    'command',
  ],
  [
    'the port is not plugged in',
    'port',
    true,
    (open) =>
      cloudOnly(open, {
        ports: (open.cloud?.cloud.ports ?? []).map((each) => ({ ...each, plugged: false })),
      }),
    'cloud_port',
    /is not plugged into web1/,
    'command',
  ],
  [
    'the pair is gone',
    'routed',
    true,
    (open) => hostPort(open, { pairs: [] }),
    'pair',
    /is gone: the cloud drops what web1 carries for 10\.30\.0\.55/,
    'command',
  ],
  [
    'the pair names another card',
    'bridged',
    true,
    (open) => hostPort(open, { pairs: [{ address: '10.30.0.55', mac: 'fa:16:3e:00:00:07' }] }),
    'pair',
    /names fa:16:3e:00:00:07/,
    'command',
  ],
  [
    'the server is off',
    'server',
    true,
    (open) => cloud(open, (each) => ({ ...each, server: { ...each.server, status: 'SHUTOFF' } })),
    'server',
    /is SHUTOFF/,
    'by_hand',
  ],
  [
    'the forward is gone',
    'forward',
    false,
    (open) => host(open, { forwards: [] }),
    'outer',
    /network forward on web1 is gone: somebody removed it/,
    'command',
  ],
  [
    'somebody else’s forward took its place',
    'forward',
    false,
    (open) => host(open, { forwards: [foreignForward('80', '8080')] }),
    'outer',
    /198\.51\.100\.11:80 leads to 10\.11\.0\.10:8080 now, and it is not ours/,
    'command',
  ],
  [
    'the forward was edited',
    'forward',
    false,
    (open) => host(open, { forwards: [forwardWorld([{ door: DOOR, targetAddress: '10.11.0.99' }])] }),
    'outer',
    /leads from .* to 10\.11\.0\.99:80 instead of .*: somebody edited it/,
    'command',
  ],
  [
    'the proxy device is gone',
    'proxy',
    false,
    (open) => host(open, { proxies: [] }),
    'outer',
    /proxy device on web1 is gone/,
    'command',
  ],
  [
    'the card’s device is gone',
    'lan',
    false,
    (open) => withInstance(open, (each) => ({ ...each, nics: [] })),
    'outer',
    /network card eth0 of blog is gone/,
    'command',
  ],
  [
    'the card’s mark is gone',
    'routed',
    true,
    (open) => withInstance(open, ({ card: _, ...each }) => each),
    'outer',
    /is not this door’s any more/,
    'command',
  ],
  [
    'the LAN gave another address',
    'lan',
    false,
    (open) => withInstance(open, (each) => ({ ...each, nics: [nicWorld({ address: '198.51.100.78' })] })),
    'public_address',
    /blog has 198\.51\.100\.78 now/,
    'command',
  ],
  [
    'the instance has another address',
    'forward',
    false,
    (open) => withInstance(open, (each) => ({ ...each, nics: [nicWorld({ address: '10.11.0.44' })] })),
    'address',
    /is 10\.11\.0\.44 now; the door leads to 10\.11\.0\.10, which nobody has/,
    'command',
  ],
  [
    'the instance is stopped',
    'forward',
    false,
    (open) =>
      withInstance(open, () =>
        instanceWorld({
          status: 'Stopped',
          nics: [nicWorld({ pinned: INSIDE, pinnedFor: [DOOR] })].map(({ address: _, ...nic }) => nic),
        }),
      ),
    'instance',
    /instance blog is stopped/,
    'command',
  ],
  [
    'the instance is frozen',
    'proxy',
    true,
    (open) => withInstance(open, (each) => ({ ...each, status: 'Frozen' })),
    'instance',
    /is frozen/,
    'command',
  ],
  [
    'the instance is gone',
    'forward',
    false,
    (open) => host(open, { instances: [] }),
    'instance',
    /is not on web1 any more/,
    'command',
  ],
  [
    'nothing listens',
    'forward',
    false,
    (open) => ({ ...open, listeners: [] }),
    'listener',
    /service on blog:80 is missing: nothing listens there/,
    'by_hand',
  ],
  [
    'something listens by udp only',
    'forward',
    false,
    (open) => ({ ...open, listeners: [{ protocol: 'udp', address: '0.0.0.0', port: 80 }] }),
    'listener',
    /is missing/,
    'by_hand',
  ],
  [
    'it listens on loopback only',
    'forward',
    false,
    (open) => ({ ...open, listeners: [{ protocol: 'tcp', address: '127.0.0.1', port: 80 }] }),
    'listener',
    /listens on 127\.0\.0\.1 only, which the door does not reach/,
    'by_hand',
  ],
  [
    'it listens on another address',
    'userspace',
    false,
    (open) => ({ ...open, listeners: [{ protocol: 'tcp', address: INSIDE, port: 80 }] }),
    'listener',
    /listens on 10\.11\.0\.10 only/,
    'by_hand',
  ],
];

describe('a hop that is broken is named first', () => {
  it.each(BREAKS)('%s (%s, in a cloud: %s)', (_, road, isCloud, change, hop, says, remedy) => {
    const look = lookAt(change(openDoor(road, isCloud)), {}, SILENT);
    expect(look.broken?.hop).toBe(hop);
    expect(look.verdict.state).toBe('broken');
    expect(look.verdict.says).toMatch(says);
    expect(look.broken?.remedy?.kind).toBe(remedy);
  });

  it('and the hops behind it are looked at all the same', () => {
    const open = withInstance(host(openDoor('forward', false), { forwards: [] }), (each) => ({
      ...each,
      status: 'Stopped',
    }));
    const bad = lookAt(open).hops.filter(({ state }) => state === 'broken');
    expect(bad.map(({ hop }) => hop)).toEqual(['outer', 'instance']);
  });

  it('a service on 127.0.0.1 is reached by the road that ends there', () => {
    const open = {
      ...openDoor('userspace', false),
      listeners: [{ protocol: 'tcp', address: '127.0.0.1', port: 80 } as const],
    };
    expect(lookAt(open).broken).toBeUndefined();
  });

  it('names the process that listens, where it is known', () => {
    const { hops } = lookAt(openDoor('forward', false), { program: 'nginx' });
    expect(hops.at(-1)?.seen).toBe('listens (nginx, 0.0.0.0)');
  });

  it('of the register is put again by a command, whatever of it stands', () => {
    const again = { kind: 'command', command: 'repair web1/blog 80', label: 'Put it again' };
    const gone = lookAt(host(openDoor('forward', false), { forwards: [] }));
    const shut = lookAt(hostPort(openDoor('forward', true), { groups: [] }));
    expect([gone.broken?.remedy, shut.broken?.remedy]).toEqual([again, again]);
  });

  it('of a register made anew, which does not know how the road should be, the tags tell', () => {
    const { things: _, ...door } = openDoor('forward', true).door;
    expect(lookAt({ ...openDoor('forward', true), door }).broken).toBeUndefined();
    const shut = hostPort({ ...openDoor('forward', true), door }, { groups: [] });
    expect(lookAt(shut).broken?.hop).toBe('group');
  });
});

describe('the guard', () => {
  const guarded = (sources: string[], endsInSeconds?: number) => ({
    doors: [
      {
        door: DOOR,
        address: PUBLIC,
        protocol: 'tcp' as const,
        port: 80,
        sources,
        ...(endsInSeconds !== undefined && { endsInSeconds }),
      },
    ],
  });

  it('that lets in the sources is in place, and says for how long', () => {
    const { hops } = lookAt(host(openDoor('forward', false), { guard: guarded(['0.0.0.0/0'], 3_590) }));
    expect(hops.find(({ hop }) => hop === 'guard')).toMatchObject({
      state: 'ok',
      seen: 'lets in anyone, 1 h more',
    });
  });

  it('that lets nobody in says why, by the end in the register', () => {
    const shut = host(openDoor('forward', false), { guard: guarded([]) });
    expect(lookAt(shut).verdict.says).toBe(
      'guard of web1 lets nobody in: its time is over there, or the host was started anew',
    );
    const over = { ...shut, door: { ...shut.door, endsAt: NOW - 1 } };
    expect(lookAt(over).verdict.says).toBe('guard of web1 lets nobody in: the end of the door has come');
    expect(lookAt(over).broken?.remedy).toMatchObject({
      kind: 'by_hand',
      text: expect.stringContaining('Open it again, if it is still needed: `/lxd expose web1/blog 80'),
    });
  });

  it('that lacks a source is broken for that one', () => {
    const open = host(openDoor('forward', false, ['10.0.0.0/8', '192.0.2.0/24']), {
      guard: guarded(['10.0.0.0/8']),
    });
    expect(lookAt(open).verdict.says).toContain('lets in 10.0.0.0/8, not 192.0.2.0/24');
  });

  it('that should keep the door and does not lets everybody in for ever', () => {
    const open = host(openDoor('forward', false), { guard: { doors: [] } });
    const thing: Thing = {
      ...{ kind: 'guard', host: 'web1', address: PUBLIC, protocol: 'tcp', port: 80 },
      ...{ sources: ['192.0.2.0/24'], forSeconds: 7_200 },
    };
    const { verdict, broken } = lookAt({
      ...open,
      door: { ...open.door, things: [...(open.door.things ?? []), thing] },
    });
    expect(verdict.says).toBe(
      'guard of web1 does not keep this door any more: everybody gets in, not only 192.0.2.0/24, and it ends nothing by itself',
    );
    expect(broken?.remedy).toMatchObject({ command: 'repair web1/blog 80' });
  });

  it('that cannot be asked is unknown, and so is who is let in', () => {
    const look = lookAt(host(openDoor('forward', false), { guardTrouble: 'sudo wants a password' }), {
      from: ['10.0.0.0/8'],
    });
    expect(look.hops.find(({ hop }) => hop === 'guard')).toMatchObject({
      state: 'unknown',
      seen: 'could not be asked: sudo wants a password',
    });
    expect(look.broken).toBeUndefined();
    expect(look.admission).toMatchObject({
      state: 'unknown',
      says: expect.stringContaining('the guard of web1 could not be asked'),
    });
  });

  it('without the door does not guard it', () => {
    const { hops, broken } = lookAt(host(openDoor('forward', false), { guard: { doors: [] } }));
    expect(hops.find(({ hop }) => hop === 'guard')).toMatchObject({
      state: 'skipped',
      seen: 'does not guard this door',
    });
    expect(broken).toBeUndefined();
  });
});

describe('the filter of LXD', () => {
  const open = openDoor('forward', false, OFFICE);

  it.each([
    ['is gone', { filters: [] }, /is gone: everybody gets in, not only 192\.0\.2\.0\/24/],
    [
      'hangs on no bridge',
      { bridges: [{ network: 'lxdbr0', ipv4: '10.11.0.1/24', filtered: false }] },
      /does not hang on lxdbr0: everybody gets in/,
    ],
    [
      'lets in others',
      { filters: [filterWorld({ door: DOOR, sources: ['10.0.0.0/8'] })] },
      /lets in 10\.0\.0\.0\/8 instead of 192\.0\.2\.0\/24/,
    ],
  ])('that %s is broken', (_, changes, says) => {
    expect(lookAt(host(open, changes)).verdict.says).toMatch(says);
  });

  it('of another door to the same port is in the way of this one', () => {
    const look = lookAt(host(openDoor('forward', false), { filters: [filterWorld()] }));
    expect(look.verdict.says).toContain('belongs to door-other and lets in only 192.0.2.0/24');
  });
});

describe('what is beside the road', () => {
  it('a filter for another port of the instance does not count', () => {
    const open = host(openDoor('forward', false), { filters: [filterWorld({ port: 8080 })] });
    expect(lookAt(open, { from: ['10.0.0.0/8'] })).toMatchObject({
      admission: { state: 'in' },
      verdict: { state: 'unclear' },
    });
  });

  it('a group that lets everybody in, but hangs on another port, does not count', () => {
    const open = openDoor('forward', true);
    const shut = (open.cloud?.cloud.groups ?? []).map((each) => ({ ...each, rules: [] }));
    const elsewhere = groupWorld({ id: 'group-mail', name: 'mail', rules: [ruleWorld()] });
    expect(lookAt(cloudOnly(open, { groups: [...shut, elsewhere] })).broken?.hop).toBe('rule');
  });
});

describe('what could not be looked at', () => {
  it('is unknown and never gone: a host that is silent', () => {
    const look = lookAt(openDoor('forward', true), { host: { why: 'connect ETIMEDOUT' } }, SILENT);
    expect(look.broken).toBeUndefined();
    expect(look.hops.filter(({ state }) => state === 'unknown').map(({ hop }) => hop)).toEqual([
      'host',
      'instance',
    ]);
    expect(look.verdict).toMatchObject({ state: 'mute' });
    expect(look.verdict.says).toContain('host web1, instance blog could not be looked at');
  });

  it('a cloud that is silent hides nothing of the host', () => {
    const open = host(openDoor('forward', true), { forwards: [] });
    const look = lookAt(open, { cloud: { why: '503' } });
    expect(look.hops[0]).toMatchObject({ state: 'unknown', seen: 'could not be looked at: 503' });
    expect(look.broken?.hop).toBe('outer');
  });

  it('what listens', () => {
    const { listeners: _, ...open } = openDoor('forward', false);
    const look = lookAt({ ...open, listeners: [] }, { listeners: undefined } as object);
    expect(look.hops.at(-1)).toMatchObject({ hop: 'listener', state: 'unknown' });
  });
});

describe('a knock', () => {
  it('that is not answered though every hop is in place says what is known', () => {
    const { verdict } = lookAt(openDoor('forward', false), {}, SILENT);
    expect(verdict.state).toBe('mute');
    expect(verdict.says).toMatch(
      /^every hop is in place, yet it did not answer: a firewall on web1, in front of it/,
    );
  });

  it('from where nobody is let in is silent as it should be', () => {
    const { verdict } = lookAt(openDoor('forward', false, ['10.0.0.0/8']), {}, SILENT);
    expect(verdict.says).toContain('my knock from 192.0.2.9 did not answer, as it should');
  });
});

describe('somebody’s way in', () => {
  const asked = (open: OpenDoor, from: string[]) => lookAt(open, { from }).admission;

  it.each([
    [
      'by a rule of the cloud',
      openDoor('forward', true, OFFICE),
      ['192.0.2.7/32'],
      'in',
      /security group drawbridge-web1 lets in 192\.0\.2\.0\/24/,
    ],
    [
      'not by a rule of the cloud',
      openDoor('routed', true, OFFICE),
      ['198.51.100.7/32'],
      'out',
      /security group drawbridge-web1 lets in only 192\.0\.2\.0\/24/,
    ],
    [
      'by the filter of LXD',
      openDoor('forward', false, OFFICE),
      ['192.0.2.7/32'],
      'in',
      /the filter of LXD lets in 192\.0\.2\.0\/24/,
    ],
    [
      'not by the filter of LXD',
      openDoor('proxy', false, OFFICE),
      ['10.0.0.0/8'],
      'out',
      /the filter of LXD lets in only 192\.0\.2\.0\/24/,
    ],
    [
      'for a part only',
      openDoor('proxy', false, OFFICE),
      ['10.0.0.0/8', '192.0.2.7/32'],
      'out',
      /only some of it: /,
    ],
    [
      'where nothing filters',
      openDoor('forward', false),
      ['10.0.0.0/8'],
      'in',
      /nothing on this road filters by source/,
    ],
    [
      'by nobody, where a guard is shut',
      host(openDoor('forward', false), {
        guard: { doors: [{ door: DOOR, address: PUBLIC, protocol: 'tcp', port: 80, sources: [] }] },
      }),
      ['10.0.0.0/8'],
      'out',
      /the guard of web1 lets in nobody/,
    ],
  ] as const)('is told: %s', (_, open, from, state, says) => {
    expect(asked(open, [...from])).toMatchObject({ state, says: expect.stringMatching(says) });
  });

  it('is not clear where a filter could not be asked, and clear where another one shuts it out', () => {
    const silent = { host: { why: 'no answer' } };
    expect(lookAt(openDoor('forward', true, OFFICE), { from: OFFICE, ...silent }).admission?.state).toBe(
      'unknown',
    );
    expect(
      lookAt(openDoor('forward', true, OFFICE), { from: ['10.0.0.0/8'], ...silent }).admission?.state,
    ).toBe('out');
  });

  it('says how to let them in', () => {
    expect(asked(openDoor('forward', false, OFFICE), ['10.0.0.0/8'])?.next).toBe(
      'To let it in, close the door and open it again: `/lxd unexpose web1/blog 80 as 80`, then `/lxd expose web1/blog 80 from 192.0.2.0/24,10.0.0.0/8 via forward`.',
    );
  });
});

describe('doors that we did not make', () => {
  const look = (world: HostWorld, open?: HostCloud) => {
    const seen = {
      host: { seen: world },
      ...(open && { cloud: { seen: open } }),
      listeners: [{ protocol: 'tcp', address: '0.0.0.0', port: 80 } as const],
      now: NOW,
    };
    return findWays(whyCommand(), [], seen).map((way) => lookAtDoor(way, seen));
  };

  it.each([
    ['a forward', hostWorld({ forwards: [foreignForward('8080', '80')] }), 'forward', 8080],
    [
      'a forward of a range',
      hostWorld({ forwards: [foreignForward('8000-8010', '75-85')] }),
      'forward',
      8005,
    ],
    [
      'a forward of a whole address',
      hostWorld({ forwards: [{ ...forwardWorld([]), ours: false, defaultTarget: INSIDE }] }),
      'forward',
      80,
    ],
    ['a proxy device with nat', hostWorld({ proxies: [proxyWorld()] }), 'proxy', 80],
    [
      'a proxy device without',
      hostWorld({ proxies: [proxyWorld({ nat: false, connectAddress: '127.0.0.1', listenPort: '81' })] }),
      'userspace',
      81,
    ],
  ] as const)('are looked at: %s', (_, world, road, publicPort) => {
    const [only, more] = look(world);
    expect(more).toBeUndefined();
    expect(only).toMatchObject({ made: 'foreign', door: { road, publicPort, publicAddress: PUBLIC } });
    expect(only?.broken).toBeUndefined();
  });

  it('are not mended by us', () => {
    const [only] = look(
      hostWorld({
        forwards: [foreignForward('80')],
        instances: [instanceWorld({ status: 'Stopped', nics: [nicWorld({ pinned: INSIDE })] })],
      }),
    );
    expect(only?.broken).toMatchObject({
      hop: 'instance',
      remedy: { kind: 'command', command: 'start web1/blog' },
    });
    const server = {
      cloud: cloudWorld({ floatingIps: [floatingIp({ port: 'port-web1' })] }),
      server: serverWorld(),
    };
    const [shut] = look(hostWorld({ forwards: [foreignForward('80')] }), server);
    expect(shut?.broken).toMatchObject({ hop: 'rule', remedy: { kind: 'by_hand' } });
    expect(shut?.door.publicAddress).toBe('198.51.100.40');
  });

  it('a way in for the host alone is none from outside', () => {
    const [only] = look(hostWorld({ proxies: [proxyWorld({ listenAddress: '127.0.0.1' })] }));
    expect(only?.verdict.says).toContain('is reached from web1 itself only');
  });

  it('a floating IP that leads straight to a server, where a rule lets somebody in', () => {
    const open = groupWorld({ rules: [ruleWorld({ source: '10.0.0.0/8' })] });
    const seen = (groups = [open]) => ({
      cloud: {
        seen: {
          cloud: cloudWorld({ floatingIps: [floatingIp({ port: 'port-web1' })], groups }),
          server: serverWorld({ port: portWorld() }),
        },
      },
      now: NOW,
    });
    const [way] = findWays(whyCommand('server'), [], seen());
    expect(way).toMatchObject({
      made: 'foreign',
      door: { host: 'public', instance: 'web1', publicAddress: '198.51.100.40' },
    });
    expect(findWays(whyCommand('server'), [], seen([groupWorld()]))).toEqual([]);
  });

  it('nor what our own door to a server stands on, where that is all of others', () => {
    const open = groupWorld({ rules: [ruleWorld()] });
    const server = serverWorld({ port: portWorld() });
    const seen = {
      cloud: {
        seen: {
          cloud: cloudWorld({ floatingIps: [floatingIp({ port: 'port-web1' })], groups: [open] }),
          server,
        },
      },
      now: NOW,
    };
    const { door } = openDoor('server', true);
    const ours = { ...door, publicAddress: '198.51.100.40', things: [] };
    const ways = findWays(whyCommand('server'), [ours], seen);
    expect(ways.map(({ made }) => made)).toEqual(['ours']);
    expect(ways.map((way) => lookAtDoor(way, seen).broken)).toEqual([undefined]);
  });

  it('are none where nothing leads there', () => {
    expect(
      look(
        hostWorld({ forwards: [foreignForward('80', '8080')], proxies: [proxyWorld({ instance: 'shop' })] }),
      ),
    ).toEqual([]);
  });

  it('only those that are named by their public side', () => {
    const open = openDoor('forward', false);
    const seen = {
      host: { seen: host(open, { proxies: [proxyWorld({ listenPort: '81' })] }).host ?? hostWorld() },
      now: NOW,
    };
    expect(findWays(whyCommand('forward', { publicPort: 81 }), [], seen).map(({ made }) => made)).toEqual([
      'foreign',
    ]);
    expect(findWays(whyCommand(), [open.door], seen).map(({ made }) => made)).toEqual(['ours', 'foreign']);
  });
});
