/** What stands first, what is left out and who is named: in the message of a request, in its thread, in lists and in the help. */
import { describe, expect, it } from 'vitest';
import { ACTION_NAMES } from '../../src/core/commands/help.ts';
import type { Policy } from '../../src/core/policy.ts';
import type { Approval, Outcome, RequestRecord, StepState } from '../../src/core/record.ts';
import type { Need } from '../../src/core/rules/rule.ts';
import { homeView } from '../../src/slack/home/home-view.ts';
import { endedView } from '../../src/slack/views/outcome-line.ts';
import { helpView, requestsView } from '../../src/slack/views/register-view.ts';
import { requestView } from '../../src/slack/views/request-view.ts';
import { approvalFor } from '../core/rulings.ts';
import { expectInOrder } from '../support/in-order.ts';
import { planOf } from './slack-side.ts';
import { workPlan } from './work-plans.ts';

const policy: Policy = {
  roles: {
    ops: { users: ['U0BOB', 'U0DAVE'], groups: [] },
    team: { users: ['U0BOB'], groups: ['S0TEAM'] },
  },
  rights: { look: ['ops'], ask: ['ops'], approve: ['ops'], panic: ['ops'] },
  ownRequests: false,
  privateNetworks: [],
  approvalSeconds: 60,
  sensitivePorts: [],
  rules: [],
};
const approvals: Approval[] = ['U0BOB', 'U0DAVE'].map((by) => ({ by, groups: [], at: 1 }));

function record(over: Partial<RequestRecord> & { requester?: string } = {}): RequestRecord {
  const { requester = 'U0ALICE', ...rest } = over;
  const command = { action: 'expose', target: { instance: 'blog' }, port: 80, protocol: 'tcp' } as const;
  return {
    asked: {
      id: 'req-abc',
      command: { ...command, sources: ['0.0.0.0/0'], reason: 'a demo' },
      requester,
      channel: 'C0',
      text: '',
      at: 1,
    },
    state: 'waiting',
    plan: planOf('req-abc'),
    approval: approvalFor('it is open to all', { by: ['ops'], count: 2 }),
    waitsUntil: 2,
    ...rest,
  };
}

const wordsOf = (of: RequestRecord): string => JSON.stringify(requestView(of, policy).blocks);
const ended = (outcome: Outcome, over: Partial<RequestRecord> = {}): RequestRecord =>
  record({ state: 'ended', outcome, ...over });
