/** The worker's part of `/lxd doctor`: each bad case is really there, and nothing that hangs keeps the answer back for long. */
import { chmodSync, mkdtempSync, rmSync } from 'node:fs';
import { createServer, type Server } from 'node:net';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterAll, beforeAll, expect, it } from 'vitest';
import { examineHost } from '../../jobs/looks/examine-host.ts';
import type { Answer } from '../../src/core/answer.ts';
import type { Finding } from '../../src/core/findings/finding.ts';
import { createLog } from '../../src/log.ts';
import { createLxdClient } from '../../src/lxd/client.ts';
import { createSandboxHost } from '../../src/sandbox/lxd/lxd-host.ts';
import { type FakeCloud, startFakeCloud } from '../openstack/fake-cloud/fake-cloud.ts';
import { EXTERNAL } from '../openstack/fake-cloud/furnish.ts';
import { fakeCloudConfig } from '../stage/fake-cloud-config.ts';
import { startRedis, type TestRedis } from '../stage/start-redis.ts';
import { until } from '../stage/until.ts';
import { type Backstage, openBackstage } from './backstage.ts';

const folder = mkdtempSync(join(tmpdir(), 'db-doctor-'));
const log = createLog({ level: 'silent', readable: false });
const [socket, deaf] = [join(folder, 'lxd.sock'), join(folder, 'deaf.sock')];
const sandbox = createSandboxHost({ socket, publicAddress: '127.0.0.1', log });
const clouds: FakeCloud[] = [];
let redis: TestRedis;
/** Takes every connection and never says a word. */
let silent: Server;
let back: Backstage;
let key = '';

beforeAll(async () => {
  redis = await startRedis();
  await sandbox.start();
  silent = createServer();
  await new Promise<void>((resolve) => silent.listen(deaf, resolve));
  for (let count = 0; count < 3; count += 1) clouds.push(await startFakeCloud());
  const [good, full, closed] = clouds as [FakeCloud, FakeCloud, FakeCloud];
  full.state.extensions.delete('standard-attr-tag');
  full.state.quotas.security_group = 1;
  const of = (cloud: FakeCloud) => ({ cloud, external: EXTERNAL.network });
  const settings = fakeCloudConfig({ good: of(good), full: of(full), closed: of(closed) }, folder);
  closed.credentials.password = 'another one by now';
  key = join(folder, 'id_ed25519');
  const ssh = { address: '127.0.0.1', port: 1, user: 'nobody', key_file: key };
  back = await openBackstage(
    {
      well: { unix: socket, public_address: '127.0.0.1' },
      gone: { unix: join(folder, 'nobody.sock') },
      hangs: { unix: deaf },
      loose: { ssh },
    },
    redis,
    undefined,
    settings,
  );
  await back.work();
});
afterAll(async () => {
  await back.close();
  await Promise.all(clouds.map((cloud) => cloud.stop()));
  silent.close();
  await sandbox.stop();
  await redis.stop();
  rmSync(folder, { recursive: true, force: true });
});

/** Asks as the bot does, and reads the answer where it waits for Slack. */
async function doctor(round: string): Promise<Finding[]> {
  await back.queues.look({ command: { action: 'doctor', round }, user: 'U0ALICE', channel: 'C0DOORS' });
  const answer = async (): Promise<Answer | undefined> => {
    const claim = await back.records.outbox.claim();
    if (claim === undefined) return undefined;
    await back.records.outbox.settle(claim, 'sent', 0);
    return claim.entry.kind === 'answer' ? claim.entry.answer : undefined;
  };
  const found = await until(answer, 'the worker’s part', 40_000);
  if (found.kind !== 'findings') throw new Error(JSON.stringify(found));
  return found.findings;
}

const of = (findings: readonly Finding[], about: string) =>
  findings
    .filter((each) => each.about === about)
    .map(({ state, seen }) => `${state}: ${seen}`)
    .join('\n');

it('says of each host, key and cloud what is wrong, within its time though one hangs', {
  timeout: 60_000,
}, async () => {
  chmodSync(key, 0o644);
  const begun = performance.now();
  const findings = await doctor('round-1');
  expect(performance.now() - begun).toBeLessThan(20_000);
  expect(await back.records.taken.has('round-1')).toBe(true);
  expect(of(findings, 'Worker')).toBe('ok: one is at work');
  expect(of(findings, 'Redis: speed and clock')).toMatch(/^ok: .*the worker’s agree$/);
  expect(of(findings, 'host well')).toMatch(
    /^ok: LXD 5\.0\.2-sandbox answers in \d+ ms, its clock is right$/,
  );
  expect(of(findings, 'host gone')).toMatch(/^fail: does not answer: .*ENOENT/);
  expect(of(findings, 'host hangs')).toMatch(/^fail: does not answer: no answer/);
  expect(of(findings, 'host loose')).toMatch(/^fail: its host key is not pinned/);
  expect(of(findings, 'key of host loose')).toMatch(/^warn: .* can be read by others \(mode 644\)/);
  expect(of(findings, 'key of cloud good')).toMatch(/^warn/);
  expect(of(findings, 'cloud good')).toMatch(/^ok: lets me in/);
  expect(of(findings, 'cloud full')).toMatch(
    /^fail: Neutron has no tags[\s\S]*warn: nearly used: 1 of 1 security groups/,
  );
  expect(of(findings, 'cloud closed')).toMatch(/^fail: does not let me in/);
  for (const { state, next } of findings) expect(next === undefined).toBe(state === 'ok');
});

it('is content with a key that nobody else can read, and misses one that is gone', {
  timeout: 60_000,
}, async () => {
  chmodSync(key, 0o600);
  expect(of(await doctor('round-2'), 'key of host loose')).toMatch(/^ok: .*mode 600/);
  rmSync(key);
  expect(of(await doctor('round-3'), 'key of host loose')).toMatch(/^fail: .*cannot be read: ENOENT/);
});

it('sees a host whose clock is off', async () => {
  const client = createLxdClient({ host: 'well', transport: { kind: 'unix', socket } });
  const host = {
    name: 'well',
    client,
    publicPorts: { from: 1, to: 65_535 },
    sshPort: 22,
    registered: false,
    drained: false,
  };
  const at = async (offMs: number) =>
    (await examineHost(host, AbortSignal.timeout(5_000), 5_000, () => Date.now() + offMs)).map(
      ({ state, seen }) => `${state}: ${seen}`,
    );
  expect((await at(90_000)).join()).toMatch(/^warn: its clock is (89|90|91) s behind$/);
  expect((await at(-3_600_000))[0]).toMatch(/^warn: its clock is 60 min ahead$/);
  expect((await at(2_000))[0]).toMatch(/^ok/);
  await client.close();
});
