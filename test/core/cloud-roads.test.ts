/** The roads of a host that is a server of a cloud: which fits, what opens it, and that it is found again by its tags. */
import { describe, expect, test } from 'vitest';
import type { DoorPlan } from '../../src/core/plan.ts';
import { planExpose } from '../../src/core/plans/plan-expose.ts';
import { planUnexpose } from '../../src/core/plans/plan-unexpose.ts';
import type { RoadName } from '../../src/core/request.ts';
import { standingDoors } from '../../src/core/tags/standing-doors.ts';
import {
  afterCloudSteps,
  type CloudChanges,
  cloudExposeWorld,
  cloudWorld,
  FIXED,
  FLOATING,
  floatingIp,
  groupWorld,
  kindsOf,
  portWorld,
  ruleWorld,
} from './cloud-worlds.ts';
import { DOOR, exposeCommand, planned, REQUEST, refused, unexposeCommand } from './worlds.ts';

const OFFICE = ['192.0.2.0/24'];
const HOST_IP = floatingIp({ port: 'port-web1' });

function plan(changes: CloudChanges = {}, command: Parameters<typeof exposeCommand>[0] = {}): DoorPlan {
  return planned(planExpose(REQUEST, exposeCommand(command), cloudExposeWorld(changes)));
}

function refusal(changes: CloudChanges, command: Parameters<typeof exposeCommand>[0] = {}) {
  return refused(planExpose(REQUEST, exposeCommand(command), cloudExposeWorld(changes)));
}

describe('forward on a server', () => {
  test('listens on the fixed address, takes a floating IP, and lets in last', () => {
    const { steps, door, cost } = plan();
    expect(kindsOf(steps)).toEqual(['pin', 'forward', 'group', 'floating_ip', 'rule']);
    expect(steps[1]?.thing).toMatchObject({ listenAddress: FIXED, listenPort: 80 });
    expect(steps[3]?.thing).toEqual({
      kind: 'floating_ip',
      cloud: 'public',
      network: 'net-public',
      owner: DOOR,
      about: 'blog:80',
      port: { id: 'port-web1' },
      fixedAddress: FIXED,
    });
    expect(steps[4]?.thing).toMatchObject({
      group: 'drawbridge-web1',
      protocol: 'tcp',
      port: 80,
      sources: ['0.0.0.0/0'],
    });
    expect(door.publicAddress).toBeUndefined();
    expect(cost).toEqual([
      'floating IPs: 3 of 50 used, then 4',
      'security groups: 1 of 10 used, then 2',
      'security group rules: 4 of 100 used, then 5',
    ]);
  });

  test('uses a floating IP that is free before it takes a new one', () => {
    const { steps, door, cost } = plan({ cloud: { floatingIps: [floatingIp()] } });
    expect(steps[3]?.thing).toMatchObject({ kind: 'floating_ip', address: FLOATING });
    expect(door.publicAddress).toBe(FLOATING);
    expect(cost?.some((line) => line.startsWith('floating IPs'))).toBe(false);
  });

  test('leaves the floating IP alone that leads to the host and is not ours', () => {
    const { steps, door } = plan({ cloud: { floatingIps: [HOST_IP] } });
    expect(kindsOf(steps)).toEqual(['pin', 'forward', 'group', 'rule']);
    expect(door.publicAddress).toBe(FLOATING);
  });

  test('claims the floating IP that another door of ours took', () => {
    const taken = { ...HOST_IP, ours: true, owners: ['door-other'] };
    expect(kindsOf(plan({ cloud: { floatingIps: [taken] } }).steps)).toContain('floating_ip');
  });

  test('enforces `from` by the rule, not by LXD', () => {
    const { steps } = plan({}, { sources: OFFICE });
    expect(kindsOf(steps)).not.toContain('filter');
    expect(steps.at(-1)?.thing).toMatchObject({ kind: 'rule', sources: OFFICE });
  });

  test('filters by LXD where the port has no security, and says so', () => {
    const { steps, warnings } = plan(
      { server: { port: portWorld({ security: false }) }, cloud: { floatingIps: [HOST_IP] } },
      { sources: OFFICE },
    );
    expect(kindsOf(steps)).toEqual(['pin', 'filter', 'forward']);
    expect(warnings.join()).toContain('no port security');
  });

  test('says what each other road lacks, and which would do too', () => {
    const { why } = plan({ cloud: { can: { tags: true, addressPairs: false, portForwarding: false } } });
    expect(why[0]).toContain('forward:');
    expect(why).toContain(
      'not fip-port: public cannot forward single ports of a floating IP (extension floating-ip-port-forwarding)',
    );
    expect(why).toContain(
      'not routed or bridged: public has no allowed address pairs (extension allowed-address-pairs)',
    );
    expect(why).toContain('possible with `via`, too: proxy, userspace, port');
  });
});

