/** What becomes of the register by what stands, and which doors a request may still change. */
import { describe, expect, it } from 'vitest';
import { parseCommand } from '../../src/core/commands/command.ts';
import type { DoorSpec, WorkPlan } from '../../src/core/plan.ts';
import { makePlan, makeWorkPlan } from '../../src/core/plan.ts';
import type { Door, RequestRecord } from '../../src/core/record.ts';
import { recoverRegister, type SeenPlace, type Survivors } from '../../src/core/recovery/recover-register.ts';
import { recoveryInWords } from '../../src/core/recovery/recovery-words.ts';
import { isUnderWay } from '../../src/core/recovery/under-way.ts';
import { isRefusal } from '../../src/core/refusal.ts';
import type { ChangeCommand } from '../../src/core/request.ts';

const NOW = 1_800_000_000_000;

function spec(id: string, over: Partial<DoorSpec> = {}): DoorSpec {
  const side = { port: 80, protocol: 'tcp', publicAddress: '198.51.100.11', publicPort: 80 } as const;
  return { id, host: 'web1', instance: 'blog', ...side, road: 'forward', sources: ['0.0.0.0/0'], ...over };
}

function seen(name: string, doors: DoorSpec[], ends: [string, number][] = []): SeenPlace {
  return { name, doors: doors.map((door) => ({ door, things: [] })), ends: new Map(ends) };
}

function survivors(over: Partial<Survivors> = {}): Survivors {
  return { register: [], requests: new Map(), isUnderWay: () => false, owner: 'U0OWNER', now: NOW, ...over };
}

describe('a door that nobody knows any more', () => {
  it('ends when the guard of its host lets nobody in any more', () => {
    const { changes } = recoverRegister(
      [seen('web1', [spec('door-a'), spec('door-b')], [['door-a', NOW + 60_000]])],
      survivors(),
    );
    expect(changes.map(({ after }) => [after?.id, after?.endsAt])).toEqual([
      ['door-a', NOW + 60_000],
      ['door-b', undefined],
    ]);
    expect(changes[0]?.after).toMatchObject({ owner: 'U0OWNER', openedAt: NOW, request: 'req-a' });
  });

  it('has a public address in the register, whatever is known of it', () => {
    const { publicAddress: _, ...lan } = spec('door-a', { road: 'lan' });
    const before = { ...spec('door-a', { road: 'lan' }), publicAddress: '198.51.100.40' } as Door;
    const fresh = recoverRegister([seen('web1', [lan])], survivors());
    expect(fresh.changes[0]?.after?.publicAddress).toBe('0.0.0.0');
    const kept = recoverRegister([seen('web1', [lan])], survivors({ register: [before] }));
    expect([kept.changes, kept.kept]).toEqual([[], [before]]);
  });
});

it('a door whose request did not end by opening it is taken up, and said to stand without leave', () => {
  const command = { action: 'expose', target: { instance: 'blog' }, port: 80, protocol: 'tcp' } as const;
  const asked = { id: 'req-a', requester: 'U0ALICE', channel: 'C0DOORS', text: '', at: 1 };
  const of = (outcome: RequestRecord['outcome']): Map<string, RequestRecord> => {
    const record = {
      asked: { ...asked, command: { ...command, sources: [] as string[] } },
      state: 'ended',
    } as const;
    return new Map([['door-a', { ...record, ...(outcome && { outcome }) }]]);
  };
  const words = (outcome: RequestRecord['outcome']) =>
    recoveryInWords(
      recoverRegister([seen('web1', [spec('door-a')])], survivors({ requests: of(outcome) })),
    ).join();
  expect(words({ kind: 'denied', by: 'U0BOB' })).toContain(
    'Its request ended otherwise (denied): it should not stand',
  );
  const proof = { state: 'proven', seen: '' } as const;
  expect(words({ kind: 'done', proof })).toMatch(/Its owner is U0ALICE\.$/);
});

it('a door that moved to another host is mended, not dropped, though its host did not answer', () => {
  const before = { ...spec('door-a'), owner: 'U0ALICE', things: [] } as unknown as Door;
  const places = [
    { name: 'web1', silent: 'cut', ends: new Map() },
    seen('web2', [spec('door-a', { host: 'web2' })]),
  ];
  const { changes } = recoverRegister(places, survivors({ register: [before] }));
  expect(changes).toHaveLength(1);
  expect(changes[0]?.after).toMatchObject({ host: 'web2', owner: 'U0ALICE' });
  // What was put on the old host is not what holds it up on the new one.
  expect(changes[0]?.after).not.toHaveProperty('things');
});

describe('a request under way', () => {
  const door = { id: 'door-a', host: 'web1', instance: 'blog' };
  const parts = { why: [], warnings: [], steps: [] };
  const work = (closes: DoorSpec[]): WorkPlan =>
    makeWorkPlan({ ...parts, action: 'host drain', subject: '', summary: '', closes, approvals: 1 });

  function of(
    text: string,
    plan?: RequestRecord['plan'],
    id = 'req-b',
  ): Pick<RequestRecord, 'asked' | 'plan'> {
    const command = parseCommand(text, {});
    if (isRefusal(command)) throw new Error(command.message);
    const asked = { id, command: command as ChangeCommand, requester: '', channel: '', text, at: 0 };
    return { asked, ...(plan && { plan }) };
  }

  it.each<[string, ReturnType<typeof of>, boolean]>([
    ['that opened it', of('expose other 80', undefined, 'req-a'), true],
    ['about its instance', of('unexpose blog 80'), true],
    ['about its instance on another host', of('unexpose web2/blog 80'), false],
    ['about another instance', of('unexpose shop 80'), false],
    ['panic everywhere', of('panic'), true],
    ['panic on another host', of('panic web2'), false],
    ['about its host', of('host drain web1'), true],
    ['about another host', of('host drain web2'), false],
    ['that deletes its instance', of('delete blog'), true],
    [
      'planned for it',
      of('unexpose shop 80', makePlan({ ...parts, action: 'close', door: spec('door-a') })),
      true,
    ],
    [
      'planned for another',
      of('unexpose blog 80', makePlan({ ...parts, action: 'close', door: spec('door-c') })),
      false,
    ],
    ['that closes it on the way', of('host drain web2', work([spec('door-c'), spec('door-a')])), true],
    ['that closes others on the way', of('host drain web1', work([spec('door-c')])), false],
  ])('%s', (_, request, expected) => {
    expect(isUnderWay(request, door)).toBe(expected);
  });
});
