/** Plans that open a door, and the first reason why there cannot be one. */
import { describe, expect, test } from 'vitest';
import { type DoorPlan, undoOf } from '../../src/core/plan.ts';
import { planExpose } from '../../src/core/plans/plan-expose.ts';
import type { Refusal } from '../../src/core/refusal.ts';
import type { ExposeCommand } from '../../src/core/request.ts';
import type { ExposeWorld } from '../../src/core/world.ts';
import {
  afterSteps,
  DOOR,
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
  thingsOf,
  type WorldChanges,
} from './worlds.ts';

const OFFICE = ['192.0.2.0/24'];
const HTTP = 'http://127.0.0.1';

function plan(changes: WorldChanges = {}, command: Partial<ExposeCommand> = {}): DoorPlan | Refusal {
  return planExpose(REQUEST, exposeCommand(command), exposeWorld(changes));
}

describe('a plan with an end', () => {
  test('says for how long, and is another plan than one without an end or with another', () => {
    const [none, two, three] = [undefined, 7_200, 10_800].map((seconds) =>
      planned(plan({}, seconds === undefined ? {} : { forSeconds: seconds })),
    );
    expect(none).not.toHaveProperty('forSeconds');
    expect(two?.forSeconds).toBe(7_200);
    expect(two?.steps).toEqual(none?.steps);
    expect(new Set([none, two, three].map((each) => each?.fingerprint)).size).toBe(3);
    expect(planned(plan({}, { forSeconds: 7_200 })).fingerprint).toBe(two?.fingerprint);
  });
});

describe('a plan that opens a door', () => {
  test('says all of the door, the steps and the road', () => {
    const { fingerprint, ...rest } = planned(plan({}, { publicPort: 8080, sources: OFFICE }));
    expect(rest).toMatchObject({
      kind: 'plan',
      action: 'open',
      door: {
        id: 'door-a1',
        host: 'web1',
        instance: 'blog',
        port: 80,
        protocol: 'tcp',
        publicAddress: PUBLIC,
        publicPort: 8080,
        road: 'forward',
        sources: OFFICE,
      },
      why: ['forward: the kernel forwards it: fastest, and the instance sees the client’s address'],
      warnings: [],
    });
    expect(rest.steps.map(({ do: what, thing }) => `${what} ${thing.kind}`)).toEqual([
      'put pin',
      'put filter',
      'put forward',
    ]);
    expect(fingerprint).toMatch(/^[0-9a-f]{32}$/);
  });

  test.each<[string, WorldChanges, Partial<ExposeCommand>, string, number]>([
    ['the host’s public address and the instance’s own port', {}, {}, PUBLIC, 80],
    ['the port that was asked for', {}, { publicPort: 8080 }, PUBLIC, 8080],
    [
      'the address that was asked for',
      { host: { addresses: [{ address: '198.51.100.12', interface: 'eth1' }] } },
      { publicAddress: '198.51.100.12' },
      '198.51.100.12',
      80,
    ],
    [
      '8000 above the instance’s port where the host gives that',
      { host: { publicPorts: { from: 8000, to: 9000 } } },
      {},
      PUBLIC,
      8080,
    ],
    [
      'the first port the host gives otherwise',
      { host: { publicPorts: { from: 20_000, to: 21_000 } } },
      {},
      PUBLIC,
      20_000,
    ],
    ['the ssh port for udp', {}, { port: 22, protocol: 'udp' }, PUBLIC, 22],
    [
      'a port that the host’s LXD has for tcp, for udp',
      {},
      { publicPort: 8443, protocol: 'udp' },
      PUBLIC,
      8443,
    ],
    ['a port beside a foreign one', { host: { forwards: [foreignForward('443')] } }, {}, PUBLIC, 80],
    [
      'a port beside a range',
      { host: { forwards: [forwardWorld([{ listenPort: '81-90' }])] } },
      {},
      PUBLIC,
      80,
    ],
    ['a port that udp has', { host: { forwards: [forwardWorld([{ protocol: 'udp' }])] } }, {}, PUBLIC, 80],
    [
      'a port that a proxy has for udp',
      { host: { proxies: [proxyWorld({ protocol: 'udp' })] } },
      {},
      PUBLIC,
      80,
    ],
    [
      'a port that a proxy has at another address',
      { host: { proxies: [proxyWorld({ listenAddress: '198.51.100.12' })] } },
      {},
      PUBLIC,
      80,
    ],
    [
      'a port that a forward has at another address',
      { host: { forwards: [forwardWorld([{}], { listenAddress: '198.51.100.12' })] } },
      {},
      PUBLIC,
      80,
    ],
  ])('gets %s', (_, world, command, publicAddress, publicPort) => {
    expect(planned(plan(world, command)).door).toMatchObject({ publicAddress, publicPort });
  });
});

