/** Redis killed, frozen and failed over in the middle of requests: everybody in Slack hears how it ends, and nothing is done twice. */
import { afterEach, describe, expect, it } from 'vitest';
import { type Check, checkEnd, checkNext, UNCHECKED } from '../../src/core/audit/audit-chain.ts';
import type { GateDeed } from '../stage/lxd-gate.ts';
import {
  noRedisServer,
  type RedisProcess,
  startMortalRedis,
  startSentinels,
} from '../stage/redis-process.ts';
import { raiseSandboxStage, type SandboxStage } from '../stage/sandbox-stage.ts';
import { ALICE } from '../stage/stage.ts';
import type { TestRedis } from '../stage/start-redis.ts';
import { until } from '../stage/until.ts';

/** Bounds a hang: a master that hangs is noticed after a quarter of a minute, by each connection by itself. */
const ENDS_MS = 240_000;

describe.skipIf(noRedisServer)(
  `while requests run${noRedisServer === undefined ? '' : ` (${noRedisServer})`}`,
  () => {
    let its: SandboxStage | undefined;
    let ports = 19_100;
    afterEach(async () => {
      await its?.close();
      its = undefined;
    });

    /** A stage whose first change on the host waits, with everything behind it. */
    async function raise(redis: TestRedis) {
      let goOn = (): void => {};
      const held = new Promise<void>((resolve) => {
        goOn = resolve;
      });
      let changes = 0;
      ports += 100;
      const first = ports;
      its = await raiseSandboxStage({
        ...{ ports: first, redis, takeoverMs: 3_000 },
        policy: { privateNetworks: ['0.0.0.0/0'] },
        before: async (): Promise<GateDeed> => {
          changes += 1;
          await held;
          return 'pass';
        },
      });
      const { stage } = its;
      const ids: string[] = [];
      for (const [index, name] of ['blog', 'shop', 'blog'].entries())
        ids.push(await stage.ask(ALICE, `expose ${name} 80 as ${first + index}`));
      await until(async () => (changes > 0 ? true : undefined), 'the first change');
      return { stage, ids, first, goOn };
    }

    /** Every request has ended once, its message says how, its door answers, and the audit holds. */
    async function allEnded({ stage, ids }: Awaited<ReturnType<typeof raise>>): Promise<void> {
      for (const id of ids) await stage.seeRequest(id, /answered 200|proven/, ENDS_MS);
      const doors = await stage.records.doors.list();
      expect(doors.map(({ request }) => request).sort()).toEqual([...ids].sort());
      for (const { publicAddress, publicPort } of doors)
        expect((await fetch(`http://${publicAddress}:${publicPort}/`)).status).toBe(200);
      let check: Check = UNCHECKED;
      const ended: string[] = [];
      const { head, upTo } = await stage.records.audit.end();
      for await (const page of stage.records.audit.rows(upTo)) {
        check = page.reduce(checkNext, check);
        ended.push(...page.flatMap((entry) => (entry?.kind === 'ended' ? [entry.request ?? ''] : [])));
      }
      expect(checkEnd(check, head).found).toBeUndefined();
      expect(ended.sort()).toEqual([...ids].sort());
      expect(await stage.records.requests.open()).toEqual([]);
      const shown = await stage.messages();
      for (const id of ids)
        expect(shown.filter(({ words }) => words.includes(` · \`${id}\``))).toHaveLength(1);
    }

    it('a Redis that is killed and comes back with its file has lost nothing', async () => {
      const redis = await startMortalRedis();
      const running = await raise(redis);
      const message = await running.stage.seeRequest(running.ids[0] ?? '', /▶|forward/);
      await redis.server.end('SIGKILL');
      const away = 'Nothing was kept and nothing was begun: say it again';
      const told = async () =>
        (await running.stage.messages()).filter(({ words }) => words.includes(away)).length;
      await running.stage.type(ALICE, 'doors');
      await until(async () => ((await told()) === 1 ? true : undefined), 'the answer to a command');
      await running.stage.click(ALICE, message, 'cancel_request');
      await until(async () => ((await told()) === 2 ? true : undefined), 'the answer to a click');
      running.goOn();
      await redis.server.start();
      await allEnded(running);
    }, 300_000);

    it('a Redis that hangs for seconds is said to be away, and then all goes on', async () => {
      const redis = await startMortalRedis();
      const running = await raise(redis);
      redis.server.signal('SIGSTOP');
      await running.stage.type(ALICE, `expose blog 80 as ${running.first + 9}`);
      await running.stage.see('Nothing was kept and nothing was begun: say it again');
      redis.server.signal('SIGCONT');
      running.goOn();
      await allEnded(running);
    }, 300_000);

    it.each([
      ['is killed', (master: RedisProcess) => master.end('SIGKILL')],
      // Its connections stay, so that only the time that it owes an answer tells.
      ['hangs', async (master: RedisProcess) => master.signal('SIGSTOP')],
    ])(
      'a master that %s is replaced by its replica, and the requests end there',
      async (_, away) => {
        const { redis, master, replica } = await startSentinels();
        const running = await raise(redis);
        // What the replica has not got yet when the master goes is lost, whoever asks.
        const written = await offsetOf(master);
        const hasAll = async () => ((await offsetOf(replica)) >= written ? true : undefined);
        await until(hasAll, 'the replica to have all that was answered');
        await away(master);
        running.goOn();
        // Sentinel cuts all connections to a replica that becomes the master.
        const leads = () =>
          replica.ask('ROLE').then(
            (role) => String(role).startsWith('master'),
            () => false,
          );
        await until(async () => ((await leads()) ? true : undefined), 'a new master', 60_000);
        await allEnded(running);
      },
      300_000,
    );
  },
);

/** How far the stream of changes is there. */
async function offsetOf(server: RedisProcess): Promise<number> {
  return Number(/master_repl_offset:(\d+)/.exec(String(await server.ask('INFO', 'replication')))?.[1]);
}
