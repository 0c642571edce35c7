/**
 * The policy as a table: what every role gets for every command, whether it is risky or not, and who may decide on whose request. Read a row
 * as: – refused, goes at once, or needs so many approvals.
 */
import { describe, expect, it } from 'vitest';
import { isChange } from '../../src/core/commands/grammar.ts';
import { ACTION_NAMES } from '../../src/core/commands/help.ts';
import { mayDecide, mayUse, type Person, type Policy } from '../../src/core/policy.ts';
import type { ActionName } from '../../src/core/request.ts';
import type { ChangeAction } from '../../src/core/rules/rule.ts';
import { needOf, rulingOn } from '../../src/core/rules/ruling.ts';

const POLICY: Policy = {
  roles: {
    lookers: { users: ['ULOOK'], groups: [] },
    askers: { users: ['UASK'], groups: [] },
    approvers: { users: ['UAPPROVE'], groups: [] },
    guards: { users: ['UGUARD'], groups: [] },
    all: { users: ['UALL', 'UALL2'], groups: [] },
  },
  rights: {
    look: ['lookers', 'askers', 'approvers', 'guards', 'all'],
    ask: ['askers', 'all'],
    approve: ['approvers', 'all'],
    panic: ['guards', 'all'],
  },
  ownRequests: false,
  privateNetworks: ['10.0.0.0/8'],
  approvalSeconds: 3_600,
  sensitivePorts: [{ from: 22, to: 22 }],
  rules: [],
};
const PEOPLE = ['USTRANGER', 'ULOOK', 'UASK', 'UAPPROVE', 'UGUARD', 'UALL'] as const;
const person = (user: string): Person => ({ user, groups: [] });

/** What is at stake: for doors the port and whom they let in, for work whether the plan says that something can be lost. */
type Stake = 'calm' | 'risky';

/** command, stake: stranger, looker, asker, approver, guard, somebody with every right. */
const TABLE = `
expose            calm    –  –  goes  –  –     goes
expose            risky   –  –  1     –  –     1
extend            calm    –  –  goes  –  –     goes
extend            risky   –  –  1     –  –     1
repair            calm    –  –  goes  –  –     goes
repair            risky   –  –  1     –  –     1
adopt             calm    –  –  goes  –  –     goes
adopt             risky   –  –  1     –  –     1
unexpose          calm    –  –  goes  –  –     goes
unexpose          risky   –  –  goes  –  –     goes
launch            calm    –  –  goes  –  –     goes
launch            risky   –  –  1     –  –     1
start             calm    –  –  goes  –  –     goes
start             risky   –  –  1     –  –     1
stop              calm    –  –  goes  –  –     goes
stop              risky   –  –  1     –  –     1
restart           calm    –  –  goes  –  –     goes
restart           risky   –  –  1     –  –     1
delete            calm    –  –  goes  –  –     goes
delete            risky   –  –  1     –  –     1
snapshot          calm    –  –  goes  –  –     goes
snapshot          risky   –  –  1     –  –     1
restore           calm    –  –  goes  –  –     goes
restore           risky   –  –  1     –  –     1
host create       calm    –  –  goes  –  –     goes
host create       risky   –  –  1     –  –     1
host adopt        calm    –  –  goes  –  –     goes
host adopt        risky   –  –  1     –  –     1
host drain        calm    –  –  goes  –  –     goes
host drain        risky   –  –  1     –  –     1
host delete       calm    –  –  goes  –  –     goes
host delete       risky   –  –  2     –  –     2
cancel            calm    –  –  goes  –  –     goes
why               calm    –  goes goes goes goes goes
plan              calm    –  goes goes goes goes goes
policy            calm    –  goes goes goes goes goes
doors             calm    –  goes goes goes goes goes
list              calm    –  goes goes goes goes goes
info              calm    –  goes goes goes goes goes
logs              calm    –  goes goes goes goes goes
hosts             calm    –  goes goes goes goes goes
doctor            calm    –  goes goes goes goes goes
requests          calm    –  goes goes goes goes goes
audit             calm    –  goes goes goes goes goes
panic             calm    –  –    –    –    goes goes
help              calm    goes goes goes goes goes goes
`;