describe('there is no plan', () => {
  const rows: [sentence: string, WorldChanges, Partial<ExposeCommand>, Partial<Refusal>][] = [
    [
      'for an instance that is stopped',
      { instance: { status: 'Stopped' } },
      {},
      {
        reason: 'not_running',
        message: 'blog on web1 is stopped: nothing could answer.',
        next: 'Start it, then ask again.',
      },
    ],
    [
      'for an instance that is frozen',
      { instance: { status: 'Frozen' } },
      {},
      { reason: 'not_running', message: 'blog on web1 is frozen: nothing could answer.' },
    ],
    [
      'where no public address is set',
      { host: { publicAddress: undefined as never } },
      {},
      {
        reason: 'address_missing',
        message: 'web1 has several addresses and none is set as its public one.',
        next: 'web1 has 198.51.100.11.',
      },
    ],
    [
      'at the wildcard',
      {},
      { publicAddress: '0.0.0.0' },
      {
        reason: 'address_wildcard',
        message: 'A door has one address; 0.0.0.0 is every address of the host.',
        next: 'web1 has 198.51.100.11.',
      },
    ],
    [
      'at an address that the host does not have',
      {},
      { publicAddress: '198.51.100.99' },
      {
        reason: 'address_missing',
        message: 'web1 does not have the address 198.51.100.99; nothing would arrive there.',
        next: 'web1 has 198.51.100.11.',
      },
    ],
    [
      'at a public address that the host has lost',
      { host: { addresses: [{ address: '10.11.0.1', interface: 'lxdbr0' }] } },
      {},
      {
        reason: 'address_missing',
        message: 'web1 does not have the address 198.51.100.11; nothing would arrive there.',
        next: 'web1 has no address of its own.',
      },
    ],
    [
      'that shadows ssh',
      {},
      { publicPort: 22 },
      {
        reason: 'lock_out',
        message: '22 on web1 is its ssh port; a door there would lock everybody out.',
        next: 'Free: `as 8080`.',
      },
    ],
    [
      'that shadows ssh because the instance’s port is 22',
      { listeners: [{ protocol: 'tcp', address: '0.0.0.0', port: 22 }] },
      { port: 22 },
      { reason: 'lock_out', next: 'Free: `as 8080`.' },
    ],
    [
      'that shadows LXD',
      {},
      { publicPort: 8443 },
      {
        reason: 'lock_out',
        message: '8443 on web1 is its LXD port; a door there would lock everybody out.',
        next: 'Free: `as 8080`.',
      },
    ],
    [
      'for a port below the range',
      { host: { publicPorts: { from: 1024, to: 65_535 } } },
      { publicPort: 80 },
      {
        reason: 'port_not_allowed',
        message: 'web1 gives doors the ports 1024 to 65535, not 80.',
        next: 'Free: `as 8080`.',
      },
    ],
    [
      'for a port above the range, and the proposal lies in it',
      { host: { publicPorts: { from: 1000, to: 2000 } } },
      { publicPort: 8080 },
      { reason: 'port_not_allowed', next: 'Free: `as 1000`.' },
    ],
    [
      'for a port above a range of one, which is taken',
      { host: { publicPorts: { from: 80, to: 80 }, forwards: [foreignForward('80')] } },
      { publicPort: 81 },
      { reason: 'port_not_allowed', next: 'No port is free there.' },
    ],
    [
      'for a port that somebody else forwards',
      { host: { forwards: [foreignForward('80', '8080')] } },
      {},
      {
        reason: 'port_taken',
        message: '198.51.100.11:80 is forwarded to 10.11.0.10:8080 already, not by Drawbridge.',
        next: 'Free: `as 8080`.',
      },
    ],
    [
      'for a port in a range that somebody else forwards',
      { host: { forwards: [foreignForward('8000-8090')] } },
      { publicPort: 8085 },
      { reason: 'port_taken', next: 'Free: `as 8091`.' },
    ],
    [
      'for a port in a list that somebody else forwards',
      { host: { forwards: [foreignForward('80,443')] } },
      { publicPort: 443 },
      { reason: 'port_taken' },
    ],
    [
      'for an address whose every port is forwarded',
      { host: { forwards: [{ ...foreignForward('80'), ports: [], defaultTarget: '10.11.0.20' }] } },
      { publicPort: 9999 },
      {
        reason: 'port_taken',
        message: 'Every port of 198.51.100.11 is forwarded to 10.11.0.20 already.',
        next: 'No port is free there.',
      },
    ],
    [
      'for a port that a proxy of somebody else has',
      { host: { proxies: [proxyWorld({ instance: 'wiki', connectPort: '8080' })] } },
      {},
      {
        reason: 'port_taken',
        message: '198.51.100.11:80 is proxied to wiki:8080 already, not by Drawbridge.',
        next: 'Free: `as 8080`.',
      },
    ],
    [
      'for a port that a proxy has at every address',
      { host: { proxies: [proxyWorld({ listenAddress: '0.0.0.0', listenPort: '80-90' })] } },
      { publicPort: 85 },
      { reason: 'port_taken' },
    ],
    [
      'for a port of another door',
      { host: { forwards: [forwardWorld([{}])] } },
      {},
      {
        reason: 'already_open',
        message: '198.51.100.11:80 is forwarded to 10.11.0.10:80 already (door-other).',
        next: '`/lxd doors` shows who opened it; another door needs another port.',
      },
    ],
    [
      'for a port of another door’s proxy',
      { host: { proxies: [proxyWorld({ door: 'door-other' })] } },
      {},
      { reason: 'already_open', message: '198.51.100.11:80 is proxied to blog:80 already (door-other).' },
    ],
    [
      'for a port where the host itself answers, and another port is proposed',
      { answersAlready: true },
      { publicPort: 8080 },
      {
        reason: 'port_taken',
        message: 'Something on web1 itself answers at 198.51.100.11:8080 already.',
        next: 'Free: `as 8081`.',
      },
    ],
    [
      'when no road leads there',
      { host: { can: { forward: false, proxy: false, proxyNat: false, filter: false, routed: true } } },
      {},
      { reason: 'no_road' },
    ],
    [
      'without an address where only the kernel’s roads are possible',
      {
        instance: {
          type: 'virtual-machine',
          nics: [{ device: 'eth0', network: 'lxdbr0', pinnedFor: [] }],
        },
      },
      {},
      {
        reason: 'no_road',
        message:
          'No road leads to blog: not forward or proxy: blog has no IPv4 address on lxdbr0 yet; not userspace: LXD proxies without nat only into containers.',
      },
    ],
  ];
  test.each(rows)('%s', (_, world, command, refusal) => {
    expect(plan(world, command)).toMatchObject({ kind: 'refused', ...refusal });
  });

  test('and a proposed port is free: asking for it makes a plan', () => {
    for (const [, world, command] of rows) {
      const refusal = plan(world, command);
      const port = 'next' in refusal ? /`as (\d+)`/.exec(refusal.next ?? '')?.[1] : undefined;
      if (port === undefined) continue;
      const publicPort = Number(port);
      expect(publicPort).not.toBe(command.publicPort);
      expect(plan({ ...world, answersAlready: false }, { ...command, publicPort }).kind).toBe('plan');
    }
  });
});

