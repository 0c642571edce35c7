/** The worker asks the policy itself: whatever stands in a queue goes no further than the policy lets it. */
import { mkdtempSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterAll, afterEach, beforeAll, describe, expect, it } from 'vitest';
import { stringify } from 'yaml';
import { createSandboxHost } from '../../src/sandbox/lxd/lxd-host.ts';
import { startRedis, type TestRedis } from '../stage/start-redis.ts';
import { until } from '../stage/until.ts';
import { type Backstage, openBackstage } from './backstage.ts';

describe('the policy in the worker', () => {
  const folder = mkdtempSync(join(tmpdir(), 'db-rules-'));
  const socket = join(folder, 'lxd.sock');
  const sandbox = createSandboxHost({
    socket,
    publicAddress: '127.0.0.1',
    log: { info() {}, warn() {}, error() {} },
  });
  let redis: TestRedis;
  let back: Backstage | undefined;

  beforeAll(async () => {
    redis = await startRedis();
    await sandbox.start();
  });
  afterEach(() => back?.close());
  afterAll(async () => {
    await sandbox.stop();
    await redis.stop();
    rmSync(folder, { recursive: true, force: true });
  });

  async function open(policy: Record<string, unknown>): Promise<Backstage> {
    const hosts = { box: { unix: socket, public_address: '127.0.0.1', labels: { env: 'production' } } };
    back = await openBackstage(hosts, redis, policy);
    await back.work();
    return back;
  }
  const waits = ({ records }: Backstage, id: string) =>
    until(async () => {
      const record = await records.requests.get(id);
      if (record?.outcome !== undefined) throw new Error(JSON.stringify(record.outcome));
      return record?.state === 'waiting' ? record : undefined;
    }, `${id} to wait`);
  const outcomeOf = async (its: Backstage, id: string) => (await its.ended(id)).outcome;

  it('refuses whoever may not ask, however the request came into the queue', async () => {
    const its = await open({ ask: ['approvers'] });
    expect(await outcomeOf(its, await its.ask('expose blog 80 as 18701'))).toMatchObject({
      kind: 'refused',
      reason: 'not_permitted',
      message: expect.stringContaining('`expose` is for approvers'),
    });
  });

  it('refuses by a rule about the labels of the host, in the words of the rule', async () => {
    const rule = {
      name: 'production is closed',
      when: { labels: { env: 'production' }, beyond: ['10.0.0.0/8'] },
      end: 'refuse',
      text: 'production is open to the office only',
    };
    const its = await open({ rules: [rule], private_networks: ['0.0.0.0/0'] });
    expect(await outcomeOf(its, await its.ask('expose blog 80 as 18702'))).toMatchObject({
      kind: 'refused',
      message: 'The policy refuses it: production is open to the office only.',
      next: expect.stringContaining('production is closed'),
    });
    expect(await its.records.doors.list()).toEqual([]);
  });

  it('waits for as many different people as a rule asks for', async () => {
    const rule = { name: 'two', when: { actions: ['expose'] }, end: 'approve', approval: { count: 2 } };
    const its = await open({ rules: [rule] });
    const id = await its.ask('expose blog 80 as 18703');
    await its.approve(id, 'U0BOB');
    const half = await waits(its, id);
    expect(half.approvals).toMatchObject([{ by: 'U0BOB' }]);
    await its.approve(id, 'U0BOB');
    expect((await waits(its, id)).decision).toBeUndefined();
    await its.approve(id, 'U0DAVE');
    const ended = await its.ended(id);
    expect(ended.outcome).toMatchObject({ kind: 'done' });
    expect(ended.decision?.approvals?.map(({ by }) => by)).toEqual(['U0BOB', 'U0DAVE']);
    await its.ended(await its.ask('unexpose blog 80 as 18703'));
  });

  it.each([
    ['somebody without the role', [{ by: 'U0CAROL', groups: [] }]],
    ['somebody of a group that no role has', [{ by: 'U0CAROL', groups: ['S0NONE'] }]],
    ['the requester', [{ by: 'U0ALICE', groups: [] }]],
    ['nobody', []],
    [
      'one person twice',
      [
        { by: 'U0BOB', groups: [] },
        { by: 'U0BOB', groups: [] },
      ],
    ],
  ])('does not go by a decision that rests on %s', async (_, votes) => {
    const approval = { count: votes.length === 2 ? 2 : 1 };
    const its = await open({ rules: [{ name: 'all', when: {}, end: 'approve', approval }] });
    const id = await its.ask('expose blog 80 as 18704');
    const { plan } = await waits(its, id);
    const fingerprint = plan?.fingerprint ?? '';
    const approvals = votes.map((vote) => ({ ...vote, at: Date.now() }));
    const forged = { verdict: 'approved', by: 'U0BOB', at: Date.now(), approvals } as const;
    await its.records.decisions.decide(id, fingerprint, forged);
    await its.queues.release({ request: id, fingerprint });
    expect(await outcomeOf(its, id)).toMatchObject({
      kind: 'refused',
      message: expect.stringContaining('approvals are not enough'),
    });
    expect(await its.records.doors.list()).toEqual([]);
  });

  it('goes by the policy as it is when the steps begin, not as it was at the click', async () => {
    const its = await open({ private_networks: [] });
    const id = await its.ask('expose blog 80 as 18705');
    await waits(its, id);
    const path = its.env.DRAWBRIDGE_CONFIG;
    const text = readFileSync(path, 'utf8');
    const rule = { name: 'frozen', when: {}, end: 'refuse', text: 'nothing changes this week' };
    writeFileSync(path, text.replace('policy:\n', `policy:\n  rules: ${JSON.stringify([rule])}\n`));
    expect(stringify(text)).not.toBe(stringify(readFileSync(path, 'utf8')));
    await until(async () => {
      const look = await its.ended(await its.ask('restart blog'), 20_000);
      return look.outcome?.kind === 'refused' ? true : undefined;
    }, 'the new policy to hold');
    await its.approve(id);
    expect(await outcomeOf(its, id)).toMatchObject({
      kind: 'refused',
      message: expect.stringContaining('nothing changes this week'),
    });
  });
});