describe('rules that are not ours', () => {
  const open = (changes = {}) => ({
    cloud: { groups: [groupWorld({ rules: [ruleWorld(changes)] })], floatingIps: [HOST_IP] },
  });

  test('let it in already: no rule is made, and it is said', () => {
    const { steps, warnings } = plan(open());
    expect(kindsOf(steps)).toEqual(['pin', 'forward']);
    expect(warnings.join()).toContain('the group default lets it in already; its rule is kept');
  });

  test('that let in more than `from` make every road of the host impossible', () => {
    expect(refusal(open(), { sources: OFFICE, road: 'forward' }).message).toContain(
      'the group default lets in anyone to 80 already, so `from` could not be enforced',
    );
  });

  test('for other ports or for members of a group do not count', () => {
    expect(kindsOf(plan(open({ ports: { from: 443, to: 443 } })).steps)).toContain('rule');
    const { source: _source, ...member } = ruleWorld();
    const groups = [groupWorld({ rules: [member] })];
    expect(kindsOf(plan({ cloud: { groups, floatingIps: [HOST_IP] } }).steps)).toContain('rule');
  });

  test('of another door with other sources on the same port are a conflict', () => {
    const claims = [{ owner: 'door-other', protocol: 'tcp' as const, port: 80, source: '10.0.0.0/8' }];
    const groups = [groupWorld({ id: 'g', name: 'drawbridge-web1', ours: true, claims })];
    const server = { port: portWorld({ groups: ['g'] }) };
    expect(
      refusal({ cloud: { groups, floatingIps: [HOST_IP] }, server }, { road: 'forward' }).message,
    ).toContain('door-other lets other sources in to 80');
    expect(
      kindsOf(plan({ cloud: { groups, floatingIps: [HOST_IP] }, server }, { sources: ['10.0.0.0/8'] }).steps),
    ).toContain('rule');
  });
});

describe('quotas', () => {
  test.each([
    [
      'floating IPs',
      { floatingIps: { limit: 3, used: 3 } },
      'no floating IP is free and the quota is used up (3 of 3)',
    ],
    [
      'security groups',
      { groups: { limit: 1, used: 1 } },
      'the quota of security groups is used up (1 of 1)',
    ],
    ['rules', { rules: { limit: 6, used: 4 } }, 'it needs 3 more security group rules, and 4 of 6 are used'],
  ])('of %s that are used up are a reason', (_, less, why) => {
    const { quotas } = cloudWorld();
    expect(refusal({ cloud: { quotas: { ...quotas, ...less } } }, { road: 'forward' }).message).toContain(
      why,
    );
  });

  test('without a limit are none', () => {
    const none = { limit: -1, used: 70 };
    const { steps } = plan({
      cloud: { quotas: { floatingIps: none, ports: none, groups: none, rules: none } },
    });
    expect(kindsOf(steps)).toContain('floating_ip');
  });
});

