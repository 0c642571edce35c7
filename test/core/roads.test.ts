/** Which road leads to an instance, and why not the others. */
import { describe, expect, test } from 'vitest';
import type { RoadName } from '../../src/core/request.ts';
import { type Choice, chooseRoad } from '../../src/core/roads/choose.ts';
import type { RoadAsk } from '../../src/core/roads/road.ts';
import type { Thing } from '../../src/core/thing.ts';
import type { Listener } from '../../src/core/world.ts';
import {
  DOOR,
  DROPS_BUT_OFFICE,
  exposeCommand,
  exposeWorld,
  foreignForward,
  forwardWorld,
  hostWorld,
  INSIDE,
  instanceWorld,
  nicWorld,
  PUBLIC,
  type WorldChanges,
} from './worlds.ts';

const OFFICE = ['192.0.2.0/24'];
const ABLE = hostWorld().can;
const LOOPBACK: Listener[] = [{ protocol: 'tcp', address: '127.0.0.1', port: 80 }];

function choose(
  changes: WorldChanges = {},
  command: Parameters<typeof exposeCommand>[0] = {},
  public_ = 8080,
) {
  const ask: RoadAsk = {
    command: exposeCommand(command),
    door: DOOR,
    outside: { listenAddress: PUBLIC, publicAddress: PUBLIC, publicPort: public_ },
  };
  return chooseRoad(ask, exposeWorld(changes));
}

function chosen(result: ReturnType<typeof choose>): Choice {
  if ('road' in result) return result;
  throw new Error(result.message);
}

const PIN: Thing = { kind: 'pin', host: 'web1', instance: 'blog', nic: 'eth0', address: INSIDE };
const FORWARD: Thing = {
  kind: 'forward',
  host: 'web1',
  network: 'lxdbr0',
  listenAddress: PUBLIC,
  listenPort: 8080,
  protocol: 'tcp',
  targetAddress: INSIDE,
  targetPort: 80,
};
const PROXY: Thing = {
  kind: 'proxy',
  host: 'web1',
  instance: 'blog',
  listenAddress: PUBLIC,
  listenPort: 8080,
  protocol: 'tcp',
  connectAddress: INSIDE,
  connectPort: 80,
  nat: true,
};
const USERSPACE: Thing = { ...PROXY, connectAddress: '127.0.0.1', nat: false };
const FILTER: Thing = {
  kind: 'filter',
  host: 'web1',
  network: 'lxdbr0',
  protocol: 'tcp',
  address: INSIDE,
  port: 80,
  sources: OFFICE,
  drops: DROPS_BUT_OFFICE,
};

describe('what a road is made of, innermost first', () => {
  test('forward', () => {
    expect(chosen(choose()).things).toEqual([PIN, FORWARD]);
  });

  test('forward for some', () => {
    expect(chosen(choose({}, { sources: OFFICE })).things).toEqual([PIN, FILTER, FORWARD]);
  });

  test('proxy', () => {
    expect(chosen(choose({}, { road: 'proxy' })).things).toEqual([PIN, PROXY]);
  });

  test('proxy for some', () => {
    expect(chosen(choose({}, { road: 'proxy', sources: OFFICE })).things).toEqual([PIN, FILTER, PROXY]);
  });

  test('userspace', () => {
    expect(chosen(choose({}, { road: 'userspace' })).things).toEqual([USERSPACE]);
  });

  test('udp', () => {
    const things = chosen(choose({}, { protocol: 'udp', sources: OFFICE })).things;
    expect(things).toEqual([PIN, { ...FILTER, protocol: 'udp' }, { ...FORWARD, protocol: 'udp' }]);
  });

  test('a filter lets in the sources, the bridge and every address of the host', () => {
    const addresses = [...hostWorld().addresses, { address: '10.12.0.1', interface: 'lxdbr1' }];
    const things = chosen(choose({ host: { addresses } }, { sources: ['10.0.0.0/9'] })).things;
    expect(things.find(({ kind }) => kind === 'filter')).toMatchObject({
      sources: ['10.0.0.0/9'],
      drops: ['0.0.0.0-9.255.255.255', '10.128.0.0-198.51.100.10', '198.51.100.12-255.255.255.255'],
    });
  });
});