const ROWS = TABLE.trim()
  .split('\n')
  .map((row) => {
    const [, action = '', stake = '', cells = ''] = /^(.+?)\s+(calm|risky)\s+(.*)$/.exec(row) ?? [];
    return { action: action as ActionName, stake: stake as Stake, cells: cells.split(/\s+/) };
  });

/** What a person gets who types it. */
function verdict(user: string, action: ActionName, stake: Stake): string {
  if (!mayUse(POLICY, person(user), action)) return '–';
  if (!isChange(action) || action === 'panic') return 'goes';
  const isDoor = ['expose', 'extend', 'repair', 'adopt', 'unexpose'].includes(action);
  const ruling = rulingOn(POLICY, {
    ...{ action: action as ChangeAction, requester: person(user), channel: 'C1', at: 0, planned: true },
    ...{ host: 'web1', labels: {} },
    ...(isDoor && { road: 'forward', sources: ['10.0.0.0/8'], ports: [stake === 'risky' ? 22 : 80, 8080] }),
    ...(!isDoor &&
      stake === 'risky' && { risk: 'something is lost', approvals: action === 'host delete' ? 2 : 1 }),
  });
  return ruling.end === 'approve' ? String(ruling.need.count) : ruling.end === 'allow' ? 'goes' : '–';
}

describe('every command for every role', () => {
  it('has a row for each command, and for each that changes something two', () => {
    const rows = ROWS.map(({ action, stake }) => `${action} ${stake}`);
    const wanted = ACTION_NAMES.flatMap((action) =>
      isChange(action) && action !== 'panic' ? [`${action} calm`, `${action} risky`] : [`${action} calm`],
    );
    expect([...rows].sort()).toEqual([...wanted].sort());
  });

  it.each(ROWS)('$action, $stake', ({ action, stake, cells }) => {
    expect(PEOPLE.map((user) => verdict(user, action, stake))).toEqual(cells);
  });
});

describe('who decides on whose request', () => {
  /** Own requests allowed or not; decider; requester: may or may not. */
  const DECIDERS = `
no   USTRANGER UASK  no
no   ULOOK     UASK  no
no   UASK      UASK  no
no   UASK      UALL  no
no   UGUARD    UASK  no
no   UAPPROVE  UASK  yes
no   UALL      UASK  yes
no   UALL      UALL  no
no   UALL2     UALL  yes
yes  UALL      UALL  yes
yes  UASK      UASK  no
yes  UAPPROVE  UASK  yes
yes  USTRANGER UASK  no
`;
  it.each(
    DECIDERS.trim()
      .split('\n')
      .map((row) => row.split(/\s+/)),
  )('own requests: %s, %s on a request of %s: %s', (own, decider = '', requester = '', may) => {
    const need = needOf({ ...POLICY, ownRequests: own === 'yes' });
    expect(mayDecide(POLICY, person(decider), requester, need).may).toBe(may === 'yes');
  });

  it.each<[sources: string[], port: number, approvals: string]>([
    [['10.1.2.3/32'], 80, 'goes'],
    [['10.0.0.0/8'], 22, '1'],
    [['192.0.2.0/24'], 80, '1'],
    [['10.0.0.0/8', '192.0.2.0/24'], 80, '1'],
    [['0.0.0.0/0'], 80, '1'],
    [['0.0.0.0/0'], 22, '1'],
  ])('a door for %s to port %i: %s', (sources, port, approvals) => {
    const ruling = rulingOn(POLICY, {
      ...{ action: 'expose', requester: person('UASK'), channel: 'C1', at: 0, planned: true },
      ...{ host: 'web1', labels: {}, road: 'forward', sources, ports: [port, 8080] },
    });
    expect(ruling.end === 'approve' ? String(ruling.need.count) : 'goes').toBe(approvals);
  });
});
