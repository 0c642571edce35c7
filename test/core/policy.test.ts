/** Who may do what, and what needs approval. Everything that is not listed is refused. */
import { describe, expect, test } from 'vitest';
import { ACTION_NAMES } from '../../src/core/commands/help.ts';
import {
  groupsOf,
  mayDecide,
  mayUse,
  mentionsOf,
  type Person,
  type Policy,
  type Right,
  refusalOf,
} from '../../src/core/policy.ts';
import type { ActionName } from '../../src/core/request.ts';
import { needOf } from '../../src/core/rules/ruling.ts';

const POLICY: Policy = {
  roles: {
    everybody: { users: [], groups: ['S0ALL'] },
    developers: { users: ['UDEV'], groups: ['S0DEV'] },
    operators: { users: ['UOPS'], groups: ['S0OPS', 'S0NIGHT'] },
  },
  rights: {
    look: ['everybody', 'developers', 'operators'],
    ask: ['developers', 'operators'],
    approve: ['operators'],
    panic: ['operators'],
  },
  ownRequests: false,
  privateNetworks: ['10.0.0.0/8', '192.0.2.0/25', '192.0.2.128/25'],
  approvalSeconds: 3600,
  sensitivePorts: [{ from: 22, to: 22 }],
  rules: [],
};

const NEED = needOf(POLICY);

const RIGHTS: Record<ActionName, Right | 'none'> = {
  expose: 'ask',
  unexpose: 'ask',
  extend: 'ask',
  repair: 'ask',
  adopt: 'ask',
  launch: 'ask',
  start: 'ask',
  stop: 'ask',
  restart: 'ask',
  delete: 'ask',
  snapshot: 'ask',
  restore: 'ask',
  'host create': 'ask',
  'host adopt': 'ask',
  'host drain': 'ask',
  'host delete': 'ask',
  panic: 'panic',
  cancel: 'ask',
  why: 'look',
  plan: 'look',
  policy: 'look',
  doors: 'look',
  list: 'look',
  info: 'look',
  logs: 'look',
  hosts: 'look',
  doctor: 'look',
  requests: 'look',
  audit: 'look',
  help: 'none',
};

const PEOPLE: [sentence: string, person: Person, rights: (Right | 'none')[]][] = [
  ['a stranger', { user: 'UX', groups: [] }, ['none']],
  ['somebody in a group that no role names', { user: 'UX', groups: ['S0XXX'] }, ['none']],
  ['somebody who may look, by group', { user: 'UX', groups: ['S0ALL'] }, ['none', 'look']],
  ['a developer by name', { user: 'UDEV', groups: [] }, ['none', 'look', 'ask']],
  ['a developer by group', { user: 'UX', groups: ['S0ALL', 'S0DEV'] }, ['none', 'look', 'ask']],
  ['an operator by name', { user: 'UOPS', groups: [] }, ['none', 'look', 'ask', 'approve', 'panic']],
  [
    'an operator by the second group',
    { user: 'UX', groups: ['S0NIGHT'] },
    ['none', 'look', 'ask', 'approve', 'panic'],
  ],
  ['a group’s id as a user', { user: 'S0OPS', groups: [] }, ['none']],
  ['a user’s id as a group', { user: 'UX', groups: ['UOPS'] }, ['none']],
  ['an id in small letters', { user: 'uops', groups: [] }, ['none']],
];

describe('every right', () => {
  test.each(PEOPLE)('%s', (_, person, rights) => {
    const allowed = ACTION_NAMES.filter((action) => mayUse(POLICY, person, action));
    expect(allowed).toEqual(ACTION_NAMES.filter((action) => rights.includes(RIGHTS[action])));
    expect(mayDecide(POLICY, person, 'USOMEBODY', NEED).may).toBe(rights.includes('approve'));
  });

  test('an empty policy allows help and nothing else', () => {
    const empty: Policy = { ...POLICY, roles: {}, rights: { look: [], ask: [], approve: [], panic: [] } };
    const person = { user: 'UOPS', groups: ['S0OPS'] };
    expect(ACTION_NAMES.filter((action) => mayUse(empty, person, action))).toEqual(['help']);
    expect(mayDecide(empty, person, 'UX', needOf(empty))).toEqual({
      may: false,
      why: 'Deciding is for nobody yet; you are not among them.',
    });
  });

  test('a right of a role that does not exist is nobody’s', () => {
    const odd: Policy = { ...POLICY, rights: { ...POLICY.rights, ask: ['ghosts', 'constructor'] } };
    expect(mayUse(odd, { user: 'UOPS', groups: ['S0OPS'] }, 'expose')).toBe(false);
  });
});

describe('deciding', () => {
  test('nobody decides on their own request', () => {
    expect(mayDecide(POLICY, { user: 'UOPS', groups: [] }, 'UOPS', NEED)).toEqual({
      may: false,
      why: 'This is your own request; somebody else has to decide on it.',
    });
  });

  test('unless the policy allows it', () => {
    const lax = { ...POLICY, ownRequests: true };
    expect(mayDecide(lax, { user: 'UOPS', groups: [] }, 'UOPS', needOf(lax))).toEqual({ may: true });
  });

  test('the requester without the right is told about the right, not about the request', () => {
    const lax = { ...POLICY, ownRequests: true };
    for (const policy of [POLICY, lax])
      expect(mayDecide(policy, { user: 'UDEV', groups: [] }, 'UDEV', needOf(policy))).toEqual({
        may: false,
        why: 'Deciding is for operators; you are not among them.',
      });
  });

  test('a refused command says who may', () => {
    expect(refusalOf(POLICY, 'expose')).toBe(
      '`expose` is for developers, operators; you are not among them.',
    );
    expect(refusalOf({ ...POLICY, rights: { look: [], ask: [], approve: [], panic: [] } }, 'list')).toBe(
      '`list` is for nobody yet; you are not among them.',
    );
  });

  test('approvers are mentioned by group and by name, each once', () => {
    expect(mentionsOf(POLICY, ['operators'])).toBe('<!subteam^S0OPS>, <!subteam^S0NIGHT>, <@UOPS>');
    expect(mentionsOf(POLICY, ['operators', 'operators', 'ghosts'])).toBe(mentionsOf(POLICY, ['operators']));
  });

  test('whoever it escalates to may decide from then on, and not before', () => {
    const need = { ...NEED, escalate: { to: ['developers'], afterSeconds: 600 } };
    const dev = { user: 'UDEV', groups: [] };
    expect(mayDecide(POLICY, dev, 'UX', need, 599).may).toBe(false);
    expect(mayDecide(POLICY, dev, 'UX', need, 600).may).toBe(true);
    expect(mayDecide(POLICY, { user: 'UOPS', groups: [] }, 'UX', need, 600).may).toBe(true);
  });

  test('the groups of all roles, each once', () => {
    expect(groupsOf(POLICY)).toEqual(['S0ALL', 'S0DEV', 'S0OPS', 'S0NIGHT']);
  });
});
