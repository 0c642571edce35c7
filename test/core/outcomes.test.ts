/** What a knock proves, and steps, differences and outcomes in words. */
import { describe, expect, test } from 'vitest';
import { outcomeInWords } from '../../src/core/outcome-words.ts';
import type { DoorPlan, DoorSpec } from '../../src/core/plan.ts';
import { planExpose } from '../../src/core/plans/plan-expose.ts';
import { closedProofOf, type Knock, knockInWords, type Proof } from '../../src/core/proof.ts';
import type { Outcome } from '../../src/core/record.ts';
import type { ExposeCommand } from '../../src/core/request.ts';
import { sourcesInWords } from '../../src/core/sources.ts';
import { differenceOf, privateSideOf, publicSideOf, stepInWords } from '../../src/core/step-words.ts';
import type { Thing } from '../../src/core/thing.ts';
import {
  DROPS_BUT_OFFICE,
  exposeCommand,
  exposeWorld,
  INSIDE,
  PUBLIC,
  planned,
  REQUEST,
  type WorldChanges,
} from './worlds.ts';

const OFFICE = ['192.0.2.0/24'];

function doorFor(changes: Partial<DoorSpec> = {}): DoorSpec {
  return {
    ...planned(planExpose(REQUEST, exposeCommand({ publicPort: 8080 }), exposeWorld())).door,
    ...changes,
  };
}

const HTTP: Knock = { kind: 'http', status: 200, title: 'Blog', ms: 12 };
const OPEN: Knock = { kind: 'open', ms: 3 };
const HUNG_UP: Knock = { kind: 'hung_up', ms: 3 };
const REFUSED: Knock = { kind: 'refused' };
const FIREWALL = {
  hop: 'between here and 198.51.100.11:8080',
  next: 'A firewall on web1, in front of it or inside blog may drop it.',
};
const SILENT: Knock = { kind: 'silent' };
const UNREACHABLE: Knock = { kind: 'unreachable', why: 'no route' };

describe('the proof of a closed door', () => {
  const next = 'Something else answers there now; `list` and the host’s own services may tell what.';
  const rows: [string, Knock, 'tcp' | 'udp', Proof][] = [
    ['refused', REFUSED, 'tcp', { state: 'proven', seen: 'no longer answers (refused the connection)' }],
    ['silent', SILENT, 'tcp', { state: 'proven', seen: 'no longer answers (did not answer)' }],
    [
      'unreachable',
      UNREACHABLE,
      'tcp',
      { state: 'proven', seen: 'no longer answers (could not be reached (no route))' },
    ],
    [
      'HTTP',
      HTTP,
      'tcp',
      {
        state: 'broken',
        seen: 'still answered 200 “Blog” in 12 ms',
        broken: { hop: 'the public address', next },
      },
    ],
    [
      'accepting',
      OPEN,
      'tcp',
      { state: 'broken', seen: 'still accepted a connection', broken: { hop: 'the public address', next } },
    ],
    [
      'hanging up',
      HUNG_UP,
      'tcp',
      {
        state: 'broken',
        seen: 'still accepted a connection and hung up at once',
        broken: { hop: 'the public address', next },
      },
    ],
    ['udp that is silent', SILENT, 'udp', { state: 'proven', seen: 'no longer answers (did not answer)' }],
    [
      'udp that is not',
      OPEN,
      'udp',
      { state: 'checked', seen: 'the forward is gone; udp gives no answer of its own' },
    ],
  ];
  test.each(rows)('%s', (_, knock, protocol, proof) => {
    expect(closedProofOf(doorFor({ protocol }), knock)).toEqual(proof);
  });

  test('every knock has its own words', () => {
    const words = [HTTP, OPEN, HUNG_UP, REFUSED, SILENT, UNREACHABLE].map(knockInWords);
    expect(new Set(words).size).toBe(6);
  });
});

