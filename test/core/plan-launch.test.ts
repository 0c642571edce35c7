/** Where a new instance goes, from which image, and why; and where it cannot. */
import { describe, expect, test } from 'vitest';
import type { WorkPlan } from '../../src/core/plan.ts';
import type { LaunchHost } from '../../src/core/plans/launch-candidate.ts';
import { type LaunchWorld, planLaunch } from '../../src/core/plans/plan-launch.ts';
import { placeOn, roomFor } from '../../src/core/plans/room.ts';
import type { Refusal } from '../../src/core/refusal.ts';
import type { LaunchCommand } from '../../src/core/request.ts';

const GIB = 1024 ** 3;
const FINGERPRINT = 'ef4e3a067f524b94c8b334e4c617dfc55ce046f4861915f9f100d4f367bd6bda';

function host(name: string, changes: Partial<LaunchHost> = {}): LaunchHost {
  return {
    host: name,
    drained: false,
    memory: { total: 16 * GIB, used: 8 * GIB },
    instances: [],
    images: [{ fingerprint: FINGERPRINT, aliases: ['debian/12', 'bookworm'], type: 'container' }],
    profiles: [{ name: 'default', pool: 'default' }, { name: 'small' }, { name: 'fast', pool: 'ssd' }],
    pools: { default: { total: 100 * GIB, used: 50 * GIB }, ssd: { total: 10 * GIB, used: 9 * GIB } },
    ...changes,
  };
}

function launch(changes: Partial<LaunchCommand> = {}): LaunchCommand {
  return { action: 'launch', image: 'debian/12', target: { instance: 'blog' }, ...changes };
}

const plan = (command: LaunchCommand, world: Partial<LaunchWorld> = {}) =>
  planLaunch('req-a1', command, { hosts: [host('web1')], silent: [], ...world });
function planned(result: WorkPlan | Refusal): WorkPlan {
  if (result.kind === 'plan') return result;
  throw new Error(`${result.reason}: ${result.message}`);
}
const placeOf = (result: WorkPlan | Refusal) => planned(result).subject;
const imageOf = (result: WorkPlan | Refusal) => {
  const thing = planned(result).steps[0]?.thing;
  return thing?.kind === 'instance' ? thing.from?.image : undefined;
};

describe('room', () => {
  test.each([
    [16, 8, 100, 50, 64],
    [16, 8, 100, 99.6, 0],
    [16, 15.9, 100, 0, 0],
    [64, 0, 21, 1, 40],
    [1, 2, 100, 0, 0],
  ])(
    'of %d GiB with %d used and %d GiB of disk with %d used is for %d',
    (memory, inUse, disk, full, count) => {
      const room = {
        memory: { total: memory * GIB, used: inUse * GIB },
        disk: { total: disk * GIB, used: full * GIB },
      };
      expect(roomFor(room)).toBe(count);
    },
  );

  test('the most wins, the first by name where it is the same, and the one of before as long as it has any', () => {
    const room = (name: string, free: number) => ({
      host: name,
      memory: { total: free * GIB, used: 0 },
      disk: { total: 100 * GIB, used: 0 },
    });
    const rooms = [room('c', 4), room('b', 8), room('a', 8), room('d', 0)];
    expect(placeOn(rooms)?.host).toBe('a');
    expect(placeOn(rooms, 'c')?.host).toBe('c');
    expect(placeOn(rooms, 'd')?.host).toBe('a');
    expect(placeOn([room('d', 0)])).toBeUndefined();
  });
});

