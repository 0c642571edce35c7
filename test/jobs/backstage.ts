/** The worker's side without Slack: requests put into the records by hand, as the bot would. */
import { mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { stringify } from 'yaml';
import { startWorker } from '../../jobs/worker.ts';
import { type Config, loadConfig } from '../../src/config.ts';
import { canonicalCommand } from '../../src/core/commands/canonical-command.ts';
import { parseCommand } from '../../src/core/commands/command.ts';
import { isChange } from '../../src/core/commands/grammar.ts';
import type { RequestRecord } from '../../src/core/record.ts';
import { isRefusal } from '../../src/core/refusal.ts';
import type { ChangeCommand } from '../../src/core/request.ts';
import { createLog } from '../../src/log.ts';
import { createQueues } from '../../src/queues.ts';
import { createRecords } from '../../src/records/records.ts';
import { connectRedis } from '../../src/records/redis.ts';
import type { Running } from '../../src/run-process.ts';
import type { CloudSettings } from '../stage/fake-cloud-config.ts';
import { startRedis, type TestRedis } from '../stage/start-redis.ts';
import { until } from '../stage/until.ts';

/** Alice asks; Bob and Dave decide. */
const ROLES = { operators: { users: ['U0ALICE'] }, approvers: { users: ['U0BOB', 'U0DAVE'] } };
const RIGHTS = { look: ['operators'], ask: ['operators'], approve: ['approvers'] };

/** For tests that kill workers: a dead one is found sooner, and a busy machine still makes none of a living one. */
export const QUICK_TAKEOVER = { takeover: '3s' };

export type Backstage = Awaited<ReturnType<typeof openBackstage>>;

/**
 * @param hosts the section `hosts` of the configuration
 * @param policy the section `policy`; by default doors to anyone need no approval
 * @param more other sections
 * @param clouds the section `clouds`, and the environment that lets a worker in
 * @param more other sections
 */
export async function openBackstage(
  hosts: Record<string, unknown>,
  shared?: TestRedis,
  policy: Record<string, unknown> = { private_networks: ['0.0.0.0/0'], sensitive_ports: [] },
  clouds: CloudSettings = { section: {}, env: {} },
  more: Record<string, unknown> = {},
) {
  const folder = mkdtempSync(join(tmpdir(), 'db-back-'));
  const redis = shared ?? (await startRedis());
  const configFile = join(folder, 'drawbridge.yaml');
  writeFileSync(
    configFile,
    stringify({ hosts, roles: ROLES, policy: { ...RIGHTS, ...policy }, clouds: clouds.section, ...more }),
  );
  const name = `back-${Math.random().toString(36).slice(2, 8)}`;
  const env = { ...clouds.env, DRAWBRIDGE_CONFIG: configFile, DRAWBRIDGE_PREFIX: name };
  const config: Config = { ...loadConfig({ LOG_LEVEL: 'silent', ...env }), redis: redis.config, port: 0 };
  const log = createLog({ level: process.env.STAGE_LOG ?? 'silent', readable: true });
  const own = await connectRedis(redis.config, { patient: false }, log);
  const records = createRecords(own, config.prefix);
  const queues = createQueues(own, config.prefix);
  const workers: Running[] = [];

  /** @param said what is typed, or the command itself where nobody could type it */
  async function ask(said: string | ChangeCommand, requester = 'U0ALICE'): Promise<string> {
    const text = typeof said === 'string' ? said : canonicalCommand(said);
    const command = typeof said === 'string' ? parseCommand(said, config.file?.networks ?? {}) : said;
    if (isRefusal(command) || !isChange(command.action)) throw new Error(`not a change: ${text}`);
    const id = `req-${Math.random().toString(36).slice(2, 10)}`;
    await records.requests.create({
      id,
      command: command as ChangeCommand,
      requester,
      channel: 'C0DOORS',
      text,
      at: Date.now(),
    });
    await queues.plan({ request: id });
    return id;
  }

  /** Its end was told as well: whoever dies before that leaves it to a sweep. */
  async function ended(id: string, ms = 60_000): Promise<RequestRecord> {
    const record = async () => {
      const found = await records.requests.get(id);
      return found?.state === 'ended' && !(await records.requests.isUntold(id)) ? found : undefined;
    };
    return until(record, `${id} to end`, ms, 3);
  }

  /** Approves the plan that waits, as somebody would by its button. */
  async function approve(id: string, by = 'U0BOB'): Promise<void> {
    const waiting = async () => {
      const record = await records.requests.get(id);
      if (record?.outcome !== undefined) throw new Error(`${id} ended: ${JSON.stringify(record.outcome)}`);
      return record?.state === 'waiting' && record.decision === undefined ? record : undefined;
    };
    const { plan, approval } = await until(waiting, `${id} to wait for a decision`, 60_000, 3);
    const fingerprint = plan?.fingerprint ?? '';
    const yes = { by, groups: [], at: Date.now() };
    const { kind } = await records.decisions.approve(id, fingerprint, yes, approval?.need.count ?? 1);
    if (kind === 'won') await queues.release({ request: id, fingerprint });
  }

  return {
    records,
    queues,
    config,
    ask,
    approve,
    ended,
    /** Settings for a worker in a process of its own. */
    env: { ...env, REDIS_URL: redis.url },
    /**
     * Workers in this process.
     * @param follow whether they hear of changes that a test makes by hand, and may mend them at once
     */
    async work(count = 1, follow = true): Promise<void> {
      for (let each = 0; each < count; each += 1)
        workers.push(await startWorker(config, log, { http: false, follow }));
    },
    /** No worker runs in this process. */
    resting: () => workers.length === 0,
    /** Stops the workers in this process. */
    async rest(): Promise<void> {
      await Promise.all(workers.splice(0).map((worker) => worker.stop()));
    },
    async close(): Promise<void> {
      await Promise.all(workers.map((worker) => worker.stop()));
      await queues.close();
      own.disconnect();
      if (shared === undefined) await redis.stop();
      rmSync(folder, { recursive: true, force: true });
    },
  };
}