describe('steps in words', () => {
  const pin: Thing = { kind: 'pin', host: 'web1', instance: 'blog', nic: 'eth0', address: INSIDE };
  const filter: Thing = {
    kind: 'filter',
    host: 'web1',
    network: 'lxdbr0',
    protocol: 'udp',
    address: INSIDE,
    port: 53,
    sources: ['10.0.0.0/8', ...OFFICE],
    drops: DROPS_BUT_OFFICE,
  };
  const forward: Thing = {
    kind: 'forward',
    host: 'web1',
    network: 'lxdbr0',
    listenAddress: PUBLIC,
    listenPort: 8080,
    protocol: 'tcp',
    targetAddress: INSIDE,
    targetPort: 80,
  };
  const proxy: Thing = {
    kind: 'proxy',
    host: 'web1',
    instance: 'blog',
    listenAddress: PUBLIC,
    listenPort: 5353,
    protocol: 'udp',
    connectAddress: INSIDE,
    connectPort: 53,
    nat: true,
  };
  test.each<[Thing, string, string]>([
    [pin, 'keep blog at 10.11.0.10 (eth0)', 'no longer keep blog at 10.11.0.10 for this door'],
    [
      filter,
      'let only 10.0.0.0/8, 192.0.2.0/24 reach 10.11.0.10:53/udp',
      'drop the source filter of 10.11.0.10:53/udp',
    ],
    [
      forward,
      'forward 198.51.100.11:8080 on web1 to 10.11.0.10:80',
      'remove the forward of 198.51.100.11:8080 on web1',
    ],
    [
      proxy,
      'proxy 198.51.100.11:5353/udp on web1 to 10.11.0.10:53 in blog',
      'remove the proxy of 198.51.100.11:5353/udp on web1',
    ],
  ])('$kind', (thing, put, remove) => {
    expect(stepInWords({ do: 'put', thing })).toBe(put);
    expect(stepInWords({ do: 'remove', thing })).toBe(remove);
  });

  test('both sides of a door', () => {
    const door = doorFor({ protocol: 'udp', port: 53 });
    expect([publicSideOf(door), privateSideOf(door)]).toEqual(['198.51.100.11:8080/udp', 'web1/blog:53/udp']);
    expect([publicSideOf(doorFor()), privateSideOf(doorFor())]).toEqual([
      '198.51.100.11:8080',
      'web1/blog:80',
    ]);
  });

  test('sources', () => {
    expect([sourcesInWords(['0.0.0.0/0']), sourcesInWords(['10.0.0.0/8', ...OFFICE])]).toEqual([
      'anyone',
      '10.0.0.0/8, 192.0.2.0/24',
    ]);
  });
});

describe('what differs between two plans', () => {
  const plan = (command: Partial<ExposeCommand> = {}, world: WorldChanges = {}): DoorPlan =>
    planned(planExpose(REQUEST, exposeCommand(command), exposeWorld(world)));
  const moved: WorldChanges = {
    instance: { nics: [{ device: 'eth0', network: 'lxdbr0', address: '10.11.0.11', pinnedFor: [] }] },
  };
  test.each<[string, DoorPlan, string[]]>([
    ['nothing', plan(), []],
    ['only a warning', plan({}, { silentHosts: ['web2'] }), []],
    [
      'the public port',
      plan({ publicPort: 8080 }),
      [
        'public side: 198.51.100.11:80 → 198.51.100.11:8080',
        'no longer: forward 198.51.100.11:80 on web1 to 10.11.0.10:80',
        'new: forward 198.51.100.11:8080 on web1 to 10.11.0.10:80',
      ],
    ],
    [
      'the road',
      plan({ road: 'proxy' }),
      [
        'road: forward → proxy',
        'no longer: forward 198.51.100.11:80 on web1 to 10.11.0.10:80',
        'new: proxy 198.51.100.11:80 on web1 to 10.11.0.10:80 in blog',
      ],
    ],
    [
      'the instance’s address',
      plan({}, moved),
      [
        'no longer: keep blog at 10.11.0.10 (eth0)',
        'no longer: forward 198.51.100.11:80 on web1 to 10.11.0.10:80',
        'new: keep blog at 10.11.0.11 (eth0)',
        'new: forward 198.51.100.11:80 on web1 to 10.11.0.11:80',
      ],
    ],
    ['a filter', plan({ sources: OFFICE }), ['new: let only 192.0.2.0/24 reach 10.11.0.10:80']],
  ])('%s', (_, now, lines) => {
    expect(differenceOf(plan(), now)).toEqual(lines);
  });
});

test.each<[Outcome, string]>([
  [{ kind: 'done', proof: { state: 'proven', seen: 'answered 200 in 5 ms' } }, 'done: answered 200 in 5 ms'],
  [
    { kind: 'unproven', proof: { state: 'broken', seen: 'did not answer', broken: FIREWALL } },
    'carried out but not proven: did not answer (between here and 198.51.100.11:8080)',
  ],
  [
    { kind: 'unproven', proof: { state: 'broken', seen: 'did not answer' } },
    'carried out but not proven: did not answer',
  ],
  [
    { kind: 'refused', reason: 'not_found', message: 'There is no instance `blog`.' },
    'refused: There is no instance `blog`.',
  ],
  [{ kind: 'denied', by: 'UBOB' }, 'denied'],
  [{ kind: 'cancelled', by: 'UBOB' }, 'cancelled'],
  [
    { kind: 'cancelled', by: 'UBOB', undone: ['a forward'], left: ['a pin'] },
    'cancelled; taken back: a forward; left over: a pin',
  ],
  [{ kind: 'expired' }, 'nobody decided in time'],
  [{ kind: 'failed', message: 'web1 is gone', left: [] }, 'failed: web1 is gone'],
  [
    { kind: 'failed', message: 'web1 is gone', left: ['a pin', 'a forward'] },
    'failed: web1 is gone; left over: a pin; a forward',
  ],
])('a request that ended: $kind', (outcome, words) => {
  expect(outcomeInWords(outcome)).toBe(words);
});