describe('roads with an address of the instance’s own', () => {
  const rows: [RoadName, string[]][] = [
    ['routed', ['port', 'pair', 'nic', 'group', 'floating_ip', 'rule']],
    ['port', ['group', 'port', 'plug', 'nic', 'floating_ip', 'rule']],
    ['bridged', ['port', 'group', 'rule', 'pair', 'nic', 'group', 'floating_ip', 'rule']],
  ];
  test.each(rows)('%s is opened inside out', (road, kinds) => {
    const { steps, door, warnings } = plan({}, { road });
    expect(kindsOf(steps)).toEqual(kinds);
    expect(door).toMatchObject({ road, publicPort: 80 });
    const card = road === 'routed' ? 'door0' : 'eth0 in place of the one on lxdbr0';
    expect(warnings.join()).toContain(`blog is stopped and started with a new ${card}`);
  });

  test('bridged lets the answers of Neutron’s DHCP in, and names the hardware address in the pair', () => {
    const { steps } = plan({}, { road: 'bridged' });
    expect(steps[2]?.thing).toMatchObject({ protocol: 'udp', port: 68, sources: ['10.30.0.2/32'] });
    expect(steps[3]?.thing).toMatchObject({ kind: 'pair', hostPort: 'port-web1', withMac: true });
  });

  test.each([
    [
      'routed',
      {
        server: {
          port: portWorld({
            pairs: Array.from({ length: 10 }, (_, n) => ({ address: `10.30.0.${100 + n}` })),
          }),
        },
      },
      'carries 10 further addresses, and Neutron allows 10',
    ],
    ['routed', { uplink: undefined }, 'does not show the interface behind its port'],
    [
      'port',
      { server: { subnet: { cidr: '10.31.0.0/24', dhcp: false, dhcpServers: [], routed: true } } },
      'has no DHCP',
    ],
    [
      'bridged',
      { server: { subnet: { cidr: '10.31.0.0/24', dhcp: false, dhcpServers: [], routed: true } } },
      'has no DHCP',
    ],
    [
      'routed',
      { server: { subnet: { cidr: '10.32.0.0/24', dhcp: true, dhcpServers: [], routed: false } } },
      'no router leads from the network of web1',
    ],
    ['port', { instance: { type: 'virtual-machine' as const } }, 'is a virtual machine'],
    [
      'fip-port',
      { cloud: { floatingIps: [HOST_IP] } },
      `the port of web1 has the floating IP ${FLOATING} to itself`,
    ],
    ['lan', {}, 'is a server of a cloud, whose DHCP answers only ports that it knows'],
  ] as [RoadName, CloudChanges, string][])('%s is refused with the reason (%#)', (road, changes, why) => {
    expect(refusal(changes, { road })).toMatchObject({
      reason: 'no_road',
      next: 'Leave out `via` to have a road chosen.',
    });
    expect(refusal(changes, { road }).message).toContain(why);
  });

  test('keep the port: another public one is refused', () => {
    expect(refusal({}, { road: 'routed', publicPort: 8080 }).message).toContain(
      'so the public port is its own, 80',
    );
  });

  test('are refused on hosts outside of clouds', () => {
    const world = cloudExposeWorld();
    const { cloud: _cloud, ...host } = world.host;
    for (const road of ['routed', 'port', 'bridged', 'fip-port'] as const) {
      const result = planExpose(REQUEST, exposeCommand({ road }), { ...world, host });
      expect(refused(result).message).toContain('web1 is not a server of a cloud');
    }
  });
});

describe('fip-port', () => {
  test('shares a floating IP by port, and forwards on the host', () => {
    const shared = floatingIp({ ours: true, owners: ['door-other'], forwardings: [] });
    const { steps, door } = plan(
      { cloud: { floatingIps: [shared] } },
      { road: 'fip-port', publicPort: 8080 },
    );
    expect(kindsOf(steps)).toEqual(['pin', 'forward', 'group', 'floating_ip', 'port_forwarding', 'rule']);
    expect(door).toMatchObject({ publicAddress: FLOATING, publicPort: 8080, road: 'fip-port' });
  });

  test('is refused for a port of it that is forwarded already', () => {
    const forwarding = {
      id: 'pf',
      protocol: 'tcp' as const,
      publicPort: 80,
      port: 'x',
      address: '10.30.0.9',
      targetPort: 80,
      owner: 'door-other',
    };
    const shared = floatingIp({ ours: true, owners: ['door-other'], forwardings: [forwarding] });
    expect(refusal({ cloud: { floatingIps: [shared] } }, { road: 'fip-port' }).message).toContain(
      `${FLOATING}:80 is forwarded already (door-other)`,
    );
  });
});

describe('closing', () => {
  test.each(['routed', 'port', 'bridged'] as const)(
    'a door by %s takes away what opened it, from the outside in',
    (road) => {
      const world = cloudExposeWorld();
      const opened = planned(planExpose(REQUEST, exposeCommand({ road, sources: OFFICE }), world));
      const host = afterCloudSteps(world.host, opened.door, opened.steps);
      const [standing] = standingDoors(host);
      expect(standing?.door).toMatchObject({
        id: DOOR,
        road,
        port: 80,
        sources: OFFICE,
        publicAddress: '198.51.100.99',
      });
      const closing = planned(planUnexpose(unexposeCommand(), [host]));
      expect(kindsOf(closing.steps)[0]).toBe('-rule');
      expect(new Set(kindsOf(closing.steps).map((kind) => kind.slice(1)))).toEqual(
        new Set(kindsOf(opened.steps)),
      );
      const after = afterCloudSteps(host, closing.door, closing.steps);
      expect({ ...after.cloud, uplink: undefined }).toEqual({ ...world.host.cloud, uplink: undefined });
      expect(standingDoors(after)).toEqual([]);
    },
  );
});
