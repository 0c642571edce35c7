/** What is done with instances that exist: steps, risks and refusals; and what of them outlives a restore. */
import { describe, expect, test } from 'vitest';
import type { WorkPlan } from '../../src/core/plan.ts';
import {
  type InstanceSeen,
  planPower,
  planRestore,
  planSnapshot,
} from '../../src/core/plans/plan-instance.ts';
import type { Refusal } from '../../src/core/refusal.ts';
import type { PowerCommand, SnapshotCommand } from '../../src/core/request.ts';
import { stepInWords } from '../../src/core/step-words.ts';
import { CARD_KEY, cardText } from '../../src/core/tags/card.ts';
import { type Kept, keptOf, withKept } from '../../src/core/tags/kept.ts';
import { PIN_KEY, pinText } from '../../src/core/tags/pin.ts';
import { forwardWorld, hostWorld, instanceWorld, nicWorld, PUBLIC } from './worlds.ts';

const NOTHING: Kept = { config: {}, devices: {} };
const target = { instance: 'blog' };

function seen(changes: Partial<InstanceSeen> = {}): InstanceSeen {
  return { host: hostWorld(), name: 'blog', status: 'Running', snapshots: [], kept: NOTHING, ...changes };
}

/** With a door that somebody opened to blog:80, pinned. */
const WITH_DOOR = hostWorld({
  forwards: [forwardWorld([{ door: 'door-a1' }])],
  instances: [instanceWorld({ nics: [nicWorld({ pinned: '10.11.0.10', pinnedFor: ['door-a1'] })] })],
});

const power = (action: PowerCommand['action'], changes: Partial<InstanceSeen> = {}) =>
  planPower({ action, target }, seen(changes));
const restore = (changes: Partial<InstanceSeen> = {}, snapshot?: string) => {
  const command: SnapshotCommand = { action: 'restore', target, ...(snapshot !== undefined && { snapshot }) };
  return planRestore(command, seen(changes));
};
const keep = (changes: Partial<InstanceSeen> = {}, snapshot?: string) => {
  const command: SnapshotCommand = {
    action: 'snapshot',
    target,
    ...(snapshot !== undefined && { snapshot }),
  };
  return planSnapshot('req-a1', command, seen(changes));
};
function planned(result: WorkPlan | Refusal): WorkPlan {
  if (result.kind === 'plan') return result;
  throw new Error(`${result.reason}: ${result.message}`);
}
const stepsOf = (result: WorkPlan | Refusal) => planned(result).steps.map(stepInWords);

const SNAPSHOTS = [
  { name: 'first', at: '2026-01-01 10:00 UTC' },
  { name: 'second', at: '2026-01-02 10:00 UTC' },
];

describe('starting and stopping', () => {
  test.each<[PowerCommand['action'], string, string[]]>([
    ['start', 'Stopped', ['start blog on web1']],
    ['stop', 'Running', ['stop blog on web1']],
    ['stop', 'Frozen', ['stop blog on web1']],
    ['restart', 'Running', ['stop blog on web1', 'start blog on web1']],
  ])('%s of one that is %s', (action, status, steps) => {
    const result = planned(power(action, { status }));
    expect(stepsOf(result)).toEqual(steps);
    expect(result).toMatchObject({ action, subject: 'web1/blog', closes: [], approvals: 1 });
    expect(result.risk).toBeUndefined();
  });

  test.each<[PowerCommand['action'], string, Partial<Refusal>]>([
    ['start', 'Running', { reason: 'nothing_to_do', next: '`restart web1/blog` starts it anew.' }],
    ['stop', 'Stopped', { reason: 'nothing_to_do', message: 'web1/blog is stopped already.' }],
    ['restart', 'Stopped', { reason: 'not_running', next: 'Start it: `start web1/blog`.' }],
    ['start', 'Frozen', { reason: 'not_running', message: 'web1/blog is frozen.' }],
    ['restart', 'Error', { reason: 'not_running', message: 'web1/blog is error.' }],
  ])('no %s of one that is %s', (action, status, refusal) => {
    expect(power(action, { status })).toMatchObject({ kind: 'refused', ...refusal });
  });

  test.each<[PowerCommand['action'], string | undefined]>([
    ['stop', '1 door to it would lead nowhere until it runs again'],
    ['restart', '1 door to it would lead nowhere until it has started'],
  ])('a %s with a door is a risk', (action, risk) => {
    const result = planned(power(action, { host: WITH_DOOR }));
    expect([result.risk, result.warnings]).toEqual([risk, [`${PUBLIC}:80 leads there`]]);
    expect(result.closes).toEqual([]);
  });

  test('a start with a door is none', () => {
    expect(planned(power('start', { host: WITH_DOOR, status: 'Stopped' })).risk).toBeUndefined();
  });
});

