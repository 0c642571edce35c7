/**
 * Faults by deeds, through a real sshd and proxies that break: SSH, LXD and Redis fail in the middle of opening, closing, extending and panic. Each
 * cell ends as if nothing had happened: one effect, one end, the host, the register and the audit in agreement. Prints the matrix.
 */
import { mkdtempSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { setTimeout as sleep } from 'node:timers/promises';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { startWorker } from '../../jobs/worker.ts';
import { createLog } from '../../src/log.ts';
import { createLxdClient } from '../../src/lxd/client.ts';
import type { Running } from '../../src/run-process.ts';
import { createSandboxHost, type SandboxHost } from '../../src/sandbox/lxd/lxd-host.ts';
import { Secret } from '../../src/secret.ts';
import { type Backstage, openBackstage, QUICK_TAKEOVER } from '../jobs/backstage.ts';
import { countChanges, type When } from '../jobs/count-changes.ts';
import { type SshServer, startSshServer } from '../lxd/ssh-server.ts';
import { type Gate, openGate } from '../stage/lxd-gate.ts';
import { startRedis, type TestRedis } from '../stage/start-redis.ts';
import { openTcpGate, type TcpGate } from '../stage/tcp-gate.ts';
import { complaintsOf } from './complaints.ts';
import type { Expected, Slot } from './slot.ts';

const ADDRESS = '127.9.3.1';
const PORTS = [19_301, 19_302, 19_303];
/** Longer than a frozen SSH connection is believed in (15 s). */
const FROZEN_MS = 18_000;

/** What breaks, struck at a change of the host. */
const FAULTS = {
  'SSH is cut before the call': { when: 'before', deed: ({ ssh }) => ssh.cut() },
  'SSH is cut after the effect, before the answer': { when: 'after', deed: ({ ssh }) => ssh.cut() },
  'SSH freezes, and is cut later': {
    when: 'after',
    deed: async ({ ssh }) => {
      ssh.freeze();
      await sleep(FROZEN_MS);
      ssh.cut();
      ssh.thaw();
    },
  },
  'LXD is restarted before the call': { when: 'before', deed: ({ restart }) => restart() },
  'LXD is restarted after the effect, before the answer': { when: 'after', deed: ({ restart }) => restart() },
  'Redis is cut': { when: 'after', deed: ({ queue }) => queue.cut() },
  'Redis freezes for two seconds': {
    when: 'before',
    deed: async ({ queue }) => {
      queue.freeze();
      await sleep(2_000);
      queue.thaw();
    },
  },
} as const satisfies Record<string, { when: When; deed: (parts: Parts) => void | Promise<void> }>;

interface Parts {
  ssh: TcpGate;
  queue: TcpGate;
  restart(): Promise<void>;
}

const DEEDS = {
  open: { from: [], text: 'expose blog 80 as 19301 via forward for 2h', wanted: [19_301] },
  'open by proxy': { from: [], text: 'expose blog 80 as 19302 via proxy', wanted: [19_302] },
  'open for some': {
    from: [],
    text: 'expose shop 80 as 19303 from 127.0.0.0/8 via forward',
    wanted: [19_303],
  },
  close: { from: ['expose blog 80 as 19301 via forward'], text: 'unexpose blog 80', wanted: [] },
  'close for some': {
    from: ['expose shop 80 as 19303 from 127.0.0.0/8 via proxy'],
    text: 'unexpose shop 80',
    wanted: [],
  },
  panic: {
    from: ['expose blog 80 as 19301 via forward', 'expose blog 80 as 19302 via proxy'],
    text: 'panic',
    wanted: [],
  },
} as const;

const ROADS: Record<number, Expected> = {
  19301: { instance: 'blog', road: 'forward', ends: true },
  19302: { instance: 'blog', road: 'proxy', ends: false },
  19303: { instance: 'shop', road: 'forward', ends: false },
};

describe('faults by deeds', () => {
  const told: string[][] = [['', ...Object.keys(DEEDS)]];
  let redis: TestRedis;
  let folder = '';
  let host: SandboxHost;
  let gate: Gate;
  let sshd: SshServer;
  let ssh: TcpGate;
  let queue: TcpGate;
  let back: Backstage;
  let worker: Running;
  const changes = countChanges();

  beforeAll(async () => {
    redis = await startRedis();
    folder = mkdtempSync(join(tmpdir(), 'db-matrix-'));
    const [socket, gated, stateFile] = ['lxd', 'gate', 'state'].map((name) => join(folder, name)) as [
      string,
      string,
      string,
    ];
    host = createSandboxHost({
      socket,
      publicAddress: ADDRESS,
      stateFile,
      log: createLog({ level: 'silent', readable: false }),
    });
    await host.start();
    gate = await openGate({ socket: gated, target: socket, ...changes.atGate });
    sshd = await startSshServer({ restrict: `restrict,port-forwarding,permitopen="[${gated}]:*"` });
    ssh = await openTcpGate(sshd.port);
    queue = await openTcpGate(redis.url);
    const way = {
      address: '127.0.0.1',
      port: ssh.port,
      user: sshd.user,
      key_file: sshd.keyFile,
      host_key: sshd.hostKey,
      socket: gated,
    };
    const policy = { private_networks: ['0.0.0.0/0'], sensitive_ports: [] };
    back = await openBackstage(
      { web1: { ssh: way, public_address: ADDRESS } },
      redis,
      policy,
      undefined,
      QUICK_TAKEOVER,
    );
    const url = new Secret(`redis://127.0.0.1:${queue.port}`);
    worker = await startWorker(
      { ...back.config, redis: { ...redis.config, url } },
      createLog({ level: process.env.STAGE_LOG ?? 'silent', readable: true }),
      { http: false },
    );
  });
  afterAll(async () => {
    await worker?.stop();
    await back?.close();
    await Promise.all([ssh?.close(), queue?.close(), gate?.close()]);
    await sshd?.stop();
    await host?.stop();
    await redis?.stop();
    rmSync(folder, { recursive: true, force: true });
    process.stdout.write(`${tableOf(told)}\n`);
  });

  const restart = async (): Promise<void> => {
    await host.stop();
    await host.start();
  };

  it.each(Object.keys(FAULTS) as (keyof typeof FAULTS)[])('%s', { timeout: 600_000 }, async (name) => {
    const { when, deed } = FAULTS[name];
    const line = [name as string];
    told.push(line);
    const failed: string[] = [];
    for (const [column, { from, text, wanted }] of Object.entries(DEEDS)) {
      const wrong = await cell(from, text, wanted, when, deed);
      line.push(wrong.length === 0 ? 'ok' : 'FAILED');
      failed.push(...wrong.map((each) => `${column}: ${each}`));
    }
    expect(failed).toEqual([]);
  });

  async function cell(
    from: readonly string[],
    text: string,
    wanted: readonly number[],
    when: When,
    deed: (parts: Parts) => void | Promise<void>,
  ): Promise<string[]> {
    const asked: string[] = [];
    const did = async (said: string) => {
      const id = await back.ask(said, said === 'panic' ? 'U0BOB' : 'U0ALICE');
      asked.push(id);
      return back.ended(id, 120_000);
    };
    for (const said of from) expect((await did(said)).outcome).toMatchObject({ kind: 'done' });
    let struck: Promise<void> | undefined;
    changes.forget();
    changes.strikeAt(1, when, () => {
      struck = Promise.resolve(deed({ ssh, queue, restart }));
    });
    const { outcome } = await did(text);
    await struck;
    const client = createLxdClient({
      host: 'web1',
      transport: { kind: 'unix', socket: join(folder, 'lxd') },
    });
    const model = new Map(wanted.map((port) => [port, ROADS[port] as Expected]));
    const slots = PORTS.map((publicPort) => ({ publicPort }) as Slot);
    const wrong = await complaintsOf({ back, client, address: ADDRESS, model, slots }, asked);
    await client.close();
    await did('panic');
    await back.records.panic.lift(undefined);
    await back.records.panic.forget((await back.records.panic.kept()).map(({ id }) => id));
    return [
      ...(struck === undefined ? ['nothing was struck'] : []),
      ...(outcome?.kind === 'done' ? [] : [`ended with ${JSON.stringify(outcome)}`]),
      ...wrong,
    ];
  }
});

function tableOf(lines: readonly (readonly string[])[]): string {
  const widths = (lines[0] ?? []).map((_, column) =>
    Math.max(...lines.map((line) => line[column]?.length ?? 0)),
  );
  return lines
    .map((line) => line.map((cell, column) => cell.padEnd(widths[column] ?? 0)).join('  '))
    .join('\n');
}
