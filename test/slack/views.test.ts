/** What messages say about hosts, instances, progress, quota, approvals and addresses. */
import { describe, expect, it } from 'vitest';
import type { Plan } from '../../src/core/plan.ts';
import type { Policy } from '../../src/core/policy.ts';
import type { Door, Outcome, RequestRecord } from '../../src/core/record.ts';
import type { ChangeCommand } from '../../src/core/request.ts';
import type { Need } from '../../src/core/rules/rule.ts';
import type { View } from '../../src/slack/bolt.ts';
import { homeDoors } from '../../src/slack/home/home-doors.ts';
import { answerView } from '../../src/slack/views/answer-view.ts';
import { endedView } from '../../src/slack/views/outcome-line.ts';
import { doorsView, helpView } from '../../src/slack/views/register-view.ts';
import { requestView } from '../../src/slack/views/request-view.ts';
import { approvalFor } from '../core/rulings.ts';
import { planOf } from './slack-side.ts';
import { workPlan } from './work-plans.ts';

const policy: Policy = {
  roles: { ops: { users: ['U0BOB'], groups: [] } },
  rights: { look: ['ops'], ask: ['ops'], approve: ['ops'], panic: ['ops'] },
  ownRequests: false,
  privateNetworks: [],
  approvalSeconds: 60,
  sensitivePorts: [],
  rules: [],
};

function record(plan: Plan | undefined, over: Partial<RequestRecord> = {}): RequestRecord {
  const command: ChangeCommand = { action: 'host delete', name: 'web9' };
  const asked = { id: 'req-abc', command, requester: 'U0ALICE', channel: 'C0', text: '', at: 1 };
  return {
    asked,
    state: 'waiting',
    approval: approvalFor('it is gone then'),
    waitsUntil: 2,
    ...(plan && { plan }),
    ...over,
  };
}

const wordsOf = (view: View): string => JSON.stringify(view.blocks);
const shown = (plan: Plan | undefined, over: Partial<RequestRecord> = {}) =>
  wordsOf(requestView(record(plan, over), policy));

function asking(command: ChangeCommand): RequestRecord {
  const base = record(undefined);
  return { ...base, state: 'planning', asked: { ...base.asked, command } };
}

describe('the message of a request', () => {
  it.each<[ChangeCommand, string]>([
    [{ action: 'host create', name: 'web9', flavor: 'm1.small' }, '*Host create web9 flavor m1.small*'],
    [{ action: 'launch', image: 'debian/12', target: { instance: 'blog' } }, '*Launch debian/12 blog*'],
    [{ action: 'restart', target: { host: 'web1', instance: 'blog' } }, '*Restart web1/blog*'],
  ])('is called after its command', (command, title) => {
    expect(wordsOf(requestView(asking(command), policy))).toContain(title);
  });

  it('says what the plan comes to, what it costs, why, and what to know', () => {
    const plan = workPlan({ why: ['it is free'], cost: ['servers: 3 → 4 of 10'], warnings: ['it is slow'] });
    const words = shown(plan);
    for (const line of [
      'closes 0 doors of web9 and forgets the host',
      'Why — it is free',
      'Quota — servers: 3 → 4 of 10',
      ':warning: it is slow',
      '▫︎ place nothing more on web9',
    ])
      expect(words).toContain(line);
  });

  it('says how many people have to approve, who has, and how many are missing', () => {
    const need = (over: Partial<Need>) => ({
      approval: approvalFor('it is gone then', { by: ['ops'], ...over }),
    });
    expect(shown(workPlan(), need({}))).toContain('*Needs approval*: it is gone then.');
    const two = { ...need({ count: 3 }), approvals: [{ by: 'U0BOB', groups: [], at: 1 }] };
    expect(shown(workPlan(), two)).toContain('*Needs approval* by 3 people: it is gone then.');
    expect(shown(workPlan(), two)).toContain('<@U0BOB> at');
    expect(shown(workPlan(), two)).toContain('; 2 more to go.');
  });

  it('names the rule that decided, and who may decide later', () => {
    const escalate = { to: ['ops'], afterSeconds: 1_800 };
    const approval = approvalFor('it is gone then', { by: ['nobody'], escalate }, 'hosts are precious');
    const words = shown(workPlan(), { approval });
    expect(words).toContain('(rule “hosts are precious”)');
    expect(words).toContain('If nobody has decided after 30 min, <@U0BOB> may as well.');
  });

  it('shows under the running step how far it is, and only there', () => {
    const steps = ['running'] as const;
    expect(shown(workPlan(), { state: 'applying', steps: [...steps], progress: 'booting' })).toContain(
      '↳ _booting_',
    );
    expect(shown(workPlan(), { state: 'applying', steps: ['done'], progress: 'booting' })).not.toContain(
      'booting',
    );
  });

  it('asks once more before an approval of what nothing brings back', () => {
    for (const action of ['delete', 'restore', 'host delete'] as const)
      expect(shown(workPlan({ action, summary: 'deletes it' }))).toContain(
        'Nothing brings back what is lost by it',
      );
    for (const plan of [workPlan({ action: 'stop' }), planOf('req-abc')])
      expect(shown(plan)).not.toContain('Are you sure?');
  });
});

