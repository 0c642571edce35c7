/** Plans that move the end of a door, and what the policy says of them. */
import { describe, expect, test } from 'vitest';
import { type DoorPlan, doorOf } from '../../src/core/plan.ts';
import { planExpose } from '../../src/core/plans/plan-expose.ts';
import { planExtend } from '../../src/core/plans/plan-extend.ts';
import type { Policy } from '../../src/core/policy.ts';
import { isRefusal } from '../../src/core/refusal.ts';
import type { ExtendCommand } from '../../src/core/request.ts';
import { factsOfCommand, factsOfPlan } from '../../src/core/rules/facts.ts';
import type { Rule } from '../../src/core/rules/rule.ts';
import { rulingOf, rulingOn } from '../../src/core/rules/ruling.ts';
import { stepInWords } from '../../src/core/step-words.ts';
import { exposeCommand, exposeWorld, planned, REQUEST } from './worlds.ts';

const NOON = Date.UTC(2026, 10, 25, 12);
const HOUR = 3_600_000;
const command: ExtendCommand = {
  action: 'extend',
  target: { instance: 'blog' },
  port: 80,
  protocol: 'tcp',
  bySeconds: 7_200,
};
const opening = exposeCommand({ publicPort: 8080 });
const openingPlan = planned(planExpose(REQUEST, opening, exposeWorld({})));

/** The door as it stands, and as the register has it. */
function standing({ door, steps }: DoorPlan) {
  return { door, things: steps.map(({ thing }) => thing) };
}
function kept({ door }: DoorPlan, endsAt: number | undefined) {
  return { openedAt: NOON - HOUR, sources: door.sources, ...(endsAt !== undefined && { endsAt }) };
}

function extended(
  endsAt: number | undefined = NOON + HOUR,
  bySeconds = 7_200,
  now = NOON,
  opened: DoorPlan = openingPlan,
) {
  const plan = planExtend({ ...command, bySeconds }, standing(opened), kept(opened, endsAt), now);
  if (isRefusal(plan)) throw new Error(plan.message);
  return plan;
}

describe('a plan that moves the end', () => {
  test('has one step, with both ends in it', () => {
    const plan = extended();
    expect(plan).toMatchObject({ action: 'extend', subject: 'web1/blog', closes: [] });
    expect(plan.summary).toContain('open 2 h longer, until 2026-11-25 15:00 UTC');
    expect(plan.steps.map((step) => step.thing)).toEqual([
      { kind: 'end', host: 'web1', door: 'door-a1', was: NOON + HOUR, until: NOON + 3 * HOUR },
    ]);
    expect(plan.steps.map(stepInWords)).toEqual([
      'close door-a1 at 2026-11-25 15:00 UTC, not at 2026-11-25 13:00 UTC',
    ]);
    expect(doorOf(plan)).toEqual(openingPlan.door);
  });

  test('is the same plan whenever it is made, until the end moves', () => {
    expect(extended(NOON + HOUR, 7_200, NOON + HOUR / 2).fingerprint).toBe(extended().fingerprint);
    expect(extended(NOON + 2 * HOUR).fingerprint).not.toBe(extended().fingerprint);
    expect(extended(NOON + HOUR, 3_600).fingerprint).not.toBe(extended().fingerprint);
  });

  test('goes to a moment that is named, and says how long the door will have been open', () => {
    const { bySeconds: _by, ...named } = command;
    const until = NOON + 5 * HOUR;
    const plan = planExtend({ ...named, until }, standing(openingPlan), kept(openingPlan, NOON + HOUR), NOON);
    expect(plan).toMatchObject({ lastsSeconds: 6 * 3_600, steps: [{ thing: { until } }] });
    const sooner = planExtend(
      { ...named, until: NOON + HOUR },
      standing(openingPlan),
      kept(openingPlan, NOON + HOUR),
      NOON,
    );
    expect(sooner).toMatchObject({ reason: 'nothing_to_do', next: expect.stringContaining('unexpose') });
  });

  test('tells the guard of the host as well, for those who were let in', () => {
    const guarded = planned(
      planExpose(
        REQUEST,
        exposeCommand({ publicPort: 8080, sources: ['10.0.0.0/8'], forSeconds: 3_600 }),
        exposeWorld({ host: { guard: { doors: [] } } }),
      ),
    );
    const { steps } = extended(NOON + HOUR, 7_200, NOON, guarded);
    expect(steps.map(({ thing }) => thing)).toEqual([
      { kind: 'end', host: 'web1', door: 'door-a1', was: NOON + HOUR, until: NOON + 3 * HOUR },
      {
        kind: 'guard_end',
        host: 'web1',
        address: '198.51.100.11',
        protocol: 'tcp',
        port: 8080,
        sources: ['10.0.0.0/8'],
        was: NOON + HOUR,
        until: NOON + 3 * HOUR,
      },
    ]);
  });

  test.each([
    ['a door without an end', undefined, 7_200, 'has no end', 'open it again with `for 2h`'],
    ['an end that has come', NOON, 7_200, 'has come', 'Open it again.'],
    ['more than a year from now', NOON + HOUR, 366 * 86_400, 'more than 366 days', 'It ends at 2026-11-25'],
  ])('is refused for %s', (_, endsAt, bySeconds, message, next) => {
    expect(
      planExtend({ ...command, bySeconds }, standing(openingPlan), kept(openingPlan, endsAt), NOON),
    ).toMatchObject({
      kind: 'refused',
      reason: 'nothing_to_do',
      message: expect.stringContaining(message),
      next: expect.stringContaining(next),
    });
  });
});

