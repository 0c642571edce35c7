/** Plans about hosts: made from nothing, taken in, drained, deleted, and why not. */
import { describe, expect, test } from 'vitest';
import type { WorkPlan } from '../../src/core/plan.ts';
import { planExpose } from '../../src/core/plans/plan-expose.ts';
import { planHostAdopt, planHostDrain } from '../../src/core/plans/plan-host.ts';
import { type CreateWorld, planHostCreate } from '../../src/core/plans/plan-host-create.ts';
import { type DeleteWorld, planHostDelete } from '../../src/core/plans/plan-host-delete.ts';
import type { Refusal } from '../../src/core/refusal.ts';
import { standingDoors } from '../../src/core/tags/standing-doors.ts';
import { cloudWorld, floatingIp, groupWorld, kindsOf, portWorld, serverWorld } from './cloud-worlds.ts';
import { afterSteps, exposeCommand, exposeWorld, planned, REQUEST } from './worlds.ts';

const CREATE = { action: 'host create', name: 'web9' } as const;
const PLENTY = { limit: 10, used: 2 };

function createWorld(changes: Partial<CreateWorld> = {}): CreateWorld {
  return {
    cloud: cloudWorld(),
    quotas: { servers: PLENTY, cores: { limit: 20, used: 4 }, ram: { limit: 8192, used: 2048 } },
    flavor: { id: 'f1', name: 'm1.small', ram: 1024, disk: 4, vcpus: 2 },
    image: { id: 'i1', name: 'debian-12', minRam: 512, minDisk: 2 },
    network: { id: 'net-hosts', name: 'hosts' },
    subnet: serverWorld().subnet,
    user: 'drawbridge',
    publicKey: 'ssh-ed25519 AAAA drawbridge',
    keyPair: 'drawbridge-1234',
    sshFrom: ['192.0.2.0/24'],
    configDrive: false,
    ...changes,
  };
}

function work(result: WorkPlan | Refusal): WorkPlan {
  if (result.kind === 'plan') return result;
  throw new Error(`no plan but: ${result.message}`);
}

function refusalOf(result: WorkPlan | Refusal): Refusal {
  if (result.kind === 'refused') return result;
  throw new Error(`no refusal but: ${result.summary}`);
}