describe('what this very door made in an earlier try is not in its way', () => {
  test.each<[string, WorldChanges, Partial<ExposeCommand>]>([
    ['its forward', { host: { forwards: [forwardWorld([{ door: DOOR }])] } }, {}],
    [
      'its forward, which answers',
      { host: { forwards: [forwardWorld([{ door: DOOR }])] }, answersAlready: true },
      {},
    ],
    ['its proxy', { host: { proxies: [proxyWorld({ door: DOOR })] } }, { road: 'proxy' }],
    [
      'its proxy, which answers',
      { host: { proxies: [proxyWorld({ door: DOOR })] }, answersAlready: true },
      { road: 'proxy' },
    ],
    ['its filter', { host: { filters: [filterWorld({ door: DOOR })] } }, {}],
  ])('%s', (_, world, command) => {
    expect(planned(plan(world, command)).fingerprint).toBe(planned(plan({}, command)).fingerprint);
  });
});

describe('two doors to one port have the same sources', () => {
  const elsewhere = { publicPort: 8080 };
  const filtered = { forwards: [forwardWorld([{}])], filters: [filterWorld()] };
  const conflict = {
    kind: 'refused',
    reason: 'sources_conflict',
    message:
      'blog:80 has a door with other sources already (door-other); LXD filters for the port as a whole.',
    next: 'Use the same `from`, or close the other door first.',
  };

  test.each<[string, WorldChanges['host'], Partial<ExposeCommand>]>([
    ['some, then others', filtered, { sources: ['10.0.0.0/8'] }],
    ['some, then anyone', filtered, {}],
    ['anyone, then some', { forwards: [forwardWorld([{}])] }, { sources: OFFICE }],
    ['anyone by proxy, then some', { proxies: [proxyWorld({ door: 'door-other' })] }, { sources: OFFICE }],
  ])('%s: refused', (_, host = {}, command) => {
    expect(plan({ host }, { ...elsewhere, ...command })).toEqual(conflict);
  });

  test.each<[string, WorldChanges['host'], Partial<ExposeCommand>]>([
    ['the same', filtered, { sources: OFFICE }],
    ['anyone twice', { forwards: [forwardWorld([{}])] }, {}],
    ['others at another port', filtered, { port: 443, sources: ['10.0.0.0/8'] }],
    ['others for udp', filtered, { protocol: 'udp', sources: ['10.0.0.0/8'] }],
    ['others at another instance’s address', { filters: [filterWorld({ address: '10.11.0.11' })] }, {}],
    [
      'a foreign forward, which LXD filters as well',
      { forwards: [foreignForward('80')] },
      { sources: OFFICE },
    ],
    [
      'a door in userspace, which no filter sees',
      { proxies: [proxyWorld({ door: 'door-other', nat: false })] },
      { sources: OFFICE },
    ],
    [
      'the same, when the host has got another address since',
      {
        ...filtered,
        addresses: [...hostWorld().addresses, { address: '172.17.0.1', interface: 'docker0' }],
      },
      { sources: OFFICE },
    ],
  ])('%s: planned', (_, host = {}, command) => {
    expect(plan({ host }, { ...elsewhere, ...command }).kind).toBe('plan');
  });
});