describe('the button Cancel', () => {
  const buttons = (over: Partial<RequestRecord>) =>
    [...shown(planOf('req-abc'), over).matchAll(/"action_id":"(\w+)"/g)].map(([, id]) => id);

  it('stands under a request as long as it can be cancelled, in one row with the decision', () => {
    const decision = ['approve_request', 'deny_request', 'deny_with_reason'];
    expect(buttons({})).toEqual([...decision, 'cancel_request']);
    for (const state of ['planning', 'approved', 'applying'] as const)
      expect(buttons({ state })).toEqual(['cancel_request']);
    const wish = { cancelWish: { by: 'U0BOB', at: 1 } };
    for (const over of [wish, { sealed: 'it is late' }])
      expect(buttons({ state: 'applying', ...over })).toEqual([]);
    expect(buttons({ state: 'ended', outcome: { kind: 'expired' } })).toEqual([]);
  });
});

describe('the end of a request', () => {
  const ended = (outcome: RequestRecord['outcome']) =>
    record(workPlan(), { state: 'ended', ...(outcome && { outcome }) });

  it('that was cancelled says by whom, what was taken back and what is still there', () => {
    const cancelled = { kind: 'cancelled', by: 'U0BOB' } as const;
    expect(endedView(ended(cancelled)).text).toContain('<@U0ALICE> <@U0BOB> req-abc');
    expect(endedView(ended(cancelled)).text).toContain('*Cancelled* by <@U0BOB>. Nothing was changed.');
    const back = endedView(ended({ ...cancelled, undone: ['a *forward*'], left: [] })).text;
    expect(back).toMatch(/\*Taken back\*: a .*forward.*\. Nothing of it is left\./);
    const there = endedView(ended({ ...cancelled, undone: [], left: ['a pin'] })).text;
    expect(there).toContain('*Still there*, please look: a pin.');
    expect(there).not.toContain('Nothing of it is left');
  });

  const proof = { state: 'proven', seen: 'web9 is gone' } as const;
  it('about a host says what was seen', () => {
    const ended = record(workPlan(), { state: 'ended', outcome: { kind: 'done', proof } });
    expect(wordsOf(requestView(ended, policy))).toContain(':white_check_mark: *Done*: web9 is gone.');
    expect(endedView(ended).text).toContain('req-abc (host web9)');
  });

  it('that failed says so of what stays as it is', () => {
    const outcome = { kind: 'failed', message: 'it broke', left: [] as string[] } as const;
    const line = (steps: RequestRecord['steps']) =>
      wordsOf(requestView(record(workPlan(), { state: 'ended', outcome, steps: steps ?? [] }), policy));
    expect(line(['undone'])).toContain('nothing of it is left');
    expect(line(['done', 'failed'])).toContain('What is marked ✓ above stays as it is');
  });

  it('that was denied says who did, and why where that was said', () => {
    const denied = (reason?: string) => {
      const decision = { verdict: 'denied', by: 'U0BOB', at: 1, ...(reason && { reason }) } as const;
      const ended = record(workPlan(), {
        state: 'ended',
        outcome: { kind: 'denied', by: 'U0BOB' },
        decision,
      });
      return [wordsOf(requestView(ended, policy)), endedView(ended).text];
    };
    for (const words of denied('*not* today'))
      expect(words).toMatch(/\*Denied\*: .*not.* today\. Nothing was changed/);
    expect(denied()[0]).toContain('*Denied*. Nothing was changed.');
    expect(denied()[0]).toContain('Denied by <@U0BOB>');
  });

  it('of a door without an address names the address that it got', () => {
    const plan = planOf('req-abc');
    const { publicAddress: _unknown, ...door } = plan.door;
    const fresh = { ...plan, door };
    expect(shown(fresh)).toContain('a new floating IP');
    const seen = { state: 'proven', seen: 'answers' } as const;
    const outcome = { kind: 'done', proof: seen, address: '198.51.100.77' } as const;
    expect(shown(fresh, { state: 'ended', outcome })).toContain(
      '<http://198.51.100.77:80/|198.51.100.77:80>',
    );
  });
});

