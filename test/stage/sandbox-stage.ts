/** A stage whose only host is the sandbox, with the people of the playground: Alice asks, Bob and Dave decide, Carol may nothing. */
import { mkdtempSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import type { FileConfig } from '../../src/config-file.ts';
import { createLog } from '../../src/log.ts';
import { PLAYGROUND_ROLES } from '../../src/sandbox/local-slack.ts';
import { createSandboxHost } from '../../src/sandbox/lxd/lxd-host.ts';
import { type GateOptions, openGate } from './lxd-gate.ts';
import { raiseStage, type Stage } from './stage.ts';
import type { TestRedis } from './start-redis.ts';

let count = 0;

export interface SandboxStageOptions {
  /** The hundred public ports of the host, from this one. */
  ports: number;
  networks?: FileConfig['networks'];
  policy?: Partial<FileConfig['policy']>;
  workers?: number;
  /** How soon a dead worker's work goes to others, in milliseconds. */
  takeoverMs?: number;
  redis?: TestRedis;
  /** Between the worker and the host. */
  before?: GateOptions['before'];
}

export interface SandboxStage {
  stage: Stage;
  /** Of the host; one of its own, so that several runs on one machine do not meet. */
  address: string;
  /** The host's socket, behind the gate. */
  socket: string;
  close(): Promise<void>;
}

/** Doors to anyone need an approval, whatever their port; those who asked do not count. */
export async function raiseSandboxStage(options: SandboxStageOptions): Promise<SandboxStage> {
  const { ports, networks = {}, policy = {}, workers = 1, redis, takeoverMs, before } = options;
  const folder = mkdtempSync(join(tmpdir(), 'db-sandbox-stage-'));
  const [socket, gated] = [join(folder, 'lxd.sock'), join(folder, 'gate.sock')];
  count += 1;
  const address = `127.${76 + count}.${process.pid % 250}.${1 + (Math.floor(process.pid / 250) % 250)}`;
  const log = createLog({ level: 'silent', readable: true });
  const lxd = createSandboxHost({ socket, publicAddress: address, log });
  await lxd.start();
  const gate = await openGate({ socket: gated, target: socket, ...(before && { before }) });
  const host = { unix: gated, public_address: address, ssh_port: 22 };
  const usual = {
    ownRequests: false,
    privateNetworks: [],
    approvalSeconds: 600,
    sensitivePorts: [],
    rules: [],
  };
  const stage = await raiseStage({
    workers,
    ...(redis && { redis }),
    file: {
      clouds: {},
      networks,
      ...(takeoverMs !== undefined && { takeoverMs }),
      hosts: { sandbox: { ...host, public_ports: { from: ports, to: ports + 99 } } },
      policy: { ...PLAYGROUND_ROLES, ...usual, ...policy },
    },
  });
  return {
    ...{ stage, address, socket },
    async close() {
      await stage.stop();
      await gate.close();
      await lxd.stop();
      rmSync(folder, { recursive: true, force: true });
    },
  };
}
