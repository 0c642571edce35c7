/**
 * Whatever people do in whatever order: no door opens without valid approvals of exactly its plan. Commands, clicks (late, repeated, on older
 * plans, by people without the right), forged decisions, jobs that are let go, denials, expiries, changes of the policy and restarts of bot and
 * worker, at random; afterwards every step that ran is held against what the test itself knows.
 */
import { mkdtempSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { setTimeout as sleep } from 'node:timers/promises';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { stringify } from 'yaml';
import { startWorker } from '../../jobs/worker.ts';
import { parseConfigFile } from '../../src/config-file.ts';
import type { Plan } from '../../src/core/plan.ts';
import { createSandboxHost } from '../../src/sandbox/lxd/lxd-host.ts';
import { openSlackSide, type SlackSide } from '../slack/slack-side.ts';
import { until } from '../stage/until.ts';
import { randomFrom } from '../support/random.ts';

const SEED = Number(process.env.DRAWBRIDGE_SEED ?? Date.now() % 1_000_000);
const ROUNDS = Number(process.env.DRAWBRIDGE_ROUNDS ?? 6);
const DEEDS = 24;
const LONG = { timeout: 240_000 };
/** A file is looked at once a second, and a step may have begun just before. */
const SLACK_MS = 3_000;

/** A policy as the test understands it: who may approve, how many it takes, or that nothing may be opened. */
interface Law {
  approvers: string[];
  count: number;
  refuses?: true;
}

const LAWS: readonly Law[] = [
  { approvers: ['U0BOB', 'U0DAVE'], count: 1 },
  { approvers: ['U0BOB', 'U0DAVE', 'U0ERIN'], count: 2 },
  { approvers: ['U0DAVE'], count: 1 },
  { approvers: ['U0BOB', 'U0DAVE'], count: 1, refuses: true },
];
const TEXTS = [
  'blog 80',
  'shop 80',
  'db 5432',
  'blog 80 from 10.0.0.0/8',
  'shop 80 as 18801',
  'blog 80 via proxy',
];

describe(`no way round the approval (seed ${SEED})`, () => {
  const random = randomFrom(SEED);
  const folder = mkdtempSync(join(tmpdir(), 'db-way-'));
  const socket = join(folder, 'lxd.sock');
  const file = join(folder, 'drawbridge.yaml');
  const quiet = { info() {}, warn() {}, error() {} };
  const sandbox = createSandboxHost({ socket, publicAddress: '127.0.0.1', log: quiet });
  const laws: { law: Law; from: number }[] = [];
  const approvals: { request: string; plan: string; user: string; at: number }[] = [];
  let side: SlackSide;
  let worker: Awaited<ReturnType<typeof startWorker>>;
  let opened = 0;
  let refused = 0;

  function writeLaw(law: Law): string {
    const text = stringify({
      hosts: { box: { unix: socket, public_address: '127.0.0.1' } },
      roles: {
        askers: { users: ['U0ALICE', 'U0BOB'] },
        approvers: { users: law.approvers },
      },
      policy: {
        ...{ look: ['askers'], ask: ['askers'], approve: ['approvers'], wait_for_approval: '4s' },
        ...{ private_networks: ['10.0.0.0/8'], sensitive_ports: [] },
        rules: [
          law.refuses === true
            ? { name: 'closed', when: { actions: ['expose'] }, end: 'refuse', text: 'nothing is opened now' }
            : {
                ...{ name: 'count', when: { actions: ['expose'], beyond: ['10.0.0.0/8'] }, end: 'approve' },
                approval: { count: law.count, within: '4s' },
              },
        ],
      },
    });
    writeFileSync(file, text);
    laws.push({ law, from: Date.now() });
    return text;
  }

  /** A process reads the file when it starts, and does not start with a broken one. */
  function readFile(): void {
    if ('problems' in parseConfigFile(readFileSync(file, 'utf8'))) writeLaw(laws.at(-1)?.law ?? never());
    const parsed = parseConfigFile(readFileSync(file, 'utf8'));
    if ('config' in parsed) Object.assign(side.config, { file: parsed.config });
  }

  beforeAll(async () => {
    await sandbox.start();
    const parsed = parseConfigFile(writeLaw(LAWS[0] ?? never()));
    if ('problems' in parsed) throw new Error(parsed.problems.join());
    side = await openSlackSide(parsed.config, { configPath: file });
    worker = await startWorker(side.config, side.log, { http: false });
  });
  afterAll(async () => {
    await worker.stop();
    await side.close();
    await sandbox.stop();
    rmSync(folder, { recursive: true, force: true });
  });

  /** Requests that are still alive, with every plan that was shown for each. */
  const plans = new Map<string, Plan[]>();
  async function lookForPlans(): Promise<void> {
    for (const id of await side.records.requests.open()) {
      const plan = (await side.records.requests.get(id))?.plan;
      const known = plans.get(id) ?? [];
      if (plan !== undefined && !known.some(({ fingerprint }) => fingerprint === plan.fingerprint))
        known.push(plan);
      plans.set(id, known);
    }
  }
  /** Some request and some plan of it; mostly one that lives and its newest. */
  function somePlan(): { id: string; plan: Plan } | undefined {
    const ids = [...plans.keys()].slice(-4).filter((id) => (plans.get(id) ?? []).length > 0);
    if (ids.length === 0) return undefined;
    const id = random.pick(ids);
    const shown = plans.get(id) ?? [];
    const plan = random.below(4) === 0 ? random.pick(shown) : shown.at(-1);
    return plan && { id, plan };
  }

  async function approve(user: string): Promise<void> {
    const some = somePlan();
    if (some === undefined) return;
    const { id, plan } = some;
    const at = Date.now();
    await side.click(user, 'approve_request', id, plan);
    approvals.push({ request: id, plan: plan.fingerprint, user, at });
  }

  const DEEDS_BY_NAME: Record<string, () => Promise<unknown>> = {
    ask: () => side.command(`expose ${random.pick(TEXTS)}`, random.pick(['U0ALICE', 'U0BOB', 'U0MALLORY'])),
    approve: () => approve(random.pick(['U0BOB', 'U0DAVE', 'U0ERIN'])),
    'approve one’s own, or without the right': () => approve(random.pick(['U0ALICE', 'U0MALLORY', 'U0BOB'])),
    'approve twice': async () => {
      const user = random.pick(['U0BOB', 'U0DAVE']);
      await Promise.all([approve(user), approve(user)]);
    },
    deny: async () => {
      const some = somePlan();
      if (some !== undefined)
        await side.click(random.pick(['U0BOB', 'U0MALLORY']), 'deny_request', some.id, some.plan);
    },
    cancel: async () => {
      const some = somePlan();
      if (some !== undefined) await side.command(`cancel ${some.id}`, random.pick(['U0ALICE', 'U0MALLORY']));
    },
    'let a job go': async () => {
      const some = somePlan();
      if (some !== undefined)
        await side.queues.release({ request: some.id, fingerprint: some.plan.fingerprint });
    },
    'queue an older plan': async () => {
      const some = somePlan();
      if (some !== undefined)
        await side.queues.apply({ request: some.id, fingerprint: some.plan.fingerprint }, 0);
    },
    'forge a decision': async () => {
      const some = somePlan();
      if (some === undefined) return;
      const at = Date.now();
      const { fingerprint } = some.plan;
      const approvals = [{ by: 'U0MALLORY', groups: [], at }];
      await side.records.decisions.decide(some.id, fingerprint, {
        verdict: 'approved',
        by: 'U0MALLORY',
        at,
        approvals,
      });
      await side.queues.release({ request: some.id, fingerprint });
    },
    'change the policy': async () => void writeLaw(random.pick(LAWS)),
    'break the file': async () => writeFileSync(file, 'policy: ['),
    'restart the worker': async () => {
      readFile();
      await worker.stop();
      worker = await startWorker(side.config, side.log, { http: false });
    },
    'restart the bot': async () => {
      readFile();
      await side.restartBot();
    },
    wait: () => sleep(random.below(1_500)),
  };
  const WEIGHED = ['ask', 'ask', 'approve', 'approve', 'approve', 'wait', ...Object.keys(DEEDS_BY_NAME)];

  it.each(Array.from({ length: ROUNDS }, (_, index) => index))('round %d', LONG, round);

  it(
    'has opened some doors and refused some, if need be in more rounds, or it would have shown nothing',
    LONG,
    async () => {
      for (let more = 0; more < ROUNDS && (opened === 0 || refused === 0); more += 1) await round();
      expect(opened).toBeGreaterThan(0);
      expect(refused).toBeGreaterThan(0);
    },
  );

  async function round(): Promise<void> {
    const done: string[] = [];
    for (let deed = 0; deed < DEEDS; deed += 1) {
      const name = random.pick(WEIGHED);
      done.push(name);
      await DEEDS_BY_NAME[name]?.();
      await sleep(random.below(120));
      await lookForPlans();
    }
    // The file may be broken: whatever held holds, and so it does for the rest.
    await until(
      async () => ((await side.records.requests.open()).length === 0 ? true : undefined),
      'all to end',
      60_000,
    );
    for (const [id, shown] of plans) await expectLawful(id, shown, done);
    plans.clear();
    for (const { host, instance, port, publicPort } of await side.records.doors.list())
      await side.command(`unexpose ${host}/${instance} ${port} as ${publicPort}`);
    await until(
      async () => ((await side.records.doors.list()).length === 0 ? true : undefined),
      'all to close',
      60_000,
    );
  }

  /** Every step that ran did so under a law that held then, by people whom that law names, for the plan that ran. */
  async function expectLawful(id: string, shown: readonly Plan[], deeds: readonly string[]): Promise<void> {
    const record = await side.records.requests.get(id);
    const entries = await side.records.audit.of(id);
    const begun = entries.find(({ kind }) => kind === 'step_begun');
    if (begun === undefined) {
      refused += 1;
      return;
    }
    opened += 1;
    const carriedOut = entries.findLast(({ kind, at }) => kind === 'planned' && at <= begun.at)?.plan;
    const plan = shown.find(({ fingerprint }) => fingerprint === carriedOut) ?? record?.plan;
    const isPrivate =
      plan !== undefined && 'door' in plan && plan.door.sources.every((source) => source === '10.0.0.0/8');
    const yes = approvals.filter(
      (each) => each.request === id && each.plan === carriedOut && each.at <= begun.at,
    );
    const first = Math.min(begun.at, ...yes.map(({ at }) => at));
    const held = laws.filter(
      ({ from }, index) =>
        from <= begun.at && (laws[index + 1]?.from ?? Number.POSITIVE_INFINITY) + SLACK_MS >= first,
    );
    const allows = ({ law }: { law: Law }): boolean => {
      if (law.refuses === true) return false;
      if (isPrivate) return true;
      const good = yes.filter(({ user }) => law.approvers.includes(user) && user !== record?.asked.requester);
      return new Set(good.map(({ user }) => user)).size >= law.count;
    };
    const told = JSON.stringify(
      { seed: SEED, id, asked: record?.asked, carriedOut, yes, held, deeds, entries },
      null,
      1,
    );
    expect(held.some(allows), told).toBe(true);
  }
});

function never(): never {
  throw new Error('there is a law');
}