describe('a launch is planned', () => {
  test('with two steps, the mark of its request, and no approval', () => {
    const result = planned(plan(launch({ profiles: ['default', 'small'] })));
    expect(result).toMatchObject({ action: 'launch', subject: 'web1/blog', closes: [] });
    expect(result.risk).toBeUndefined();
    expect(result.steps).toEqual([
      {
        do: 'put',
        thing: {
          kind: 'instance',
          host: 'web1',
          instance: 'blog',
          from: {
            name: 'debian/12',
            image: { fingerprint: FINGERPRINT },
            profiles: ['default', 'small'],
            request: 'req-a1',
          },
        },
      },
      {
        do: 'put',
        thing: { kind: 'power', host: 'web1', instance: 'blog', wanted: 'running', withAddress: true },
      },
    ]);
  });

  test('on the host with the most room, and says how the others stand', () => {
    const hosts = [
      host('web1', { memory: { total: 16 * GIB, used: 15 * GIB } }),
      host('web2'),
      host('web3', { drained: true }),
      host('web4', { images: [] }),
    ];
    const result = plan(launch(), { hosts, silent: [{ host: 'web5', why: 'refused' }] });
    expect(placeOf(result)).toBe('web2/blog');
    expect(planned(result).why).toEqual([
      'web2 has 8.0 GiB of memory and 50 GiB of disk free: the most',
      'web1 has 1.0 GiB of memory and 50 GiB of disk free',
      'web3 is drained: nothing new is placed there',
      'web4 has no image `debian/12`',
      'web5 does not answer',
    ]);
  });

  test('the same again, whatever memory and disk do meanwhile', () => {
    const before = [host('web1'), host('web2', { memory: { total: 16 * GIB, used: 9 * GIB } })];
    const after = [host('web1', { memory: { total: 16 * GIB, used: 12 * GIB } }), host('web2')];
    const first = planned(plan(launch(), { hosts: before }));
    expect(first.subject).toBe('web1/blog');
    const again = planned(plan(launch(), { hosts: after, before: 'web1' }));
    expect(again.fingerprint).toBe(first.fingerprint);
  });

  test('on the host that was named, however full it is of memory', () => {
    const hosts = [host('web1'), host('web2', { memory: { total: 16 * GIB, used: 16 * GIB } })];
    const result = planned(plan(launch({ target: { host: 'web2', instance: 'blog' } }), { hosts }));
    expect([result.subject, result.why[0]]).toEqual(['web2/blog', 'web2 was named']);
    expect(result.warnings).toEqual([
      'web2 has 0.0 GiB of memory and 50 GiB of disk free, which may be too little',
    ]);
  });

  test('where its own instance is already, after a crash', () => {
    const hosts = [host('web1'), host('web2', { instances: [{ name: 'blog', request: 'req-a1' }] })];
    expect(placeOf(plan(launch(), { hosts }))).toBe('web2/blog');
  });

  test.each<[string, string, Partial<LaunchHost>, object]>([
    ['an alias', 'bookworm', {}, { fingerprint: FINGERPRINT }],
    ['the beginning of a fingerprint', 'EF4E3A067F52', {}, { fingerprint: FINGERPRINT }],
    [
      'an alias before a server',
      'debian/12',
      { remote: { server: 'https://i.example', has: true } },
      { fingerprint: FINGERPRINT },
    ],
    [
      'an alias of a server',
      'alpine/3.20',
      { remote: { server: 'https://i.example', has: true } },
      { server: 'https://i.example', alias: 'alpine/3.20' },
    ],
    [
      'an alias of a server that could not be asked',
      'alpine/3.20',
      { remote: { server: 'https://i.example', has: 'unknown' } },
      { server: 'https://i.example', alias: 'alpine/3.20' },
    ],
  ])('from %s', (_, image, changes, choice) => {
    expect(imageOf(plan(launch({ image }), { hosts: [host('web1', changes)] }))).toEqual(choice);
  });

  test('with a word about where the image comes from, and about the door', () => {
    const remote = { server: 'https://i.example', has: 'unknown' } as const;
    const command = launch({ image: 'alpine', expose: { port: 53, protocol: 'udp' } });
    const result = planned(plan(command, { hosts: [host('web1', { remote })] }));
    expect(result.summary).toContain('then asks for a door to its port 53/udp');
    expect(result.warnings).toEqual([
      'web1 fetches the image from https://i.example, which could not be asked from here whether it has it',
      'the door is a request of its own, with its own approval',
    ]);
  });

  test('in the pool of the last profile with a disk', () => {
    const full = { default: { total: 10 * GIB, used: 10 * GIB }, ssd: { total: 10 * GIB, used: 0 } };
    const hosts = [host('web1', { pools: full })];
    expect(placeOf(plan(launch({ profiles: ['default', 'fast'] }), { hosts }))).toBe('web1/blog');
    expect(plan(launch(), { hosts })).toMatchObject({ reason: 'quota' });
  });
});