describe('private answers', () => {
  it('show clouds beside hosts, and which host is drained', () => {
    const words = wordsOf(
      answerView({
        kind: 'hosts',
        hosts: [
          {
            host: 'web9',
            answers: true,
            says: 'LXD 5.0.2',
            instances: 2,
            took: 9,
            cloud: 'public',
            drained: true,
          },
        ],
        clouds: [
          { cloud: 'public', answers: true, says: '7 of 10 servers left', took: 80 },
          { cloud: 'other', answers: false, says: 'connection refused' },
        ],
      }),
    );
    for (const line of [
      '*web9* in public, drained answers · LXD 5.0.2 · 2 instances · 9 ms',
      'cloud *public* answers · 7 of 10 servers left · 80 ms',
      'cloud *other* does not answer: connection refused',
    ])
      expect(words).toContain(line);
  });

  it('say that nothing is configured where nothing is', () => {
    expect(answerView({ kind: 'hosts', hosts: [], clouds: [] }).text).toContain('No hosts are configured');
  });

  it('keep the newest lines of a log where not all fit, and say how many did not', () => {
    const lines = Array.from({ length: 200 }, (_, index) => `line ${index}`.padEnd(60, '.'));
    const words = wordsOf(answerView({ kind: 'logs', instance: 'web1/blog', source: 'its console', lines }));
    expect(words).toContain('line 199');
    expect(words).not.toContain('line 5.');
    expect(words).toMatch(/\d+ older lines did not fit into a message/);
  });

  it('show snapshots of an instance', () => {
    const instance = { host: 'web1', name: 'blog', status: 'Running', addresses: [] };
    const view = answerView({
      kind: 'instance',
      instance,
      doors: [],
      snapshots: [{ name: 'before', at: 0 }],
    });
    expect(view.text).toContain('Snapshots: `before`');
  });

  it('say of a dry run how many approvals it needs', () => {
    const words = wordsOf(
      answerView({
        kind: 'dry_run',
        command: 'host delete web9',
        plan: workPlan(),
        ruling: approvalFor('it is gone', { count: 2 }),
      }),
    );
    expect(words).toContain('It needs approval by 2 people: it is gone.');
  });

  it('explain commands of two words, and all commands of one first word', () => {
    expect(helpView('host drain').text).toContain('closes the doors of a host');
    expect(helpView('host').text).toMatch(/host create[\s\S]*host delete/);
    expect(helpView('plan expose').text).toContain('/lxd plan');
  });
});

