/** What the policy says of a request: the first rule that applies, else the usual. */
import { describe, expect, test } from 'vitest';
import { makeWorkPlan } from '../../src/core/plan.ts';
import { planExpose } from '../../src/core/plans/plan-expose.ts';
import { planUnexpose } from '../../src/core/plans/plan-unexpose.ts';
import type { Policy } from '../../src/core/policy.ts';
import type { ChangeCommand } from '../../src/core/request.ts';
import { type Facts, factsOfCommand, factsOfPlan } from '../../src/core/rules/facts.ts';
import type { Conditions, Need, Rule } from '../../src/core/rules/rule.ts';
import { rulingOf, rulingOn } from '../../src/core/rules/ruling.ts';
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
    developers: { users: ['UDEV'], groups: ['S0DEV'] },
    operators: { users: ['UOPS'], groups: [] },
  },
  rights: { look: [], ask: ['developers', 'operators'], approve: ['operators'], panic: ['operators'] },
  ownRequests: false,
  privateNetworks: ['10.0.0.0/8', '192.0.2.0/25', '192.0.2.128/25'],
  approvalSeconds: 3600,
  sensitivePorts: [{ from: 22, to: 22 }],
  rules: [],
};
const NEED: Need = { by: ['operators'], count: 2, own: false, waitSeconds: 60 };
/** A Wednesday, noon in UTC. */
const NOON = Date.UTC(2026, 10, 25, 12);

const withRules = (...rules: Rule[]): Policy => ({ ...POLICY, rules });
const refuse = (when: Conditions, name = 'no'): Rule => ({
  name,
  when,
  end: 'refuse',
  text: 'it is not done',
});

function facts(over: Partial<Facts> = {}): Facts & { planned: true } {
  return {
    ...{ action: 'expose', requester: { user: 'UDEV', groups: [] }, channel: 'C1', at: NOON },
    ...{
      host: 'web1',
      labels: { env: 'production' },
      road: 'forward',
      sources: ['10.0.0.0/8'],
      ports: [80, 8080],
    },
    ...over,
    planned: true,
  };
}

describe('the first rule that applies decides', () => {
  test.each<[string, Conditions, boolean]>([
    ['nothing is asked', {}, true],
    ['the action', { actions: ['expose', 'launch'] }, true],
    ['another action', { actions: ['launch'] }, false],
    ['a role of the requester', { by: ['operators', 'developers'] }, true],
    ['another role', { by: ['operators'] }, false],
    ['a role that does not exist', { by: ['ghosts'] }, false],
    ['the host', { hosts: ['web1'] }, true],
    ['another host', { hosts: ['web2'] }, false],
    ['a label', { labels: { env: 'production' } }, true],
    ['another value of the label', { labels: { env: 'test' } }, false],
    ['a label that the host does not have', { labels: { constructor: 'x' } }, false],
    ['both labels of which it has one', { labels: { env: 'production', team: 'shop' } }, false],
    ['the road', { roads: ['proxy', 'forward'] }, true],
    ['another road', { roads: ['proxy'] }, false],
    ['the instance’s port', { ports: [{ from: 79, to: 81 }] }, true],
    ['the public port', { ports: [{ from: 8080, to: 8080 }] }, true],
    ['another port', { ports: [{ from: 81, to: 8079 }] }, false],
    ['sources within', { within: ['10.0.0.0/7'] }, true],
    ['sources not within', { within: ['10.0.0.0/9'] }, false],
    ['sources beyond', { beyond: ['10.0.0.0/9'] }, true],
    ['sources not beyond', { beyond: ['10.0.0.0/8'] }, false],
    ['the channel', { channels: ['C1'] }, true],
    ['another channel', { channels: ['C2'] }, false],
    ['the hours', { hours: { days: ['wed'], from: 720, to: 780, zone: 'UTC' } }, true],
    ['other hours', { hours: { days: ['wed'], from: 780, to: 840, zone: 'UTC' } }, false],
    [
      'all of these',
      { actions: ['expose'], by: ['developers'], hosts: ['web1'], ports: [{ from: 80, to: 80 }] },
      true,
    ],
    [
      'all but one',
      { actions: ['expose'], by: ['developers'], hosts: ['web2'], ports: [{ from: 80, to: 80 }] },
      false,
    ],
  ])('when it asks for %s', (_, when, applies) => {
    expect(rulingOn(withRules(refuse(when)), facts()).end).toBe(applies ? 'refuse' : 'allow');
  });

  test('and those behind it are not asked', () => {
    const allow: Rule = { name: 'yes', when: { hosts: ['web1'] }, end: 'allow' };
    expect(rulingOn(withRules(allow, refuse({})), facts())).toMatchObject({ end: 'allow', rule: 'yes' });
    expect(rulingOn(withRules(allow, refuse({})), facts({ host: 'web2' }))).toEqual({
      end: 'refuse',
      why: 'it is not done',
      rule: 'no',
    });
  });

  test('and its own approval counts, not the usual one', () => {
    const two: Rule = { name: 'two', when: {}, end: 'approve', need: NEED };
    expect(rulingOn(withRules(two), facts())).toEqual({
      end: 'approve',
      why: 'the rule “two” of the policy says so',
      rule: 'two',
      need: NEED,
    });
  });

  test('a condition about doors does not apply to a host', () => {
    const host = facts({ action: 'host delete' });
    const { road: _road, sources: _sources, ports: _ports, ...bare } = host;
    for (const when of [
      { roads: ['forward'] },
      { within: ['0.0.0.0/0'] },
      { ports: [{ from: 1, to: 65_535 }] },
    ])
      expect(rulingOn(withRules(refuse(when as Conditions)), bare).end).toBe('allow');
  });
});

