/** kill -9 of a worker at every call that changes LXD, while a door opens and while it closes. */
import { mkdtempSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterAll, beforeAll, expect, it } from 'vitest';
import { describeLab } from '../lab/describe-lab.ts';
import { type LabHost, launchInstance, lxc, lxcQuery } from '../lab/lab.ts';
import { buildWorker } from '../stage/built-worker.ts';
import { openGate } from '../stage/lxd-gate.ts';
import { startRedis, type TestRedis } from '../stage/start-redis.ts';
import { takeTurns } from '../stage/take-turns.ts';
import { until } from '../stage/until.ts';
import { spawnWorker } from '../stage/worker-process.ts';
import { openBackstage, QUICK_TAKEOVER } from './backstage.ts';
import { countChanges } from './count-changes.ts';

/** Before one change is after the one before it, and before the first nothing has happened yet: so only the last is struck before, too. */
const strikes = (action: 'expose' | 'unexpose', changes: number) => [
  ...Array.from({ length: changes }, (_, index) => ({ action, number: index + 1, when: 'after' as const })),
  { action, number: changes, when: 'before' as const },
];
/** Opening with a source filter changes LXD up to four times: pin, ACL, bridge, forward. Closing three times. */
const CASES = [...strikes('expose', 4), ...strikes('unexpose', 3)];

describeLab('a worker killed in the middle', (lab) => {
  // Each case is a Drawbridge of its own, with locks of its own, and two of those do not share a host's forwards.
  const inTurn = takeTurns<LabHost>([lab.hosts.web1, lab.hosts.web2]);
  let redis: TestRedis;
  let folder = '';
  let program = '';

  beforeAll(async () => {
    redis = await startRedis();
    folder = mkdtempSync(join(tmpdir(), 'db-kill-'));
    program = await buildWorker(join(folder, 'worker'));
  });
  afterAll(async () => {
    await redis.stop();
    rmSync(folder, { recursive: true, force: true });
  });

  async function worldOf(
    host: LabHost,
    instance: string,
  ): Promise<{ ports: number; pinned: boolean; rules: number }> {
    const forwards = await lxcQuery<{ ports: { description: string }[] }[]>(
      host,
      '/1.0/networks/lxdbr0/forwards?recursion=1',
    );
    const own = await lxcQuery<{ devices: Record<string, unknown> }>(host, `/1.0/instances/${instance}`);
    const acl = await lxcQuery<{ ingress: { description: string }[] }>(
      host,
      '/1.0/network-acls/drawbridge',
    ).catch(() => ({ ingress: [] }));
    return {
      ports: forwards
        .flatMap(({ ports }) => ports)
        .filter(({ description }) => description.includes(` ${instance}:`)).length,
      pinned: own.devices.eth0 !== undefined,
      rules: acl.ingress.filter(({ description }) => description.includes(` ${instance}:`)).length,
    };
  }

  it.concurrent.each(CASES)(
    '$action goes on and ends with one effect and one message: killed $when change $number',
    { timeout: 300_000 },
    ({ action, number, when }) => inTurn((host) => strikeAndLook(host, action, number, when)),
  );

  async function strikeAndLook(
    host: LabHost,
    action: 'expose' | 'unexpose',
    number: number,
    when: 'before' | 'after',
  ): Promise<void> {
    const instance = `kill-${action}-${number}-${when}`;
    const port = 9200 + number + (when === 'before' ? 0 : 10) + (action === 'expose' ? 0 : 20);
    const socket = join(folder, `${instance}.sock`);
    const changes = countChanges();
    const gate = await openGate({ socket, target: host.socket, ...changes.atGate });
    await launchInstance(host, instance);
    const back = await openBackstage(
      { web1: { unix: socket, public_address: host.address } },
      redis,
      undefined,
      undefined,
      QUICK_TAKEOVER,
    );
    const workers = [spawnWorker(back.env, program)];
    try {
      const opening = `expose ${instance} 80 as ${port} from ${lab.ownAddress}`;
      if (action === 'unexpose')
        expect((await back.ended(await back.ask(opening))).outcome?.kind).toBe('done');
      let struck = false;
      changes.forget();
      changes.strikeAt(number, when, () => {
        struck = true;
        workers[0]?.kill();
      });
      const id = await back.ask(action === 'expose' ? opening : `unexpose ${instance} 80`);
      // A change that does not come (the ACL hangs there already) is never struck; then the request simply ends.
      await until(
        async () => (struck || (await back.records.requests.get(id))?.state === 'ended' ? true : undefined),
        'the strike',
        120_000,
      );
      workers.push(spawnWorker(back.env, program));
      const record = await back.ended(id, 90_000);
      expect(record.outcome).toMatchObject({ kind: 'done' });
      const expected =
        action === 'expose' ? { ports: 1, pinned: true, rules: 1 } : { ports: 0, pinned: false, rules: 0 };
      expect(await worldOf(host, instance)).toEqual(expected);
      const ends = (await back.records.audit.of(id)).filter(({ kind }) => kind === 'ended');
      expect(ends).toHaveLength(1);
      expect((await back.records.doors.list()).length).toBe(action === 'expose' ? 1 : 0);
      if (action === 'expose') await back.ended(await back.ask(`unexpose ${instance} 80`));
    } finally {
      for (const worker of workers) worker.kill();
      await back.close();
      await gate.close();
      await lxc(host, 'delete', '--force', instance);
    }
  }
});