describe('warnings', () => {
  const unfiltered = { bridges: [{ network: 'lxdbr0', ipv4: '10.11.0.1/24', filtered: false }] };
  const restart =
    'the first source filter makes LXD restart lxdbr0: new connections to its instances fail for about a second';

  test.each<[string, WorldChanges, Partial<ExposeCommand>, string[]]>([
    ['nothing to warn of', {}, {}, []],
    [
      'nothing listens',
      { listeners: [] },
      {},
      ['nothing listens on blog:80 now; the door would lead nowhere until something does'],
    ],
    [
      'something listens, but with the other protocol',
      {},
      { protocol: 'udp' },
      [
        'nothing listens on blog:80/udp now; the door would lead nowhere until something does',
        'udp gives no answer of its own, so the door can be checked but not proven',
      ],
    ],
    ['listeners unseen', { listeners: 'unseen' }, {}, ['what listens in blog could not be seen']],
    [
      'silent hosts',
      { silentHosts: ['web2', 'web3'] },
      {},
      ['web2, web3 did not answer; another blog may be there'],
    ],
    [
      'another port than the instance’s',
      { host: { publicPorts: { from: 8000, to: 9000 } } },
      {},
      ['web1 gives doors no port 80; 8080 is used'],
    ],
    [
      'another port that was asked for',
      { host: { publicPorts: { from: 8000, to: 9000 } } },
      { publicPort: 8001 },
      [],
    ],
    ['the first filter on a bridge', { host: unfiltered }, { sources: OFFICE }, [restart]],
    ['a further filter on a bridge', {}, { sources: OFFICE }, []],
    ['no filter on a bridge without one', { host: unfiltered }, {}, []],
  ])('%s', (_, world, command, warnings) => {
    expect(planned(plan(world, command)).warnings).toEqual(warnings);
  });
});