describe('the message of a request', () => {
  it('leads from the plan down to the buttons while it waits', () => {
    expectInOrder(wordsOf(record()), ['a demo', 'Opens *', '↓ blog:80', 'Needs approval', 'approve_request']);
  });

  it('says how it goes before the plan, once it is decided', () => {
    const decision = { verdict: 'approved', by: 'U0DAVE', at: 1, approvals } as const;
    const running = record({ state: 'applying', decision, steps: ['running'] });
    expectInOrder(wordsOf(running), ['At work', 'Approved by <@U0BOB>', 'Opens *', 'cancel_request']);
    const done = ended({ kind: 'done', proof: { state: 'proven', seen: 'answered' } }, { decision });
    expectInOrder(wordsOf(done), ['*Open* and proven', 'Approved by', 'Opens *']);
  });

  it.each<Outcome>([
    { kind: 'denied', by: 'U0BOB' },
    { kind: 'expired' },
    { kind: 'refused', reason: 'panic', message: 'No' },
  ])('leaves out the steps that never began when it is $kind', (outcome) => {
    const words = wordsOf(ended(outcome));
    expect(words).toContain('Would open *');
    expect(words).not.toMatch(/▫︎|↓|Road —/);
  });

  it('counts the steps that are done where there are many, and names what is still to come', () => {
    const steps = Array.from({ length: 30 }, (_, index) => ({
      do: 'put' as const,
      thing: { kind: 'drained' as const, host: `web${index}` },
    }));
    const words = (done: number) => {
      const states = steps.map((_, index) =>
        index < done ? 'done' : index === done ? 'running' : 'waiting',
      );
      return wordsOf(record({ state: 'applying', plan: workPlan({ steps }), steps: states as StepState[] }));
    };
    expect(words(0).match(/place nothing more/g)).toHaveLength(30);
    expect(words(20).match(/place nothing more/g)).toHaveLength(13);
    expectInOrder(words(20), [
      '✓ place nothing more on web0',
      '✓ _and 17 more_',
      '▸ _now:_ place nothing more on web20',
    ]);
  });

  it('names those who may still decide, and the requester only where people expect them', () => {
    expect(wordsOf(record())).toContain('May decide: <@U0BOB>, <@U0DAVE>. It expires');
    expect(wordsOf(record({ approvals: approvals.slice(0, 1) }))).toContain('May still decide: <@U0DAVE>.');
    expect(wordsOf(record({ requester: 'U0BOB' }))).toContain('May decide: <@U0DAVE>, but not <@U0BOB>.');
  });

  it('says at once that there are too few who may approve it, unless a group may', () => {
    const needs = (need: Partial<Need>, requester = 'U0ALICE') =>
      wordsOf(record({ requester, approval: approvalFor('it', { count: 2, ...need }) }));
    expect(needs({ by: ['ops'] })).not.toContain('It needs 2');
    expect(needs({ by: ['ops'] }, 'U0BOB')).toContain('It needs 2, and the policy names only 1');
    expect(needs({ by: ['ops'], own: true }, 'U0BOB')).not.toContain('It needs 2');
    expect(needs({ by: ['team'] }, 'U0BOB')).not.toContain('It needs 2');
    expect(needs({ by: ['ghosts'] })).toContain('the policy names nobody');
  });
});

it('the word in the thread names what it is about, and everybody who approved', () => {
  const decision = { verdict: 'approved', by: 'U0DAVE', at: 1, approvals } as const;
  const view = endedView(ended({ kind: 'done', proof: { state: 'proven', seen: 'answered' } }, { decision }));
  expect(view.text).toMatch(/^<@U0ALICE> <@U0BOB> <@U0DAVE> req-abc \(web1\/blog:80\)/);
  expect(JSON.stringify(view.blocks)).toContain('<@U0DAVE> `web1/blog:80` :unlock: *Open*');
});

describe('lists', () => {
  const message = '<@U0DAVE> called panic, and <!channel> *hears* nothing';
  const refused = ended({ kind: 'refused', reason: 'panic', message });

  it('show people as people, and nothing else of what is marked up', () => {
    const home = {
      waiting: [],
      waitingInAll: 0,
      own: [{ record: refused }],
      hosts: [],
      alarms: [],
      risks: [],
    };
    const views = [
      requestsView([refused]),
      homeView({ ...home, now: 1, doors: [], page: 0, mayClose: false }),
    ];
    for (const { blocks } of views) {
      expect(JSON.stringify(blocks)).toContain('<@U0DAVE> called panic, and &lt;!channel&gt; hears nothing');
    }
  });

  it('of what waits for somebody say why it was asked for and how many have approved', () => {
    const waiting = [{ record: record({ approvals: approvals.slice(0, 1) }) }];
    const rest = { waitingInAll: 1, own: [], hosts: [], alarms: [], risks: [], now: 1, doors: [], page: 0 };
    const words = JSON.stringify(homeView({ waiting, ...rest, mayClose: false }).blocks);
    expectInOrder(words, ['req-abc', '> a demo', 'it is open to all', '1 of 2 people have approved it']);
  });
});

it('the help has a line for each command, without what may be left out', () => {
  const words = JSON.stringify(helpView().blocks);
  for (const name of ACTION_NAMES) expect(words).toContain(`\`${name}`);
  expect(words).not.toMatch(/\[[a-z]/);
  expect(words).toContain('`expose <instance> <port>` opens a door');
});