describe('a closing that nobody asked for', () => {
  const due = Date.UTC(2026, 10, 25, 18);
  const clock = `<!date^${due / 1_000}^{date_short_pretty} {time}|18:00 UTC>`;
  const target = { host: 'web1', instance: 'blog' };
  const command: ChangeCommand = { action: 'unexpose', target, port: 80, protocol: 'tcp', door: 'door-abc' };
  const plan: Plan = { ...planOf('req-abc'), action: 'close' };
  const ended = (outcome?: Outcome): RequestRecord => {
    const base = record(plan, { state: 'ended', ...(outcome && { outcome }) });
    return { ...base, asked: { ...base.asked, command, byItself: 'end', due, concerns: ['U0BOB'] } };
  };

  it('says why, and whose door it is', () => {
    const words = wordsOf(requestView(ended(), policy));
    expect(words).toContain('*Unexpose web1/blog:80*');
    expect(words).toContain(`its end has come (${clock}), owner <@U0ALICE>`);
    expect(words).not.toContain('asked by');
  });

  it('tells owner and approver that the end had come, and when', () => {
    const words = wordsOf(endedView(ended({ kind: 'done', proof: { state: 'proven', seen: 'is silent' } })));
    expect(words).toContain(
      '<@U0ALICE> <@U0BOB> `web1/blog:80` :lock: *Closed*: 198.51.100.11:80 is silent.',
    );
    expect(words).toContain(`Its end had come at ${clock}.`);
  });

  it.each<Outcome>([
    { kind: 'failed', message: 'web1 does not answer', left: [] },
    { kind: 'refused', reason: 'host_silent', message: 'web1 does not answer' },
  ])('does not call it closed when it $kind, and says that it is tried again', (outcome) => {
    const words = wordsOf(endedView(ended(outcome)));
    expect(words).not.toContain('*Closed*');
    expect(words).toContain('Drawbridge asks again by itself');
  });
});

describe('a plan with an end', () => {
  it('says for how long, and that the end is only as good as Drawbridge runs', () => {
    const words = shown({ ...planOf('req-abc'), forSeconds: 5_400 });
    expect(words).toContain('for anyone, and closes it after 90 min');
    expect(words).toContain('this end depends on Drawbridge running: LXD closes nothing by itself');
    const open = { kind: 'done', proof: { state: 'proven', seen: 'answered' } } as const;
    expect(shown({ ...planOf('req-abc'), forSeconds: 5_400 }, { outcome: open })).toContain(
      'Drawbridge closes it after 90 min.',
    );
    const dry = { kind: 'dry_run', command: 'x', ruling: approvalFor('it') } as const;
    expect(wordsOf(answerView({ ...dry, plan: { ...planOf('req-abc'), forSeconds: 5_400 } }))).toContain(
      'this end depends on Drawbridge running',
    );
    expect(shown(planOf('req-abc'))).not.toContain('End —');
  });
});

describe('doors with an end', () => {
  const door: Door = {
    ...planOf('req-abc').door,
    publicAddress: '198.51.100.11',
    owner: 'U0ALICE',
    request: 'req-abc',
    openedAt: 1,
    proof: { state: 'proven', seen: 'answered' },
  };
  const endsAt = Date.UTC(2026, 10, 25, 18);
  const home = (over: Partial<Door>, mayClose = true) =>
    JSON.stringify(homeDoors({ doors: [{ ...door, ...over }], page: 0, mayClose }));

  it('are shown with it in the list and on the Home, which then has Extend under Close', () => {
    const clock = `<!date^${endsAt / 1_000}^{date_short_pretty} {time}|18:00 UTC>`;
    expect(wordsOf(doorsView([{ ...door, endsAt }]))).toContain(`until ${clock}`);
    expect(wordsOf(doorsView([door]))).not.toContain('until');
    expect(home({ endsAt, forSeconds: 7_200 })).toContain(`until ${clock}`);
    expect(home({ endsAt, forSeconds: 7_200 })).toContain('Extend by 2 h');
    expect(home({})).toContain('until it is closed');
    expect(home({})).not.toContain('Extend');
    expect(home({ endsAt }, false)).not.toContain('Extend');
  });
});