describe('deleting', () => {
  test('closes the doors first, from the outside in, each under its own name', () => {
    const result = planned(power('delete', { host: WITH_DOOR, snapshots: SNAPSHOTS }));
    expect(stepsOf(result)).toEqual([
      `remove the forward of ${PUBLIC}:80 on web1`,
      'no longer keep blog at 10.11.0.10 for this door',
      'delete blog on web1',
    ]);
    expect(result.steps.map(({ door }) => door?.id)).toEqual(['door-a1', 'door-a1', undefined]);
    expect(result).toMatchObject({
      risk: 'nothing brings blog back',
      closes: [{ id: 'door-a1' }],
      warnings: [`${PUBLIC}:80 is closed`, '2 snapshots lost with it', 'it runs now, and is stopped'],
      summary: 'closes 1 door of web1/blog and deletes it',
    });
  });

  test('leaves the doors of others alone', () => {
    const host = hostWorld({ forwards: [forwardWorld([{ door: 'door-b2', instance: 'web' }])] });
    const result = planned(power('delete', { host, status: 'Stopped' }));
    expect([stepsOf(result), result.closes, result.warnings]).toEqual([['delete blog on web1'], [], []]);
  });
});

describe('keeping and restoring', () => {
  test('a snapshot without a name is called after its request, and needs no approval', () => {
    const result = planned(keep());
    expect(stepsOf(result)).toEqual(['keep blog on web1 as snap-a1']);
    expect(result.risk).toBeUndefined();
    expect(result.warnings).toHaveLength(1);
    expect(planned(keep({ status: 'Stopped' })).warnings).toEqual([]);
  });

  test('a name that is taken is refused', () => {
    expect(keep({ snapshots: SNAPSHOTS }, 'first')).toMatchObject({
      reason: 'exists',
      next: 'Take another name; there are `second`, `first`.',
    });
  });

  test('the newest is restored where none is named, and the doors stay', () => {
    const kept = { config: { 'user.drawbridge.pin': 'eth0 own door-a1' }, devices: {} };
    const result = planned(restore({ snapshots: SNAPSHOTS, host: WITH_DOOR, kept }));
    expect(result).toMatchObject({
      risk: 'what changed in blog since is lost',
      why: ['it is the newest snapshot'],
      summary: 'puts web1/blog back to second, which was kept at 2026-01-02 10:00 UTC',
      warnings: ['it is stopped for that, and started again', `its doors stay as they are: ${PUBLIC}:80`],
      closes: [],
    });
    expect(result.steps[0]?.thing).toEqual({
      kind: 'restored',
      host: 'web1',
      instance: 'blog',
      snapshot: 'second',
      kept,
      running: true,
    });
  });

  test('one that is named, of an instance that is stopped', () => {
    const result = planned(restore({ snapshots: SNAPSHOTS, status: 'Stopped' }, 'first'));
    expect([result.why, result.warnings]).toEqual([[], []]);
    expect(result.steps[0]?.thing).toMatchObject({ snapshot: 'first', running: false });
  });

  test.each<[string, InstanceSeen['snapshots'], string | undefined, Partial<Refusal>]>([
    [
      'none is there',
      [],
      undefined,
      { message: 'web1/blog has no snapshots.', next: '`snapshot web1/blog` makes one.' },
    ],
    [
      'the name is mistyped',
      SNAPSHOTS,
      'frist',
      { message: 'web1/blog has no snapshot `frist`.', next: 'Did you mean `restore web1/blog first`?' },
    ],
    ['the name is unknown', SNAPSHOTS, 'yesterday', { next: 'There are: `second`, `first`.' }],
  ])('a restore is refused where %s', (_, snapshots, name, refusal) => {
    expect(restore({ snapshots }, name)).toMatchObject({ reason: 'not_found', ...refusal });
  });
});

