/** Who may do what, and what needs approval. Everything that is not listed is refused. */
import { describe, expect, test } from 'vitest';
import { ACTION_NAMES } from '../../src/core/help.ts';
import { makeWorkPlan } from '../../src/core/plan.ts';
import { planExpose } from '../../src/core/plan-expose.ts';
import { planUnexpose } from '../../src/core/plan-unexpose.ts';
import {
  approvalReason,
  approversOf,
  groupsOf,
  mayDecide,
  mayUse,
  type Person,
  type Policy,
  type Right,
  refusalOf,
} from '../../src/core/policy.ts';
import type { ActionName } from '../../src/core/request.ts';
import {
  exposeCommand,
  exposeWorld,
  forwardWorld,
  hostWorld,
  planned,
  REQUEST,
  unexposeCommand,
} from './worlds.ts';

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
  },
  ownRequests: false,
  privateNetworks: ['10.0.0.0/8', '192.0.2.0/25', '192.0.2.128/25'],
  approvalSeconds: 3600,
};

const RIGHTS: Record<ActionName, Right | 'none'> = {
  expose: 'ask',
  unexpose: 'ask',
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
  cancel: 'ask',
  plan: 'look',
  doors: 'look',
  list: 'look',
  info: 'look',
  logs: 'look',
  hosts: 'look',
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
  ['an operator by name', { user: 'UOPS', groups: [] }, ['none', 'look', 'ask', 'approve']],
  [
    'an operator by the second group',
    { user: 'UX', groups: ['S0NIGHT'] },
    ['none', 'look', 'ask', 'approve'],
  ],
  ['a group’s id as a user', { user: 'S0OPS', groups: [] }, ['none']],
  ['a user’s id as a group', { user: 'UX', groups: ['UOPS'] }, ['none']],
  ['an id in small letters', { user: 'uops', groups: [] }, ['none']],
];

describe('every right', () => {
  test.each(PEOPLE)('%s', (_, person, rights) => {
    const allowed = ACTION_NAMES.filter((action) => mayUse(POLICY, person, action));
    expect(allowed).toEqual(ACTION_NAMES.filter((action) => rights.includes(RIGHTS[action])));
    expect(mayDecide(POLICY, person, 'USOMEBODY').may).toBe(rights.includes('approve'));
  });

  test('an empty policy allows help and nothing else', () => {
    const empty: Policy = { ...POLICY, roles: {}, rights: { look: [], ask: [], approve: [] } };
    const person = { user: 'UOPS', groups: ['S0OPS'] };
    expect(ACTION_NAMES.filter((action) => mayUse(empty, person, action))).toEqual(['help']);
    expect(mayDecide(empty, person, 'UX')).toEqual({
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
    expect(mayDecide(POLICY, { user: 'UOPS', groups: [] }, 'UOPS')).toEqual({
      may: false,
      why: 'This is your own request; somebody else has to decide on it.',
    });
  });

  test('unless the policy allows it', () => {
    const lax = { ...POLICY, ownRequests: true };
    expect(mayDecide(lax, { user: 'UOPS', groups: [] }, 'UOPS')).toEqual({ may: true });
  });

  test('the requester without the right is told about the right, not about the request', () => {
    const lax = { ...POLICY, ownRequests: true };
    for (const policy of [POLICY, lax])
      expect(mayDecide(policy, { user: 'UDEV', groups: [] }, 'UDEV')).toEqual({
        may: false,
        why: 'Deciding is for operators; you are not among them.',
      });
  });

  test('a refused command says who may', () => {
    expect(refusalOf(POLICY, 'expose')).toBe(
      '`expose` is for developers, operators; you are not among them.',
    );
    expect(refusalOf({ ...POLICY, rights: { look: [], ask: [], approve: [] } }, 'list')).toBe(
      '`list` is for nobody yet; you are not among them.',
    );
  });

  test('approvers are mentioned by group and by name, each once', () => {
    expect(approversOf(POLICY)).toBe('<!subteam^S0OPS>, <!subteam^S0NIGHT>, <@UOPS>');
    const twice = { ...POLICY, rights: { ...POLICY.rights, approve: ['operators', 'operators', 'ghosts'] } };
    expect(approversOf(twice)).toBe(approversOf(POLICY));
  });

  test('the groups of all roles, each once', () => {
    expect(groupsOf(POLICY)).toEqual(['S0ALL', 'S0DEV', 'S0OPS', 'S0NIGHT']);
  });
});

describe('a plan needs approval', () => {
  const reasonFor = (sources: string[], policy: Policy = POLICY) =>
    approvalReason(policy, planned(planExpose(REQUEST, exposeCommand({ sources }), exposeWorld())));

  test.each<[string, string[], string | undefined]>([
    ['open to anyone', ['0.0.0.0/0'], 'it lets in anyone, which is more than the private networks'],
    ['open to a private network', ['10.0.0.0/8'], undefined],
    ['open to one private address', ['10.1.2.3/32'], undefined],
    ['open to several private networks', ['10.1.0.0/16', '192.0.2.0/25'], undefined],
    ['open to private networks that were merged into one', ['192.0.2.0/24'], undefined],
    [
      'open to more than a private network',
      ['10.0.0.0/7'],
      'it lets in 10.0.0.0/7, which is more than the private networks',
    ],
    [
      'open to a private network and another one',
      ['10.0.0.0/8', '198.51.100.0/24'],
      'it lets in 198.51.100.0/24, which is more than the private networks',
    ],
  ])('%s', (_, sources, reason) => {
    expect(reasonFor(sources)).toBe(reason);
  });

  test('always, where no network is private', () => {
    expect(reasonFor(['10.1.2.3/32'], { ...POLICY, privateNetworks: [] })).toBe(
      'it lets in 10.1.2.3/32, which is more than the private networks',
    );
  });

  test('never, where the internet is private', () => {
    expect(reasonFor(['0.0.0.0/0'], { ...POLICY, privateNetworks: ['0.0.0.0/0'] })).toBeUndefined();
  });

  test('closing never does, not even a door for anyone', () => {
    const host = hostWorld({ forwards: [forwardWorld([{}])] });
    const plan = planned(planUnexpose(unexposeCommand(), [host]));
    expect(plan.door.sources).toEqual(['0.0.0.0/0']);
    expect(approvalReason(POLICY, plan)).toBeUndefined();
  });

  test('about an instance or a host for the reason that the plan itself gives, or not at all', () => {
    const plan = makeWorkPlan({
      action: 'delete',
      subject: 'web1/blog',
      summary: 'deletes web1/blog',
      steps: [],
      closes: [],
      approvals: 1,
      stage: 1,
      why: [],
      warnings: [],
    });
    expect(approvalReason(POLICY, plan)).toBeUndefined();
    expect(approvalReason(POLICY, { ...plan, risk: 'it is gone' })).toBe('it is gone');
  });
});