describe('the fingerprint', () => {
  const base: Partial<ExposeCommand> = { publicPort: 8080, sources: OFFICE };
  const of = (changes: WorldChanges = {}, command: Partial<ExposeCommand> = {}, request = REQUEST) =>
    planned(planExpose(request, exposeCommand({ ...base, ...command }), exposeWorld(changes))).fingerprint;

  test('the same world gives the same plan', () => {
    expect(plan({}, base)).toEqual(plan({}, base));
    expect(of()).toBe(of());
  });

  test.each<[string, WorldChanges, Partial<ExposeCommand>, string?]>([
    ['another request', {}, {}, 'req-b2'],
    ['another port', { listeners: 'unseen' }, { port: 443 }],
    ['another protocol', {}, { protocol: 'udp' }],
    ['another public port', {}, { publicPort: 8081 }],
    ['other sources', {}, { sources: ['10.0.0.0/8'] }],
    ['another road', {}, { road: 'proxy' }],
    ['another address of the instance', { instance: { nics: [nicWorld({ address: '10.11.0.11' })] } }, {}],
    ['another NIC', { instance: { nics: [nicWorld({ device: 'eth1' })] } }, {}],
    [
      'another bridge',
      {
        instance: { nics: [nicWorld({ network: 'lxdbr1' })] },
        host: { bridges: [{ network: 'lxdbr1', ipv4: '10.11.0.1/24', filtered: true }] },
      },
      {},
    ],
    [
      'another network of the bridge',
      { host: { bridges: [{ network: 'lxdbr0', ipv4: '10.11.0.1/16', filtered: true }] } },
      {},
    ],
    [
      'another address of the host, which the filter spares',
      { host: { addresses: [...hostWorld().addresses, { address: '172.17.0.1', interface: 'docker0' }] } },
      {},
    ],
    ['another host', { host: { host: 'web2' } }, {}],
    ['an address that people pinned', { instance: { nics: [nicWorld({ pinned: INSIDE })] } }, {}],
  ])('%s is another plan', (_, world, command, request) => {
    expect(of(world, command, request)).not.toBe(of());
  });

  test.each<[string, WorldChanges, Partial<ExposeCommand>]>([
    ['a warning more', { silentHosts: ['web2'] }, {}],
    ['listeners unseen', { listeners: 'unseen' }, {}],
    [
      'a filter on the bridge already',
      { host: { bridges: [{ network: 'lxdbr0', ipv4: '10.11.0.1/24', filtered: false }] } },
      {},
    ],
    ['another reason', {}, { reason: `because of ${HTTP}` }],
    ['the road that is taken anyway, asked for', {}, { road: 'forward' }],
    ['the host named', {}, { target: { host: 'web1', instance: 'blog' } }],
    ['the public address named', {}, { publicAddress: PUBLIC }],
    [
      'doors of others',
      {
        host: {
          forwards: [forwardWorld([{ listenPort: '443', targetPort: '443', targetAddress: '10.11.0.11' }])],
        },
      },
      {},
    ],
    [
      'an instance more',
      { host: { instances: [instanceWorld(), instanceWorld({ name: 'wiki', nics: [] })] } },
      {},
    ],
  ])('%s is the same plan', (_, world, command) => {
    expect(of(world, command)).toBe(of());
  });
});