describe('the policy on moving an end', () => {
  const POLICY: Policy = {
    roles: { developers: { users: ['UDEV'], groups: [] }, operators: { users: ['UOPS'], groups: [] } },
    rights: { look: [], ask: ['developers'], panic: [], approve: ['operators'] },
    ownRequests: false,
    privateNetworks: ['10.0.0.0/8'],
    approvalSeconds: 3_600,
    sensitivePorts: [{ from: 22, to: 22 }],
    rules: [],
  };
  const asked = { requester: 'UDEV', groups: [], channel: 'C1', at: NOON };
  const labels = () => ({ env: 'production' });

  /** Of a door with these sources, and of keeping it open. */
  function both(rules: Rule[], sources = ['0.0.0.0/0']) {
    const made = exposeCommand({ publicPort: 8080, sources });
    const open = planned(planExpose(REQUEST, made, exposeWorld({})));
    const keep = planExtend(command, standing(open), kept(open, NOON + HOUR), NOON);
    if (isRefusal(keep)) throw new Error(keep.message);
    const policy = { ...POLICY, rules };
    const on = (plan: typeof open | typeof keep, of: typeof made | typeof command) =>
      rulingOn(policy, { ...factsOfPlan(plan, of, asked, labels), planned: true });
    return { open: on(open, made), keep: on(keep, command) };
  }
  const need = { by: ['operators'], count: 2, own: false, waitSeconds: 60 };

  test.each<[string, Rule[], string[] | undefined, 'allow' | 'approve' | 'refuse']>([
    ['for anyone', [], undefined, 'approve'],
    ['for a private network', [], ['10.0.0.0/8'], 'allow'],
    [
      'by a rule about exposing',
      [{ name: 'two', when: { actions: ['expose'] }, end: 'approve', need }],
      undefined,
      'approve',
    ],
    [
      'by a rule about the label, the port, the road and the sources',
      [
        {
          name: 'no',
          when: {
            labels: { env: 'production' },
            ports: [{ from: 8080, to: 8080 }],
            roads: ['forward'],
            beyond: ['10.0.0.0/8'],
          },
          end: 'refuse',
          text: 'no',
        },
      ],
      undefined,
      'refuse',
    ],
  ])('is that on opening this very door: %s', (_, rules, sources, end) => {
    const { open, keep } = both(rules, sources);
    expect(keep).toEqual(open);
    expect(keep.end).toBe(end);
  });

  test('may be another one by a rule of its own, which opening does not heed', () => {
    const rule: Rule = { name: 'once', when: { actions: ['extend'] }, end: 'refuse', text: 'no longer' };
    expect(both([rule])).toMatchObject({ keep: { end: 'refuse' }, open: { end: 'approve' } });
  });

  test('depends, before there is a plan, on what the command alone does not say', () => {
    const early = (when: Rule['when']) =>
      rulingOf(
        { ...POLICY, rules: [{ name: 'no', when, end: 'refuse', text: 'no' }] },
        factsOfCommand(command, asked),
      );
    expect(early({ beyond: ['10.0.0.0/8'] })).toBeUndefined();
    expect(early({ roads: ['forward'] })).toBeUndefined();
    expect(early({ actions: ['expose'], ports: [{ from: 80, to: 80 }] })?.end).toBe('refuse');
  });
});