describe('what outlives a restore', () => {
  const nic = { type: 'nic', network: 'lxdbr0', name: 'eth0' };
  const pin = (inherited: boolean) => ({
    [PIN_KEY]: pinText({ nic: 'eth0', inherited, doors: ['door-old'] }),
  });
  const card = (before?: Record<string, string>) => ({
    [CARD_KEY]: cardText({ device: 'eth0', road: 'routed', doors: [], ...(before && { before }) }),
  });

  test('is what is ours: marks, proxies of doors, cards that are pinned', () => {
    const config = { 'user.drawbridge': 'req-a1', 'user.other': '1', ...pin(false) };
    const devices = { eth0: nic, eth1: nic, 'drawbridge-door-a1': { type: 'proxy' }, web: { type: 'proxy' } };
    expect(keptOf({ config, devices })).toEqual({
      config: { 'user.drawbridge': 'req-a1', ...pin(false) },
      devices: { eth0: nic, 'drawbridge-door-a1': { type: 'proxy' } },
    });
  });

  test.each<[string, Kept, Kept, Kept]>([
    [
      'a door of then is gone, with its proxy',
      {
        config: { 'user.x': '1' },
        devices: { 'drawbridge-door-old': { type: 'proxy' }, web: { type: 'proxy' } },
      },
      NOTHING,
      { config: { 'user.x': '1' }, devices: { web: { type: 'proxy' } } },
    ],
    [
      'a pin of then on a card of a profile takes the card along',
      { config: pin(true), devices: { eth0: { ...nic, 'ipv4.address': '10.11.0.10' } } },
      NOTHING,
      NOTHING,
    ],
    [
      'a pin of then on a card of its own leaves the card',
      { config: pin(false), devices: { eth0: { ...nic, 'ipv4.address': '10.11.0.10' } } },
      NOTHING,
      { config: {}, devices: { eth0: nic } },
    ],
    [
      'a card of then gives back what was there before',
      { config: card(nic), devices: { eth0: { type: 'nic', nictype: 'routed' } } },
      NOTHING,
      { config: {}, devices: { eth0: nic } },
    ],
    [
      'a card of then in place of a profile’s goes',
      { config: card(), devices: { eth0: { type: 'nic', nictype: 'routed' } } },
      NOTHING,
      NOTHING,
    ],
    [
      'what is of now stands in the place of what was then',
      {
        config: { ...pin(true), 'user.x': '1' },
        devices: { eth0: { ...nic, 'ipv4.address': '10.11.0.10' } },
      },
      {
        config: { [PIN_KEY]: 'eth0 inherited door-new' },
        devices: { eth0: { ...nic, 'ipv4.address': '10.11.0.11' } },
      },
      {
        config: { 'user.x': '1', [PIN_KEY]: 'eth0 inherited door-new' },
        devices: { eth0: { ...nic, 'ipv4.address': '10.11.0.11' } },
      },
    ],
  ])('%s', (_, restored, kept, whole) => {
    expect(withKept(restored, kept)).toEqual(whole);
  });
});