describe('a launch is refused', () => {
  const on = (name: string) => launch({ target: { host: name, instance: 'blog' } });
  test.each<[string, LaunchCommand, Partial<LaunchWorld>, Partial<Refusal>]>([
    [
      'where the name is taken',
      launch(),
      { hosts: [host('web1'), host('web2', { instances: [{ name: 'blog' }] })] },
      {
        reason: 'exists',
        message: 'web2 has an instance `blog` already.',
        next: 'Take another name, or name another host: `launch … blog on <host>`.',
      },
    ],
    [
      'where the name is taken by another request',
      on('web1'),
      { hosts: [host('web1', { instances: [{ name: 'blog', request: 'req-b2' }] })] },
      { reason: 'exists', next: 'Take another name.' },
    ],
    [
      'for an image that is not there',
      launch({ image: 'debian/13' }),
      {},
      {
        reason: 'not_found',
        message: 'web1 has no image `debian/13`.',
        next: 'Did you mean `debian/12`?',
      },
    ],
    [
      'for an image that is not there either',
      launch({ image: 'windows' }),
      { hosts: [host('web1', { remote: { server: 'https://i.example', has: false } })] },
      {
        message: 'web1 has no image `windows`, nor has https://i.example.',
        next: 'It has the images debian/12, bookworm.',
      },
    ],
    ['for half a fingerprint that could be a word', launch({ image: 'ef4e3a' }), {}, { reason: 'not_found' }],
    [
      'for an image of virtual machines',
      launch(),
      {
        hosts: [
          host('web1', {
            images: [{ fingerprint: FINGERPRINT, aliases: ['debian/12'], type: 'virtual-machine' }],
          }),
        ],
      },
      { message: '`debian/12` on web1 is an image of virtual machines; only containers are launched.' },
    ],
    [
      'for a profile that is not there',
      launch({ profiles: ['default', 'smal'] }),
      {},
      { message: 'web1 has no profile `smal`.', next: 'Did you mean `small`?' },
    ],
    [
      'for profiles without a disk',
      launch({ profiles: ['small'] }),
      {},
      {
        message: 'None of the profiles small gives the instance a disk on web1.',
        next: 'Add one that does: `profile default,small`.',
      },
    ],
    [
      'on a drained host',
      on('web1'),
      { hosts: [host('web1', { drained: true })] },
      { reason: 'drained', next: '`host drain web1 off` takes that back.' },
    ],
    [
      'on a host that does not answer',
      on('web1'),
      { hosts: [], silent: [{ host: 'web1', why: 'connection refused' }] },
      { reason: 'host_silent', message: 'No host could be asked: web1 did not answer (connection refused).' },
    ],
    ['where there are no hosts', launch(), { hosts: [] }, { reason: 'not_found' }],
    [
      'where no host has room',
      launch(),
      { hosts: [host('web1', { memory: { total: GIB, used: GIB } })] },
      {
        reason: 'quota',
        message: 'No host has room for another instance: web1 has 0.0 GiB of memory and 50 GiB of disk free.',
      },
    ],
    [
      'with every host’s reason where each has one',
      launch({ image: 'alpine' }),
      { hosts: [host('web1'), host('web2', { drained: true })] },
      { message: 'web1 has no image `alpine`. web2 is drained: nothing new is placed there.' },
    ],
  ])('%s', (_, command, world, refusal) => {
    expect(plan(command, world)).toMatchObject({ kind: 'refused', ...refusal });
  });
});
