/** Messages of every size stay within Slack's published limits, and nothing that came from outside can mark them up. */
import { describe, expect, it } from 'vitest';
import { harmless } from '../../src/core/commands/chat-text.ts';
import type { DoorLook } from '../../src/core/hops/look-at-door.ts';
import type { Policy } from '../../src/core/policy.ts';
import type { Door, Outcome, RequestRecord } from '../../src/core/record.ts';
import type { View } from '../../src/slack/bolt.ts';
import { type HomeContent, homeView, MOST_REQUESTS } from '../../src/slack/home/home-view.ts';
import { answerView } from '../../src/slack/views/answer-view.ts';
import { commandModal, modalErrors } from '../../src/slack/views/command-modal.ts';
import { digestView } from '../../src/slack/views/digest-view.ts';
import { endedView } from '../../src/slack/views/outcome-line.ts';
import { doorsView, helpView, historyView, requestsView } from '../../src/slack/views/register-view.ts';
import { requestView } from '../../src/slack/views/request-view.ts';
import { approvalFor } from '../core/rulings.ts';
import { violationsOf, violationsOfView } from './fake-slack.ts';
import { planOf } from './slack-side.ts';
import { DRAIN, workPlan } from './work-plans.ts';

const SIZES = [0, 1, 7, 60, 1_000, 10_000];
const EVIL = '<!channel> *bold* `code` <https://evil.example|click> & \u202e \n\n> quote';
const policy: Policy = {
  roles: { all: { users: Array.from({ length: 500 }, (_, index) => `U0${index}`), groups: ['S0A'] } },
  rights: { look: ['all'], ask: ['all'], approve: ['all'], panic: ['all'] },
  ownRequests: false,
  privateNetworks: [],
  approvalSeconds: 60,
  sensitivePorts: [],
  rules: [],
};

function check(view: View): void {
  expect(violationsOf(view as never)).toEqual([]);
  const all = JSON.stringify(view);
  expect(all).not.toContain('<!channel>');
  expect(all).not.toContain('<https://evil');
}

const hopLike = { hop: 'instance', state: 'broken' } as const;

function record(over: Partial<RequestRecord> = {}): RequestRecord {
  const command = {
    action: 'expose',
    target: { instance: 'blog' },
    port: 80,
    protocol: 'tcp',
    sources: ['0.0.0.0/0'],
    reason: EVIL,
  } as const;
  const asked = {
    id: 'req-abc',
    command: { ...command, sources: ['0.0.0.0/0'] },
    requester: 'U0ALICE',
    channel: 'C0',
    text: EVIL,
    at: 1,
  };
  return {
    asked,
    state: 'waiting',
    plan: planOf('req-abc'),
    approval: approvalFor('it lets in anyone'),
    waitsUntil: 2,
    ...over,
  };
}