describe('preferences', () => {
  const foreign = { forwards: [foreignForward('443')] };
  const rows: [string, WorldChanges, Parameters<typeof exposeCommand>[0], RoadName, string[]][] = [
    [
      'forward comes first',
      {},
      {},
      'forward',
      ['forward: the kernel forwards it: fastest, and the instance sees the client’s address'],
    ],
    [
      'an LXD without forwards gets a proxy',
      { host: { can: { ...ABLE, forward: false } } },
      {},
      'proxy',
      [
        'proxy: kernel rules that come and go with the instance',
        'not forward: this LXD has no network forwards (they came with 4.18)',
      ],
    ],
    [
      'a forward of somebody else at the address makes it a proxy',
      { host: foreign },
      {},
      'proxy',
      [
        'proxy: kernel rules that come and go with the instance',
        'not forward: the forward of 198.51.100.11 was made by somebody else and is left alone',
      ],
    ],
    [
      'a forward of ours into another bridge makes it a proxy',
      { host: { forwards: [forwardWorld([], { network: 'lxdbr1' })] } },
      {},
      'proxy',
      [
        'proxy: kernel rules that come and go with the instance',
        'not forward: 198.51.100.11 is forwarded into lxdbr1, not lxdbr0',
      ],
    ],
    [
      'a forward of somebody else at another address is in nobody’s way',
      { host: { forwards: [{ ...foreignForward('443'), listenAddress: '198.51.100.12' }] } },
      {},
      'forward',
      ['forward: the kernel forwards it: fastest, and the instance sees the client’s address'],
    ],
    [
      'a service on loopback only is reached through userspace',
      { listeners: LOOPBACK },
      {},
      'userspace',
      [
        'userspace: a process of LXD copies the bytes into the container, which does not see the client’s address',
        'not forward or proxy: blog listens on 127.0.0.1 only, which no packet from outside reaches',
      ],
    ],
    [
      'a service on loopback over IPv6 too',
      { listeners: [{ protocol: 'tcp', address: '::1', port: 80 }] },
      {},
      'userspace',
      [
        'userspace: a process of LXD copies the bytes into the container, which does not see the client’s address',
        'not forward or proxy: blog listens on ::1 only, which no packet from outside reaches',
      ],
    ],
    [
      'a service on loopback and elsewhere is reached from outside',
      { listeners: [...LOOPBACK, { protocol: 'tcp', address: INSIDE, port: 80 }] },
      {},
      'forward',
      ['forward: the kernel forwards it: fastest, and the instance sees the client’s address'],
    ],
    [
      'a loopback service at the same port of udp does not count',
      { listeners: [{ protocol: 'udp', address: '127.0.0.1', port: 80 }] },
      {},
      'forward',
      ['forward: the kernel forwards it: fastest, and the instance sees the client’s address'],
    ],
    [
      'listeners that could not be seen stand in no road’s way',
      { listeners: 'unseen' },
      {},
      'forward',
      ['forward: the kernel forwards it: fastest, and the instance sees the client’s address'],
    ],
    [
      'a NIC on no bridge of LXD is reached through userspace',
      { instance: { nics: [{ device: 'eth0', address: '198.51.100.77', pinnedFor: [] }] } },
      {},
      'userspace',
      [
        'userspace: a process of LXD copies the bytes into the container, which does not see the client’s address',
        'not forward or proxy: blog is on no bridge that LXD manages',
      ],
    ],
    [
      'the second NIC is taken where only that one is on a bridge of LXD',
      { instance: { nics: [{ device: 'eth0', pinnedFor: [] }, nicWorld({ device: 'eth1' })] } },
      {},
      'forward',
      ['forward: the kernel forwards it: fastest, and the instance sees the client’s address'],
    ],
    [
      'a bridge without IPv4',
      { host: { bridges: [{ network: 'lxdbr0', filtered: true }] } },
      {},
      'userspace',
      [
        'userspace: a process of LXD copies the bytes into the container, which does not see the client’s address',
        'not forward or proxy: its bridge lxdbr0 has no IPv4 network',
      ],
    ],
    [
      'no address yet',
      { instance: { nics: [{ device: 'eth0', network: 'lxdbr0', pinnedFor: [] }] } },
      {},
      'userspace',
      [
        'userspace: a process of LXD copies the bytes into the container, which does not see the client’s address',
        'not forward or proxy: blog has no IPv4 address on lxdbr0 yet',
      ],
    ],
    [
      'an address that is not the one that is set',
      { instance: { nics: [nicWorld({ pinned: '10.11.0.99' })] } },
      {},
      'userspace',
      [
        'userspace: a process of LXD copies the bytes into the container, which does not see the client’s address',
        'not forward or proxy: blog is set to 10.11.0.99 but has 10.11.0.10: it needs a restart',
      ],
    ],
    [
      'an address that is set for another instance',
      {
        host: {
          instances: [instanceWorld(), instanceWorld({ name: 'old', nics: [nicWorld({ pinned: INSIDE })] })],
        },
      },
      {},
      'userspace',
      [
        'userspace: a process of LXD copies the bytes into the container, which does not see the client’s address',
        'not forward or proxy: 10.11.0.10 is also set for the instance old',
      ],
    ],
    [
      'a virtual machine is forwarded to like a container',
      { instance: { type: 'virtual-machine' } },
      {},
      'forward',
      ['forward: the kernel forwards it: fastest, and the instance sees the client’s address'],
    ],
    [
      'a road that was asked for is taken',
      {},
      { road: 'userspace' },
      'userspace',
      [
        'userspace: asked for; a process of LXD copies the bytes into the container, which does not see the client’s address',
      ],
    ],
    [
      'the best road can be asked for as well',
      {},
      { road: 'forward' },
      'forward',
      ['forward: asked for; the kernel forwards it: fastest, and the instance sees the client’s address'],
    ],
  ];
  test.each(rows)('%s', (_, world, command, road, why) => {
    const choice = chosen(choose(world, command));
    expect({ road: choice.road, why: choice.why }).toEqual({ road, why });
  });
});