describe('host create', () => {
  test('makes everything from the key pair to LXD, opens SSH last, and says what it takes', () => {
    const plan = work(planHostCreate(CREATE, createWorld()));
    expect(kindsOf(plan.steps)).toEqual([
      'key_pair',
      'group',
      'port',
      'server',
      'floating_ip',
      'rule',
      'known_host',
    ]);
    expect(plan.steps[5]?.thing).toMatchObject({ port: 22, sources: ['192.0.2.0/24'], owner: 'host-web9' });
    expect(plan.risk).toBeDefined();
    expect(plan.cost).toEqual([
      'servers: 2 of 10 used, then 3',
      'cores: 4 of 20 used, then 6',
      'RAM in MiB: 2048 of 8192 used, then 3072',
      'ports: 4 of 500 used, then 5',
      'floating IPs: 3 of 50 used, then 4',
      'security groups: 1 of 10 used, then 2',
      'security group rules: 4 of 100 used, then 7',
      'after it there is room for 5 more hosts of this size',
    ]);
    expect(plan.warnings).toEqual([]);
  });

  test('takes a floating IP that is free', () => {
    const plan = work(
      planHostCreate(CREATE, createWorld({ cloud: cloudWorld({ floatingIps: [floatingIp()] }) })),
    );
    expect(plan.steps[4]?.thing).toMatchObject({ kind: 'floating_ip', address: '198.51.100.40' });
  });

  test('leaves the key pair to the one that was named, whose owner may log in', () => {
    const plan = work(planHostCreate({ ...CREATE, key: 'ops' }, createWorld()));
    expect(kindsOf(plan.steps)[0]).toBe('group');
    const server = plan.steps[2]?.thing;
    expect(server).toMatchObject({ kind: 'server', keyPair: 'ops' });
    expect(server?.kind === 'server' && server.userData).toContain('"default"');
    expect(plan.why.join()).toContain('the key pair ops logs in as the image’s own user');
  });

  test('asks for a config drive only where nothing else would tell the server anything', () => {
    const dry = { ...serverWorld().subnet, dhcp: false };
    const plan = work(planHostCreate(CREATE, createWorld({ subnet: dry, configDrive: true })));
    expect(plan.steps[3]?.thing).toMatchObject({ configDrive: true });
    expect(work(planHostCreate(CREATE, createWorld({ configDrive: true }))).steps[3]?.thing).toMatchObject({
      configDrive: false,
    });
  });

  test.each([
    [
      'a network without DHCP',
      { subnet: { ...serverWorld().subnet, dhcp: false } },
      'cloud_unfit',
      'hosts has no DHCP',
      'config_drive: true',
    ],
    [
      'a network without a gateway',
      { subnet: { cidr: '10.9.0.0/24', dhcp: true, dhcpServers: [], routed: true } },
      'cloud_unfit',
      'hosts has no gateway',
      'Name a network with DHCP',
    ],
    [
      'a network without a router',
      { subnet: { ...serverWorld().subnet, routed: false } },
      'cloud_unfit',
      'No router leads from hosts',
      'Name another network',
    ],
    ['nowhere that SSH may come from', { sshFrom: [] }, 'cloud_unfit', 'not known from where', 'ssh_from'],
    [
      'a flavor too small for the image',
      { image: { id: 'i', name: 'big', minRam: 2048, minDisk: 0 } },
      'cloud_unfit',
      'big needs 2048 MiB',
      'larger flavor',
    ],
    [
      'a name that a foreign server has',
      { present: { id: 's', ours: false } },
      'exists',
      'has a server web9 already',
      'Take another name',
    ],
    [
      'no server left in the quota',
      { quotas: { servers: { limit: 2, used: 2 }, cores: PLENTY, ram: { limit: -1, used: 0 } } },
      'quota',
      'servers: it takes 1, and 2 of 2 are used',
      'Free something',
    ],
    [
      'no core left in the quota',
      { quotas: { servers: PLENTY, cores: { limit: 5, used: 4 }, ram: { limit: -1, used: 0 } } },
      'quota',
      'cores: it takes 2, and 4 of 5 are used',
      'Free something',
    ],
    [
      'no tags in the cloud',
      { cloud: cloudWorld({ can: { tags: false, addressPairs: true, portForwarding: true } }) },
      'cloud_unfit',
      'no tags',
      undefined,
    ],
  ] as const)('is refused before anything is made: %s', (_, changes, reason, message, next) => {
    const refusal = refusalOf(planHostCreate(CREATE, createWorld(changes as Partial<CreateWorld>)));
    expect(refusal.reason).toBe(reason);
    expect(refusal.message).toContain(message);
    if (next !== undefined) expect(refusal.next).toContain(next);
  });

  test('is refused when no floating IP can be had', () => {
    const quotas = { ...cloudWorld().quotas, floatingIps: { limit: 3, used: 3 } };
    expect(
      refusalOf(planHostCreate(CREATE, createWorld({ cloud: cloudWorld({ quotas }) }))).message,
    ).toContain('the quota is used up (3 of 3)');
  });

  test('goes on where the server was made by this very host', () => {
    const full = { servers: { limit: 2, used: 2 }, cores: PLENTY, ram: PLENTY };
    expect(
      work(planHostCreate(CREATE, createWorld({ present: { id: 's', ours: true }, quotas: full }))).steps,
    ).not.toEqual([]);
  });
});

describe('host adopt', () => {
  const access = { address: '198.51.100.7', port: 22, user: 'bot', hostKey: 'SHA256:abc', socket: '/s' };

  test('shows what will be trusted, and warns where the key was only seen', () => {
    const plan = planHostAdopt(
      { action: 'host adopt', name: 'old' },
      { access, says: 'LXD 5.0.2', instances: 3, keyConfirmed: false },
    );
    expect(plan.summary).toContain('LXD 5.0.2, 3 instances');
    expect(plan.why.join()).toContain('SHA256:abc, which was only seen on the way');
    expect(plan.warnings).toHaveLength(1);
    expect(plan.risk).toBeDefined();
  });

  test('trusts a key that the console said, too, without a warning', () => {
    const plan = planHostAdopt(
      { action: 'host adopt', name: 'old' },
      { access, says: 'LXD 5.0.2', instances: 3, keyConfirmed: true },
    );
    expect(plan.warnings).toEqual([]);
  });
});