describe('carrying out any part of a plan changes nothing of it', () => {
  const worlds: [string, WorldChanges, Partial<ExposeCommand>][] = [
    ['forward', {}, {}],
    ['forward for some', {}, { sources: OFFICE }],
    [
      'forward for some, the first on its bridge',
      { host: { bridges: [{ network: 'lxdbr0', ipv4: '10.11.0.1/24', filtered: false }] } },
      { sources: OFFICE },
    ],
    ['proxy', {}, { road: 'proxy' }],
    ['proxy for some', {}, { road: 'proxy', sources: OFFICE }],
    ['userspace', {}, { road: 'userspace' }],
    ['udp', {}, { protocol: 'udp', sources: OFFICE }],
    [
      'beside another door’s forward',
      { host: { forwards: [forwardWorld([{ listenPort: '2222', targetPort: '22' }])] } },
      {},
    ],
    [
      'beside another door in userspace',
      {
        host: {
          proxies: [
            proxyWorld({ door: 'door-other', nat: false, listenPort: '81', connectAddress: '127.0.0.1' }),
          ],
        },
      },
      {},
    ],
    [
      'with an address that people pinned',
      { instance: { nics: [nicWorld({ pinned: INSIDE })] } },
      { sources: OFFICE },
    ],
  ];

  test.each(worlds)('%s', (_, changes, command) => {
    const world: ExposeWorld = exposeWorld(changes);
    const before = planned(planExpose(REQUEST, exposeCommand(command), world));
    for (let done = 1; done <= before.steps.length; done += 1) {
      const host = afterSteps(world.host, before.door, before.steps.slice(0, done));
      const answers = { ...onHost(world, host), answersAlready: done === before.steps.length };
      const again = planned(planExpose(REQUEST, exposeCommand(command), answers));
      expect(thingsOf(again), `after ${done} steps`).toEqual(thingsOf(before));
      expect(again.fingerprint).toBe(before.fingerprint);
    }
  });

  test.each(worlds)('%s, and undoing it leaves the world as it was', (_, changes, command) => {
    const { host } = exposeWorld(changes);
    const { door, steps } = planned(planExpose(REQUEST, exposeCommand(command), exposeWorld(changes)));
    const undone = afterSteps(afterSteps(host, door, steps), door, undoOf(steps));
    // Our ACL stays on the bridge, empty and without effect.
    const bridges = undone.bridges.map((bridge, index) => ({
      ...bridge,
      filtered: host.bridges[index]?.filtered ?? false,
    }));
    expect({ ...undone, bridges }).toEqual(host);
  });
});

test('of two plans for one instance, carrying out the first does not change the second', () => {
  const world = exposeWorld();
  const ask = exposeCommand({ port: 443, publicPort: 443, sources: OFFICE });
  const before = planned(planExpose('req-b2', ask, world));
  const first = planned(planExpose(REQUEST, exposeCommand(), world));
  const after = onHost(world, afterSteps(world.host, first.door, first.steps));
  expect(planned(planExpose('req-b2', ask, after)).fingerprint).toBe(before.fingerprint);
});

test('undoing goes backwards and turns each step around', () => {
  const { steps } = planned(plan({}, { sources: OFFICE }));
  expect(undoOf(steps).map(({ do: what, thing }) => `${what} ${thing.kind}`)).toEqual([
    'remove forward',
    'remove filter',
    'remove pin',
  ]);
  expect(undoOf(undoOf(steps))).toEqual(steps);
});