describe('before there is a plan', () => {
  const early = (policy: Policy, command: ChangeCommand = exposeCommand()) =>
    rulingOf(policy, factsOfCommand(command, { requester: 'UDEV', groups: [], channel: 'C1', at: NOON }));

  test('a rule that the command alone fulfils decides', () => {
    expect(early(withRules(refuse({ actions: ['expose'], by: ['developers'] })))?.end).toBe('refuse');
    expect(early(withRules(refuse({ beyond: ['10.0.0.0/8'] })))?.end).toBe('refuse');
  });

  test('one that may still apply keeps those behind it from deciding', () => {
    expect(early(withRules(refuse({ labels: { env: 'test' } }), refuse({})))).toBeUndefined();
    expect(early(withRules(refuse({ labels: { env: 'test' }, channels: ['C2'] }), refuse({})))?.end).toBe(
      'refuse',
    );
  });

  test('nothing is decided without a rule', () => {
    expect(early(POLICY)).toBeUndefined();
  });

  test('what the command says of the host, the road and the ports is known', () => {
    const command = exposeCommand({
      target: { host: 'web1', instance: 'blog' },
      road: 'proxy',
      publicPort: 8443,
    });
    const when = { hosts: ['web1'], roads: ['proxy' as const], ports: [{ from: 8443, to: 8443 }] };
    expect(early(withRules(refuse(when)), command)?.end).toBe('refuse');
    expect(early(withRules(refuse({ hosts: ['web9'] })), { action: 'host delete', name: 'web9' })?.end).toBe(
      'refuse',
    );
  });
});