describe('messages', () => {
  it.each(SIZES)('of a request with %d steps, warnings and differences', (size) => {
    const plan = planOf('req-abc');
    const [step] = plan.steps;
    const steps = Array.from({ length: size }, () => step).filter((each) => each !== undefined);
    const lines = Array.from({ length: size }, () => EVIL);
    check(
      requestView(
        record({ plan: { ...plan, steps, warnings: lines, why: [EVIL, ...lines] }, changed: lines }),
        policy,
      ),
    );
  });

  it.each(SIZES)('of a request about a host that closes %d doors', (size) => {
    const closes = Array.from({ length: size }, () => planOf('req-abc').door);
    const steps = closes.map((door) => ({ ...DRAIN, door }));
    const lines = Array.from({ length: size }, () => EVIL);
    const plan = workPlan({
      steps,
      closes,
      why: lines,
      cost: lines,
      warnings: lines,
      summary: EVIL.repeat(9),
    });
    const running = steps.map(() => 'running' as const);
    check(
      requestView(
        record({
          plan,
          approval: approvalFor(
            EVIL.repeat(50),
            { by: ['all'], count: 9, escalate: { to: ['all'], afterSeconds: 1 } },
            EVIL,
          ),
          steps: running,
          progress: EVIL,
        }),
        policy,
      ),
    );
    check(answerView({ kind: 'dry_run', command: 'host delete web9', plan, ruling: approvalFor(EVIL) }));
    check(
      answerView({
        kind: 'policy',
        command: 'host delete web9',
        plan,
        ruling: approvalFor(EVIL, {}, EVIL),
        approvers: '<@U0>, '.repeat(900),
      }),
    );
  });

  const broken = { state: 'broken', seen: EVIL, broken: { hop: EVIL, next: EVIL } } as const;
  const outcomes: Outcome[] = [
    { kind: 'done', proof: { state: 'proven', seen: EVIL } },
    { kind: 'unproven', proof: broken },
    { kind: 'failed', message: EVIL.repeat(500), left: Array.from({ length: 200 }, () => EVIL) },
    { kind: 'denied', by: 'U0BOB' },
    { kind: 'expired' },
  ];
  it.each(outcomes)('of a request that ended: $kind', (outcome) => {
    const ended = record({ state: 'ended', outcome, endedAt: 3 });
    check(requestView(ended, policy));
    check(endedView(ended));
  });

  it.each(SIZES)('of %d doors, requests, entries, instances and hosts', (size) => {
    const { id, ...spec } = planOf('req-abc').door;
    const door: Door = {
      id,
      ...spec,
      publicAddress: '198.51.100.11',
      owner: 'U0A',
      reason: EVIL,
      request: 'req-abc',
      openedAt: 1,
      proof: broken,
    };
    check(doorsView(Array.from({ length: size }, () => ({ ...door, endsAt: 2, forSeconds: 31_622_400 }))));
    const asked = digestView(Array.from({ length: size }, () => ({ ...door, endsAt: 2 })));
    if (asked !== undefined) check(asked);
    expect(asked === undefined).toBe(size === 0);
    check(requestsView(Array.from({ length: size }, () => record())));
    check(
      historyView(
        record(),
        Array.from({ length: size }, () => ({ kind: 'asked' as const, what: EVIL, at: 1 })),
      ),
    );
    const instance = { host: 'web1', name: 'blog', status: 'Running', addresses: ['10.0.0.1'] };
    const silent = [{ host: 'web2', why: EVIL }];
    check(answerView({ kind: 'instances', instances: Array.from({ length: size }, () => instance), silent }));
    check(
      answerView({
        kind: 'hosts',
        hosts: Array.from({ length: size }, (_, index) => ({
          host: `web${index}`,
          answers: false,
          says: EVIL,
        })),
        clouds: Array.from({ length: size }, (_, index) => ({
          cloud: `cloud${index}`,
          answers: index % 2 === 0,
          says: EVIL,
        })),
      }),
    );
    const lines = Array.from({ length: size }, () => `${EVIL} \`\`\` \u001b[31mred`);
    check(answerView({ kind: 'logs', instance: 'web1/blog', source: 'its console', lines }));
    const snapshots = Array.from({ length: size }, (_, index) => ({ name: `snap${index}`, at: index }));
    check(answerView({ kind: 'instance', instance, doors: [], snapshots }));
    check(
      answerView({
        kind: 'dry_run',
        command: 'expose blog 80',
        plan: planOf('req-abc'),
        ruling: approvalFor('x'),
      }),
    );
    check(answerView({ kind: 'trouble', message: EVIL }));
  });

  it.each(SIZES)('that say why, with %d hops and lines of history in each of several doors', (size) => {
    const states = ['ok', 'broken', 'unknown', 'skipped'] as const;
    const hops = Array.from({ length: size }, (_, index) => ({
      hop: 'outer' as const,
      name: EVIL,
      state: states[index % states.length] ?? 'ok',
      seen: EVIL.repeat(20),
    }));
    const remedy = {
      kind: 'command',
      command: `start web1/${'blog'.repeat(15)}`,
      label: `Start ${'blog'.repeat(40)}`,
    } as const;
    const last = { ...hopLike, name: EVIL, seen: EVIL.repeat(99), remedy };
    const door = { ...planOf('req-abc').door, publicAddress: '198.51.100.11' };
    const known: Door = {
      ...door,
      owner: 'U0ALICE',
      approvers: Array.from({ length: size }, (_, index) => `U0${index}`),
      reason: EVIL.repeat(20),
      request: 'req-abc',
      openedAt: 1,
      endsAt: 2,
      proof: { state: 'proven', seen: EVIL.repeat(20) },
    };
    const look = {
      door,
      made: 'ours',
      hops,
      broken: last,
      verdict: { state: 'broken', says: EVIL.repeat(99) },
      knocked: EVIL.repeat(20),
      admission: { state: 'out', says: EVIL.repeat(99) },
      known,
      history: Array.from({ length: Math.min(size, 6) }, () => ({
        at: 1,
        kind: 'ended',
        user: 'U0BOB',
        what: EVIL.repeat(99),
      })),
    } satisfies DoorLook;
    const silent = Array.from({ length: size }, () => ({ host: EVIL, why: EVIL.repeat(9) }));
    const answer = {
      kind: 'why',
      asked: 'why blog 80',
      about: 'web1/blog:80',
      opening: 'expose web1/blog 80',
      silent,
    } as const;
    check(answerView({ ...answer, doors: [look, look, look], more: size }, { channel: 'C0' }));
    check(answerView({ ...answer, doors: [], more: 0 }, { channel: 'C0' }));
  });

  it.each(SIZES)('that are a Home with %d doors, requests and hosts, whatever their texts', (size) => {
    const EMOJI = '😀'.repeat(3_000);
    const many = <T>(make: (index: number) => T, most = size): T[] =>
      Array.from({ length: Math.min(size, most) }, (_, index) => make(index));
    const content: HomeContent = {
      mayClose: true,
      waiting: many(
        () => ({ record: record({ approval: approvalFor(EVIL + EMOJI) }), link: 'https://t/1' }),
        MOST_REQUESTS,
      ),
      waitingInAll: size,
      own: many(() => ({ record: record() }), MOST_REQUESTS),
      doors: many(() => ({
        ...planOf('req-abc').door,
        publicAddress: '198.51.100.11',
        owner: 'U0A',
        approvers: ['U0B', 'U0D'],
        reason: EVIL + EMOJI,
        sources: Array.from({ length: 200 }, (_, index) => `10.0.${index}.0/24`),
        request: 'req-abc',
        openedAt: 1,
        endsAt: 9,
        proof: { state: 'broken', seen: EVIL + EMOJI },
      })),
      page: 3,
      hosts: many((index) => ({
        host: `web${index}`,
        answers: false,
        says: EVIL + EMOJI,
        seenAt: 1,
        since: 1,
      })),
      risks: many(() => ({
        state: 'fail',
        about: 'Redis: eviction',
        seen: 'x'.repeat(200),
        next: 'y'.repeat(400),
      })),
      alarms: many((index) => ({ host: `web${index}`, by: 'U0BOB', at: 1 })),
      now: 2,
    };
    for (const each of [content, { ...content, page: 10_000 }, { ...content, refusal: 'no' }]) {
      const view = homeView(each);
      expect(violationsOfView(view as never)).toEqual([]);
      expect(JSON.stringify(view)).not.toContain('<https://evil');
    }
  });

  it('that are a modal', () => {
    expect(violationsOfView(commandModal() as never)).toEqual([]);
    const errors = modalErrors({
      kind: 'refused',
      code: 'not_understood',
      message: EVIL.repeat(99),
    } as never);
    expect(errors.command?.length).toBeLessThanOrEqual(1_000);
  });

  it('of help, whole and for one command', () => {
    check(helpView());
    check(helpView('expose'));
    check(helpView('host create'));
    check(helpView('host'));
    check(helpView('exspose'));
    check(helpView(EVIL));
  });

  it('carry titles and names from outside as plain words only', () => {
    expect(harmless('<!here> <@U1> a*b`c~ \u0007\u202e')).toBe('&lt;!here&gt; &lt;@U1&gt; abc');
  });
});
