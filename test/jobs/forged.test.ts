/** What somebody puts into Redis around Slack: jobs of another shape are not carried out, and a mark that says “by itself” opens nothing. */
import { mkdtempSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { parseCommand } from '../../src/core/commands/command.ts';
import type { ChangeCommand } from '../../src/core/request.ts';
import type { Queues } from '../../src/queues.ts';
import { createSandboxHost } from '../../src/sandbox/lxd/lxd-host.ts';
import { type Gate, openGate } from '../stage/lxd-gate.ts';
import { until } from '../stage/until.ts';
import { type Backstage, openBackstage } from './backstage.ts';

describe('what was put into Redis by hand', () => {
  const folder = mkdtempSync(join(tmpdir(), 'db-forged-'));
  const truth = join(folder, 'truth.sock');
  const socket = join(folder, 'lxd.sock');
  const quiet = { info() {}, warn() {}, error() {} };
  const sandbox = createSandboxHost({ socket: truth, publicAddress: '127.0.0.1', log: quiet });
  let gate: Gate;
  let back: Backstage;

  beforeAll(async () => {
    await sandbox.start();
    gate = await openGate({ socket, target: truth });
    back = await openBackstage({ box: { unix: socket, public_address: '127.0.0.1' } });
    await back.work();
    await back.ended(await back.ask('expose blog 80 as 18751 for 2h'));
  });
  afterAll(async () => {
    await back.close();
    await gate.close();
    await sandbox.stop();
    rmSync(folder, { recursive: true, force: true });
  });

  /** Asked as the sweep would, for whatever command. */
  async function byItself(command: ChangeCommand, requester = 'U0ALICE') {
    const id = `req-${Math.random().toString(36).slice(2, 10)}`;
    const asked = { id, command, requester, channel: 'C0DOORS', text: 'forged', at: Date.now() };
    await back.records.requests.create({ ...asked, byItself: 'end', due: 1 });
    await back.queues.plan({ request: id });
    return (await back.ended(id)).outcome;
  }

  it.each([
    'expose blog 80 as 18752',
    'expose shop 80 as 18753 from 0.0.0.0/0',
    'extend blog 80 as 18751 by 90d',
    'launch debian/12 evil',
    'delete blog',
    'host delete box',
    'panic off',
  ])('opens, widens and changes nothing by a mark that it comes by itself: %s', async (text) => {
    const [calls, doors] = [gate.calls.length, await back.records.doors.list()];
    expect(await byItself(parseCommand(text, {}) as ChangeCommand)).toMatchObject({ kind: 'refused' });
    expect(gate.calls.length).toBe(calls);
    expect(await back.records.doors.list()).toEqual(doors);
  });

  it.each([
    '127.0.0.1',
    '169.254.169.254',
    'localhost',
    '2130706433',
    '0x7f000001',
    '::1',
    '::ffff:127.0.0.1',
    'fe80::1',
  ])('knocks at no address, nor at a name, that leads back to the worker: %s', async (address) => {
    const { outcome } = await back.ended(await back.ask({ action: 'host adopt', name: 'web7', address }));
    expect(outcome).toMatchObject({ message: expect.stringContaining('leads back to the worker itself') });
  });

  it('closes no door by such a mark before its end', async () => {
    const [door] = await back.records.doors.list();
    const command = parseCommand('unexpose blog 80 as 18751', {}) as ChangeCommand & { action: 'unexpose' };
    const outcome = await byItself({ ...command, door: door?.id ?? '' }, 'U0MALLORY');
    expect(outcome).toMatchObject({ kind: 'refused', message: expect.stringContaining('has not come') });
    expect(await back.records.doors.list()).toHaveLength(1);
  });

  it.each<[string, (queues: Queues) => Promise<void>]>([
    [
      'a plan with a command of its own',
      (queues) => queues.plan({ request: 'req-a', command: { action: 'panic' } } as never),
    ],
    ['a plan of a path', (queues) => queues.plan({ request: '../req-a' })],
    [
      'a plan of a megabyte',
      (queues) => queues.plan({ request: 'req-b', more: 'x'.repeat(1_000_000) } as never),
    ],
    [
      'a plan with a prototype',
      (queues) => queues.plan(JSON.parse('{"request":"req-c","__proto__":{"state":"approved"}}')),
    ],
    [
      'steps with a decision',
      (queues) => queues.apply({ request: 'req-d', fingerprint: 'a'.repeat(32), approved: true } as never, 0),
    ],
    [
      'steps of a request that there is not',
      (queues) => queues.apply({ request: 'req-e', fingerprint: 'a'.repeat(32) }, 0),
    ],
    [
      'a look that changes something',
      (queues) =>
        queues.look({ command: { action: 'expose' } as never, user: 'U0ALICE', channel: 'C0DOORS' }),
    ],
    ['a form of a path', (queues) => queues.fillForm({ form: '../../etc' })],
  ])('is not carried out: %s', async (_, put) => {
    const [calls, waiting] = [gate.calls.length, await back.records.outbox.waiting()];
    await put(back.queues);
    await until(async () => {
      const { plan, apply, look } = await back.queues.depths();
      return plan + apply + look === 0 ? true : undefined;
    }, 'the job to be gone');
    // A request that is asked behind it ends, so the workers live.
    expect((await back.ended(await back.ask('expose nobody 80'))).outcome).toMatchObject({ kind: 'refused' });
    expect(gate.calls.length).toBe(calls);
    expect(await back.records.outbox.waiting()).toBeLessThanOrEqual(waiting + 3);
    expect(await back.records.doors.list()).toHaveLength(1);
  });
});
