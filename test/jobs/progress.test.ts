/** What is said of a request while it runs: how far it is, and how long it may still take where that is known. */
import { mkdtempSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterAll, beforeAll, expect, it } from 'vitest';
import { createLog } from '../../src/log.ts';
import { createSandboxHost } from '../../src/sandbox/lxd/lxd-host.ts';
import { requestView } from '../../src/slack/views/request-view.ts';
import { type Gate, type GateDeed, openGate } from '../stage/lxd-gate.ts';
import { until } from '../stage/until.ts';
import { type Backstage, openBackstage } from './backstage.ts';

const folder = mkdtempSync(join(tmpdir(), 'db-progress-'));
const [target, socket] = [join(folder, 'lxd.sock'), join(folder, 'gate.sock')];
const log = createLog({ level: 'silent', readable: false });
const sandbox = createSandboxHost({ socket: target, publicAddress: '127.0.0.1', log });
let gate: Gate;
let back: Backstage;
let letGo = () => {};
let gone: Promise<void> | undefined;

beforeAll(async () => {
  await sandbox.start();
  gate = await openGate({
    socket,
    target,
    before: async ({ path }): Promise<GateDeed> => {
      if (path.includes('/forwards')) await gone;
      return 'pass';
    },
  });
  back = await openBackstage({ box: { unix: socket, public_address: '127.0.0.1' } });
  await back.work();
});
afterAll(async () => {
  letGo();
  await back.close();
  await gate.close();
  await sandbox.stop();
  rmSync(folder, { recursive: true, force: true });
});

function hold(): void {
  gone = new Promise((resolve) => {
    letGo = resolve;
  });
}

/** The estimate that the record has, once it fits. */
const said = (id: string, words: RegExp) =>
  until(async () => {
    const record = await back.records.requests.get(id);
    return words.test(record?.estimate ?? '') ? record : undefined;
  }, `an estimate with ${words}`);

it('says nothing without data, and keeps how long the steps took', async () => {
  hold();
  const id = await back.ask('expose blog 80 as 18501 via forward');
  await until(
    async () => ((await back.records.requests.get(id))?.steps?.[1] === 'running' ? true : undefined),
    'the second step',
  );
  expect((await back.records.requests.get(id))?.estimate).toBeUndefined();
  letGo();
  const { plan } = await back.ended(id);
  expect(plan?.steps.map(({ thing }) => thing.kind)).toEqual(['pin', 'forward']);
  const [pin, forward, other] = await back.records.durations.usual([
    'open/put/pin',
    'open/put/forward',
    'open/put/proxy',
  ]);
  expect(pin).toBeGreaterThan(0);
  expect(forward).toBeGreaterThan(0);
  expect(other).toBeUndefined();
  await back.ended(await back.ask('unexpose blog 80'));
});

it('says how long it usually takes, and honestly when it takes longer', { timeout: 60_000 }, async () => {
  for (let count = 0; count < 20; count += 1) await back.records.durations.note('open/put/forward', 60_000);
  hold();
  const early = await back.ask('expose blog 80 as 18502 via forward');
  const record = await said(early, /^about (60|50|40) s left$/);
  const words = JSON.stringify(
    requestView(record, back.config.file?.policy ?? expect.fail('a policy')).blocks,
  );
  expect(words).toMatch(/At work: step 2 of 2 · about \d0 s left/);
  letGo();
  expect((await back.ended(early)).estimate).toBeUndefined();
  await back.ended(await back.ask('unexpose blog 80'));

  for (let count = 0; count < 20; count += 1) await back.records.durations.note('open/put/forward', 100);
  hold();
  const late = await back.ask('expose blog 80 as 18503 via forward');
  await said(late, /^longer than usual, which is under 1 s$/);
  letGo();
  await back.ended(late);
  await back.ended(await back.ask('unexpose blog 80'));
});
