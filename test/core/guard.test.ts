/** What a guard is told, and what it makes of plans. */
import { describe, expect, test } from 'vitest';
import { type GuardedDoor, guardLines, guardsSo, unguardLines } from '../../src/core/guard.ts';
import { guardInstaller, guardRight } from '../../src/core/guard-program.ts';
import { planExpose } from '../../src/core/plans/plan-expose.ts';
import { planClosing } from '../../src/core/plans/plan-unexpose.ts';
import { endInWords } from '../../src/core/plans/with-guard.ts';
import type { ExposeCommand } from '../../src/core/request.ts';
import { standingDoors } from '../../src/core/tags/standing-doors.ts';
import {
  afterSteps,
  DOOR,
  exposeCommand,
  exposeWorld,
  forwardWorld,
  hostWorld,
  PUBLIC,
  planned,
  REQUEST,
} from './worlds.ts';

const OFFICE = ['192.0.2.0/24'];
const DOOR_80: GuardedDoor = { door: 'door-a1', address: PUBLIC, protocol: 'tcp', port: 80, sources: OFFICE };
const GUARD = { guard: { doors: [] } };

function plan(command: Partial<ExposeCommand> = {}, host = {}) {
  return planned(planExpose(REQUEST, exposeCommand(command), exposeWorld({ host: { ...GUARD, ...host } })));
}

describe('the lines for a guard', () => {
  test('guard the door, and let in each source for the time', () => {
    const lines = guardLines({ ...DOOR_80, endsInSeconds: 60 }, { doors: [] });
    expect(lines.filter((line) => line.startsWith('add')).at(-1)).toBe(
      `add element ip drawbridge allowed { ${PUBLIC} . tcp . 80 . 192.0.2.0/24 timeout 60s comment "door-a1" }`,
    );
    expect(lines).toContain(`add element ip drawbridge guarded { ${PUBLIC} . tcp . 80 comment "door-a1" }`);
  });

  test('take back what the door let in before, and what another one left at its place', () => {
    const wider = { ...DOOR_80, sources: ['10.0.0.0/8'] };
    const other = { ...DOOR_80, door: 'door-old', sources: ['172.16.0.0/12'] };
    const lines = guardLines(DOOR_80, { doors: [wider, other] });
    for (const source of ['10.0.0.0/8', '172.16.0.0/12'])
      expect(lines).toContain(`delete element ip drawbridge allowed { ${PUBLIC} . tcp . 80 . ${source} }`);
  });

  test('leave a closed door shut for an hour, so that what was open is cut', () => {
    expect(unguardLines('door-a1', { doors: [DOOR_80] }).at(-1)).toBe(
      `add element ip drawbridge guarded { ${PUBLIC} . tcp . 80 timeout 3600s }`,
    );
    expect(unguardLines('door-b2', { doors: [DOOR_80] })).toEqual([]);
  });
});

describe('a guard that is told again', () => {
  test.each<[string, Partial<GuardedDoor>, Partial<GuardedDoor>, boolean]>([
    ['has the same', {}, {}, true],
    ['has less time left', { endsInSeconds: 50 }, { endsInSeconds: 60 }, true],
    ['has more time left', { endsInSeconds: 70 }, { endsInSeconds: 60 }, false],
    ['has no end where there is one', {}, { endsInSeconds: 60 }, false],
    ['has an end where there is none', { endsInSeconds: 60 }, {}, false],
    ['lets in nobody', { sources: [] }, {}, false],
    ['lets in others', { sources: ['10.0.0.0/8'] }, {}, false],
    ['is at another port', { port: 81 }, {}, false],
  ])('%s', (_, present, wanted, expected) => {
    expect(guardsSo({ ...DOOR_80, ...wanted }, { doors: [{ ...DOOR_80, ...present }] })).toBe(expected);
  });
});

describe('a door on a host with a guard', () => {
  test('is guarded before anything leads in, for its sources and its time', () => {
    const { steps } = plan({ sources: OFFICE, forSeconds: 7_200, publicPort: 8080 });
    expect(steps.map(({ thing }) => thing.kind)).toEqual(['pin', 'guard', 'forward']);
    expect(steps[1]?.thing).toEqual({
      ...{ kind: 'guard', host: 'web1', address: PUBLIC, protocol: 'tcp', port: 8080 },
      ...{ sources: OFFICE, forSeconds: 7_200 },
    });
  });

  test('may have sources on a road that hides the client, and on an LXD without ACLs', () => {
    const can = { forward: false, proxy: true, proxyNat: false, filter: false, routed: false };
    const { door, steps } = plan({ sources: OFFICE }, { can });
    expect(door.road).toBe('userspace');
    expect(steps.map(({ thing }) => thing.kind)).toEqual(['guard', 'proxy']);
  });

  test('may have other sources than another door to the same port', () => {
    const others = { forwards: [forwardWorld([{ listenPort: '8080' }])] };
    expect(plan({ sources: OFFICE, publicPort: 80 }, others).steps).not.toHaveLength(0);
    expect(
      planExpose(REQUEST, exposeCommand({ sources: OFFICE, publicPort: 80 }), exposeWorld({ host: others })),
    ).toMatchObject({ reason: 'sources_conflict' });
  });

  test('is not opened where the guard cannot be asked', () => {
    const world = exposeWorld({ host: { guardTrouble: 'sudo: a password is required' } });
    expect(planExpose(REQUEST, exposeCommand(), world)).toMatchObject({
      reason: 'host_silent',
      message: expect.stringContaining('a password is required'),
      next: expect.stringContaining('/lxd doctor'),
    });
  });

  test('goes with its guard, by one plan whether its time is over or not', () => {
    const { door, steps } = plan({ sources: OFFICE, publicPort: 80 });
    const after = afterSteps(hostWorld(GUARD), door, steps);
    const closingWith = (sources: string[]) => {
      const guard = { doors: [{ ...DOOR_80, door: DOOR, sources }] };
      expect(after.guard?.doors).toEqual([{ ...DOOR_80, door: DOOR }]);
      const [standing] = standingDoors({ ...after, guard });
      if (standing === undefined) throw new Error('the door stands');
      return { standing, closing: planClosing(standing) };
    };
    const [open, over] = [closingWith(OFFICE), closingWith([])];
    expect(open.closing.steps.map(({ thing }) => thing.kind)).toEqual(['forward', 'guard', 'pin']);
    expect(open.standing.door.sources).toEqual(OFFICE);
    expect(over.standing.door.sources).toEqual([]);
    expect(over.closing.fingerprint).toBe(open.closing.fingerprint);
  });

  test('has an end that the host keeps; without a guard the plan says that it depends on Drawbridge', () => {
    expect(endInWords(plan({ forSeconds: 60 }))).toContain('web1 itself keeps this end');
    const without = planned(planExpose(REQUEST, exposeCommand({ forSeconds: 60 }), exposeWorld({})));
    expect(endInWords(without)).toContain('depends on Drawbridge running');
    expect(endInWords(plan())).toBeUndefined();
  });
});

test('the installer puts the program, its right and its unit on a host', () => {
  const text = guardInstaller('drawbridge');
  expect(text).toContain(guardRight('drawbridge'));
  expect(text).toContain('systemctl enable --now drawbridge-guard.service');
});