describe('host drain and delete', () => {
  const world = exposeWorld();
  const opened = planned(planExpose(REQUEST, exposeCommand(), world));
  const doors = standingDoors(afterSteps(world.host, opened.door, opened.steps));

  test('drain closes every door from the outside in and places nothing more', () => {
    const plan = work(planHostDrain({ action: 'host drain', name: 'web1' }, doors, false));
    expect(kindsOf(plan.steps)).toEqual(['drained', '-forward', '-pin']);
    expect(plan.closes.map(({ id }) => id)).toEqual([opened.door.id]);
    expect(plan.steps[1]?.door?.id).toBe(opened.door.id);
    expect(plan.risk).toBe('it closes 1 door');
  });

  test('drain off needs no approval, and a second drain has nothing to do', () => {
    expect(
      work(planHostDrain({ action: 'host drain', name: 'web1', off: true }, [], true)).risk,
    ).toBeUndefined();
    expect(
      refusalOf(planHostDrain({ action: 'host drain', name: 'web1', off: true }, [], false)).reason,
    ).toBe('nothing_to_do');
    expect(refusalOf(planHostDrain({ action: 'host drain', name: 'web1' }, [], true)).reason).toBe(
      'nothing_to_do',
    );
  });

  const made: DeleteWorld = {
    doors: [],
    lost: [],
    instances: [],
    cloud: cloudWorld(),
    server: { id: 's', name: 'web9', ours: true },
    keyPair: 'k',
    registered: true,
  };
  const remove = { action: 'host delete', name: 'web9' } as const;

  test('delete takes the server and all that belongs to it, after two approvals', () => {
    const plan = work(planHostDelete(remove, made));
    expect(kindsOf(plan.steps)).toEqual([
      'drained',
      '-known_host',
      '-rule',
      '-floating_ip',
      '-server',
      '-port',
      '-group',
      '-key_pair',
    ]);
    expect(plan).toMatchObject({ approvals: 2 });
  });

  test('delete leaves a server alone that was adopted', () => {
    const plan = work(
      planHostDelete(remove, {
        ...made,
        server: { id: 's', name: 'web9', ours: false },
        instances: ['blog'],
      }),
    );
    expect(kindsOf(plan.steps)).toEqual(['drained', '-known_host']);
    expect(plan.summary).toContain('stays as it is');
  });

  test.each([
    ['of the configuration', { registered: false }, {}, 'not_ours'],
    ['with instances, unless told', { instances: ['blog', 'shop'] }, {}, 'has_instances'],
    ['that does not answer, unless told', { instances: undefined as never }, {}, 'host_silent'],
  ])('delete is refused for a host %s', (_, changes, command, reason) => {
    expect(refusalOf(planHostDelete({ ...remove, ...command }, { ...made, ...changes })).reason).toBe(reason);
  });

  test('delete takes away what a server that vanished left behind, its doors in the cloud, too', () => {
    const claims = [{ owner: 'door-x', protocol: 'tcp' as const, port: 80, source: '0.0.0.0/0' }];
    const cloud = cloudWorld({
      ports: [portWorld({ id: 'p', owners: ['host-web9'], about: 'host web9' })],
      groups: [groupWorld({ id: 'g', name: 'drawbridge-web9', ours: true, claims })],
    });
    const { server: _server, instances: _instances, ...rest } = made;
    const lost = [{ ...opened.door, id: 'door-x', host: 'web9' }];
    const plan = work(planHostDelete(remove, { ...rest, cloud, lost }));
    expect(plan.summary).toContain('takes away what is left of its server');
    expect(kindsOf(plan.steps)).toEqual(expect.arrayContaining(['-rule', '-group', '-port', '-floating_ip']));
    expect(plan.closes.map(({ id }) => id)).toEqual(['door-x']);
  });

  test('delete with instances says which are lost', () => {
    const plan = work(
      planHostDelete({ ...remove, withInstances: true }, { ...made, instances: ['blog', 'shop'] }),
    );
    expect(plan.warnings).toEqual(['these instances are lost: blog, shop']);
  });
});