describe('no road leads there', () => {
  const noFilter = { can: { ...ABLE, filter: false, routed: true } };
  const rows: [string, WorldChanges, Parameters<typeof exposeCommand>[0], string, string | undefined][] = [
    [
      'a forward is asked for that this LXD does not have',
      { host: { can: { ...ABLE, forward: false } } },
      { road: 'forward' },
      'not forward: this LXD has no network forwards (they came with 4.18)',
      'Leave out `via` to have a road chosen.',
    ],
    [
      'a proxy is asked for that this LXD does not have',
      { host: { can: { ...ABLE, proxyNat: false } } },
      { road: 'proxy' },
      'not proxy: this LXD has no proxy devices with nat (they came with 3.3)',
      'Leave out `via` to have a road chosen.',
    ],
    [
      'userspace is asked for without proxy devices',
      { host: { can: { ...ABLE, proxy: false } } },
      { road: 'userspace' },
      'not userspace: this LXD has no proxy devices',
      'Leave out `via` to have a road chosen.',
    ],
    [
      'sources cannot be limited in userspace',
      {},
      { road: 'userspace', sources: OFFICE },
      'not userspace: it hides the client’s address, so `from` cannot be enforced',
      'Leave out `via` to have a road chosen.',
    ],
    [
      'userspace into a virtual machine',
      { instance: { type: 'virtual-machine' } },
      { road: 'userspace' },
      'not userspace: LXD proxies without nat only into containers',
      'Leave out `via` to have a road chosen.',
    ],
    [
      'a forward to a service on loopback only',
      { listeners: LOOPBACK },
      { road: 'forward' },
      'not forward: blog listens on 127.0.0.1 only, which no packet from outside reaches',
      'Leave out `via` to have a road chosen.',
    ],
    [
      'a service on loopback only, for some',
      { listeners: LOOPBACK },
      { sources: OFFICE },
      'not forward or proxy: blog listens on 127.0.0.1 only, which no packet from outside reaches; not userspace: it hides the client’s address, so `from` cannot be enforced',
      'Let the service listen on 0.0.0.0, or leave out `from`.',
    ],
    [
      'a service on loopback only in a virtual machine',
      { listeners: LOOPBACK, instance: { type: 'virtual-machine' } },
      {},
      'not forward or proxy: blog listens on 127.0.0.1 only, which no packet from outside reaches; not userspace: LXD proxies without nat only into containers',
      'Let the service listen on 0.0.0.0, or leave out `from`.',
    ],
    [
      'sources cannot be limited by this LXD',
      { host: noFilter },
      { sources: OFFICE },
      'not forward or proxy: this LXD has no network ACLs to limit the sources with; not userspace: it hides the client’s address, so `from` cannot be enforced',
      undefined,
    ],
    [
      'an LXD that can do nothing',
      { host: { can: { forward: false, proxy: false, proxyNat: false, filter: false, routed: true } } },
      {},
      'not forward: this LXD has no network forwards (they came with 4.18); not proxy: this LXD has no proxy devices with nat (they came with 3.3); not userspace: this LXD has no proxy devices',
      undefined,
    ],
  ];
  test.each(rows)('%s', (_, world, command, why, next) => {
    expect(choose(world, command)).toEqual({
      kind: 'refused',
      reason: 'no_road',
      message: `No road leads to blog: ${why}.`,
      ...(next !== undefined && { next }),
    });
  });

  test('an LXD without filters still opens doors for anyone', () => {
    expect(chosen(choose({ host: noFilter })).road).toBe('forward');
  });
});

describe('the pin', () => {
  const rows: [string, WorldChanges, boolean][] = [
    ['an address that is not kept is pinned', {}, true],
    [
      'an address that people keep is left alone',
      { instance: { nics: [nicWorld({ pinned: INSIDE })] } },
      false,
    ],
    [
      'a pin of ours is put again, so that the plan does not depend on which door came first',
      { instance: { nics: [nicWorld({ pinned: INSIDE, pinnedFor: ['door-other'] })] } },
      true,
    ],
    [
      'also one that this door put in an earlier try',
      { instance: { nics: [nicWorld({ pinned: INSIDE, pinnedFor: [DOOR] })] } },
      true,
    ],
  ];
  test.each(rows)('%s', (_, changes, pinned) => {
    expect(chosen(choose(changes)).things.some(({ kind }) => kind === 'pin')).toBe(pinned);
  });

  test('userspace pins nothing', () => {
    expect(chosen(choose({}, { road: 'userspace' })).things.map(({ kind }) => kind)).toEqual(['proxy']);
  });
});
