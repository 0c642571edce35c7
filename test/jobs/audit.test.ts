/** What the worker tells the audit: before and after everything it changes, and when nobody decided. On the sandbox, behind a gate. */
import { mkdtempSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterAll, beforeAll, beforeEach, describe, expect, it } from 'vitest';
import { createSandboxHost } from '../../src/sandbox/lxd/lxd-host.ts';
import { type Gate, type GateCall, type GateDeed, openGate } from '../stage/lxd-gate.ts';
import { startRedis, type TestRedis } from '../stage/start-redis.ts';
import { until } from '../stage/until.ts';
import { type Backstage, openBackstage } from './backstage.ts';

describe('the worker', () => {
  const folder = mkdtempSync(join(tmpdir(), 'db-told-'));
  const [target, socket] = [join(folder, 'lxd.sock'), join(folder, 'gate.sock')];
  const log = { info() {}, warn() {}, error() {} };
  const host = createSandboxHost({ socket: target, publicAddress: '127.0.0.1', log });
  let redis: TestRedis;
  let gate: Gate;
  let back: Backstage;
  let deed: (call: GateCall) => GateDeed;
  /** The newest entry at each call that changes something, before LXD gets it. */
  let atCalls: string[] = [];

  beforeAll(async () => {
    redis = await startRedis();
    await host.start();
    gate = await openGate({
      socket,
      target,
      async before(call) {
        const { entries } = await back.records.audit.search({ most: 1 });
        atCalls.push(entries[0]?.kind ?? 'nothing');
        return deed(call);
      },
    });
    back = await openBackstage({ box: { unix: socket, public_address: '127.0.0.1' } }, redis);
    await back.work();
  });
  beforeEach(() => {
    deed = () => 'pass';
    atCalls = [];
  });
  afterAll(async () => {
    await back.close();
    await gate.close();
    await host.stop();
    await redis.stop();
    rmSync(folder, { recursive: true, force: true });
  });

  /** All entries of a request, once its end is among them. */
  const toldOf = (of: Backstage, id: string) =>
    until(async () => {
      const entries = await of.records.audit.of(id);
      return entries.some(({ kind }) => kind === 'ended') ? entries : undefined;
    }, `the end of ${id} in the audit`);

  it('tells of each step before LXD hears of it, and after it is done', async () => {
    const id = await back.ask('expose blog 80 as 18301');
    const entries = await toldOf(back, id);
    const steps = entries.filter(({ kind }) => kind.startsWith('step_'));
    expect(steps.length).toBeGreaterThan(1);
    for (const [index, { kind, what }] of steps.entries()) {
      expect(kind).toBe(index % 2 === 0 ? 'step_begun' : 'step_done');
      expect(what).toBe(steps[index - (index % 2)]?.what);
    }
    expect(atCalls.length).toBeGreaterThan(0);
    expect(new Set(atCalls)).toEqual(new Set(['step_begun']));
    expect(entries.map(({ kind }) => kind).filter((kind) => !kind.startsWith('step_'))).toEqual([
      'planned',
      'proof',
      'ended',
    ]);
    expect(entries[0]).toMatchObject({ about: 'box/blog', plan: expect.stringMatching(/^[0-9a-f]{32}$/) });
    await back.ended(await back.ask('unexpose blog 80 as 18301'));
  });

  it('tells of what it takes back, and of what it could not', async () => {
    deed = ({ number }) => (number > 1 ? 'error500' : 'pass');
    gate.calls.length = 0;
    const id = await back.ask('expose shop 80 as 18302');
    const entries = await toldOf(back, id);
    const kinds = entries.map(({ kind }) => kind);
    expect(kinds).toContain('step_failed');
    expect(kinds.filter((kind) => kind === 'undo_begun').length).toBeGreaterThan(1);
    expect(kinds).toContain('step_left');
    for (const [index, kind] of kinds.entries())
      if (kind === 'step_undone' || kind === 'step_left') expect(kinds[index - 1]).toBe('undo_begun');
    expect(new Set(atCalls)).toEqual(new Set(['step_begun', 'undo_begun']));
    expect(entries.find(({ kind }) => kind === 'step_left')?.what).toMatch(/^.+: .+$/);
  });

  it('tells that nobody decided in time', async () => {
    const strict = await openBackstage({ box: { unix: target, public_address: '127.0.0.1' } }, redis, {
      wait_for_approval: '1s',
    });
    await strict.work();
    const id = await strict.ask('expose db 80 as 18303');
    const entries = await toldOf(strict, id);
    expect(entries.map(({ kind, what }) => [kind, what])).toEqual([
      ['planned', expect.stringContaining('needs approval')],
      ['decided', 'expired'],
      ['ended', 'nobody decided in time'],
    ]);
    expect(new Set(entries.map(({ plan }) => plan)).size).toBe(2);
    await strict.close();
  });

  it('notes the policy it works by', async () => {
    const { entries } = await back.records.audit.search({ most: 1_000 });
    const [first] = entries.filter(({ kind }) => kind === 'policy_changed').reverse();
    expect(first?.what).toContain('new: without approval: 0.0.0.0/0');
  });
});