describe('where no rule applies', () => {
  const asked = { requester: 'UDEV', groups: [], channel: 'C1', at: NOON };
  const on = (sources: string[], port = 80, policy = POLICY) => {
    const command = exposeCommand({ sources, port });
    const plan = planned(planExpose(REQUEST, command, exposeWorld()));
    return rulingOn(policy, { ...factsOfPlan(plan, command, asked, () => ({})), planned: true });
  };

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
  ])('a door %s needs approval or not', (_, sources, why) => {
    const ruling = on(sources);
    expect(ruling.end === 'approve' ? ruling.why : undefined).toBe(why);
    if (ruling.end === 'approve')
      expect(ruling.need).toEqual({ by: ['operators'], count: 1, own: false, waitSeconds: 3600 });
  });

  test('a sensitive port needs approval whoever it lets in', () => {
    const ruling = rulingOn(POLICY, facts({ ports: [22, 2222] }));
    expect(ruling).toMatchObject({ end: 'approve', why: 'port 22 (SSH) is a sensitive one' });
    expect(rulingOn(POLICY, facts({ ports: [80, 22] })).end).toBe('approve');
    expect(rulingOn({ ...POLICY, sensitivePorts: [] }, facts({ ports: [22, 22] })).end).toBe('allow');
  });

  test('closing never does, not even a door for anyone', () => {
    const command = unexposeCommand();
    const plan = planned(planUnexpose(command, [hostWorld({ forwards: [forwardWorld([{}])] })]));
    expect(plan.door.sources).toEqual(['0.0.0.0/0']);
    expect(rulingOn(POLICY, { ...factsOfPlan(plan, command, asked, () => ({})), planned: true }).end).toBe(
      'allow',
    );
  });

  test('a plan about an instance or a host does for the reason that it gives itself, by as many people', () => {
    const parts = {
      action: 'delete',
      subject: 'web1/blog',
      summary: 'deletes it',
      steps: [],
      closes: [],
    } as const;
    const plan = makeWorkPlan({ ...parts, steps: [], closes: [], approvals: 1, why: [], warnings: [] });
    const command: ChangeCommand = { action: 'delete', target: { instance: 'blog' } };
    const of = (made: typeof plan) =>
      rulingOn(POLICY, { ...factsOfPlan(made, command, asked, () => ({})), planned: true });
    expect(of(plan).end).toBe('allow');
    expect(of({ ...plan, risk: 'it is gone' })).toMatchObject({
      end: 'approve',
      why: 'it is gone',
      need: { count: 1 },
    });
    expect(of({ ...plan, risk: 'it is gone', approvals: 2 })).toMatchObject({ need: { count: 2 } });
    const labels = (name: string) => ({ is: name });
    expect(factsOfPlan(plan, command, asked, labels)).toMatchObject({ host: 'web1', labels: { is: 'web1' } });
    const host = factsOfPlan(
      { ...plan, subject: 'host web9' },
      { action: 'host delete', name: 'web9' },
      asked,
      labels,
    );
    expect(host.host).toBe('web9');
  });
});

describe('a rule with a longest time', () => {
  const short = (end: 'allow' | 'approve'): Rule =>
    end === 'allow'
      ? { name: 'short', when: { hosts: ['web1'] }, end, atMost: 14_400 }
      : { name: 'short', when: { hosts: ['web1'] }, end, atMost: 14_400, need: NEED };

  test.each(['allow', 'approve'] as const)('that ends in %s lets no door be open for longer', (end) => {
    const policy = withRules(short(end));
    expect(rulingOn(policy, facts({ lasts: 14_400 })).end).toBe(end);
    expect(rulingOn(policy, facts({ lasts: 14_401 }))).toMatchObject({
      end: 'refuse',
      rule: 'short',
      why: 'a door may be open for 4 h at most: say `for 4h` or less',
    });
    expect(rulingOn(policy, facts({ lasts: Number.POSITIVE_INFINITY }))).toMatchObject({
      end: 'refuse',
      why: expect.stringContaining('this one would have no end'),
    });
  });

  test('says nothing of what opens no door', () => {
    expect(rulingOn(withRules(short('allow')), facts({ action: 'unexpose' })).end).toBe('allow');
  });

  test('is asked at the command already, by `for` and by `until`', () => {
    const policy = withRules({ ...short('allow'), when: {} });
    const asked = { requester: 'UDEV', channel: 'C1', at: NOON };
    const on = (changes: Parameters<typeof exposeCommand>[0]) =>
      rulingOf(policy, factsOfCommand(exposeCommand(changes), asked))?.end;
    expect(on({ forSeconds: 3_600 })).toBe('allow');
    expect(on({ forSeconds: 86_400 })).toBe('refuse');
    expect(on({ until: NOON + 4 * 3_600_000 })).toBe('allow');
    expect(on({ until: NOON + 5 * 3_600_000 })).toBe('refuse');
    expect(on({})).toBe('refuse');
  });

  test('counts an extension from the opening', () => {
    const plan = makeWorkPlan({
      ...{ action: 'extend', subject: 'web1/blog', summary: '', closes: [], why: [], warnings: [] },
      ...{ approvals: 1, lastsSeconds: 20_000 },
      steps: [
        {
          do: 'put',
          thing: { kind: 'end', host: 'web1', door: 'door-a1', was: 1, until: 2 },
          door: planned(planExpose(REQUEST, exposeCommand(), exposeWorld({}))).door,
        },
      ],
    });
    const command = {
      action: 'extend',
      target: { instance: 'blog' },
      port: 80,
      protocol: 'tcp',
      bySeconds: 60,
    } as const;
    const asked = { requester: 'UDEV', channel: 'C1', at: NOON };
    const seen = factsOfPlan(plan, command, asked, () => ({}));
    expect(rulingOn(withRules(short('allow')), { ...seen, planned: true }).end).toBe('refuse');
  });
});
